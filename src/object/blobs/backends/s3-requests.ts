// Requests to an S3 bucket of somebody else's: path style, signed by s3-signing.ts, bodies of a known length with their MD5, no trailers,
// no conditions, no checksums of newer kinds, since many refuse those. A request whose answer was lost is repeated a few times:
// each is safe to repeat.
import { createHash } from 'node:crypto'
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import { delay, type Clock } from '../../../platform/clock.ts'
import { table } from '../../../platform/table.ts'
import { encodeStrict, queryText, signed, type S3Credentials } from './s3-signing.ts'

export interface S3Bucket extends S3Credentials {
  /** http://storage.example.org:7480 */
  endpoint: string
  bucket: string
}

export interface S3Ask {
  method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE'
  /** '' for the bucket itself */
  key: string
  query?: Record<string, string>
  headers?: Record<string, string>
  body?: Buffer
}

export interface S3Requests {
  /** The answer with its body as a stream; statuses other than 2xx and 404 are errors. */
  open(ask: S3Ask): Promise<IncomingMessage>
  /** The whole answer, for small ones. */
  text(ask: S3Ask): Promise<{ status: number; headers: IncomingMessage['headers']; text: string }>
}

const attempts = 4
const firstPauseMs = 100
const silenceMs = 60_000
const longestTextBytes = 8_388_608

class S3Error extends Error {
  readonly status: number
  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

export function s3Requests(bucket: S3Bucket, clock: Clock): S3Requests {
  const endpoint = new URL(bucket.endpoint)
  const isTls = endpoint.protocol === 'https:'
  const agent = isTls ? new HttpsAgent({ keepAlive: true, maxSockets: 32 }) : new HttpAgent({ keepAlive: true, maxSockets: 32 })

  function send({ method, key, query = {}, headers = {}, body }: S3Ask): Promise<IncomingMessage> {
    const path = `/${[bucket.bucket, ...(key === '' ? [] : key.split('/'))].map(encodeStrict).join('/')}`
    const sent = table<string>({ host: endpoint.host, ...headers })
    if (body) {
      sent['content-length'] = String(body.length)
      sent['content-md5'] = createHash('md5').update(body).digest('base64')
    }
    const all = signed({ method, path, query, headers: sent }, bucket, clock.nowMs())
    const text = queryText(query)
    return new Promise((resolve, reject) => {
      const request = (isTls ? httpsRequest : httpRequest)(
        {
          agent,
          method,
          hostname: endpoint.hostname,
          port: endpoint.port,
          path: text === '' ? path : `${path}?${text}`,
          headers: all,
          timeout: silenceMs,
        },
        resolve,
      )
      request.on('timeout', () => request.destroy(new Error(`${endpoint.host} is silent`)))
      request.on('error', reject)
      request.end(body)
    })
  }

  async function open(ask: S3Ask): Promise<IncomingMessage> {
    for (let attempt = 1; ; attempt++) {
      try {
        const answer = await send(ask)
        const status = answer.statusCode ?? 0
        if ((status >= 200 && status < 300) || status === 404) return answer
        throw new S3Error(status, `${endpoint.host} answered ${ask.method} with ${status}: ${(await textOf(answer)).slice(0, 300)}`)
      } catch (error) {
        const isRefusal = error instanceof S3Error && error.status < 500
        if (isRefusal || attempt === attempts) throw error
        await delay(clock, firstPauseMs * 4 ** (attempt - 1))
      }
    }
  }

  return {
    open,
    async text(ask) {
      const answer = await open(ask)
      return { status: answer.statusCode ?? 0, headers: answer.headers, text: await textOf(answer) }
    },
  }
}

async function textOf(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    length += chunk.length
    if (length > longestTextBytes) throw new Error(`an answer of more than ${longestTextBytes} bytes`)
  }
  return Buffer.concat(chunks).toString('utf8')
}

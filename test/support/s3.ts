// A cloud with its S3 door open, and a client of that door which signs by itself (independently of the door's own code) and can also send
// what no SDK would.
import { createHash, createHmac } from 'node:crypto'
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http'
import { s3Listening, type S3Listening } from '../../src/object/s3/listening.ts'
import type { Config } from '../../src/platform/config.ts'
import { inProject, startIdentityCloud, type IdentityCloud } from './identity.ts'

export interface S3Reply {
  status: number
  headers: IncomingHttpHeaders
  body: Buffer
  text: string
  /** of an error */
  code: string | undefined
}

export interface S3Asked {
  headers?: Record<string, string>
  body?: string | Buffer
  /** 'x-amz-content-sha256'; the body's own hash when missing */
  payload?: string
  /** not signed, though sent */
  unsigned?: Record<string, string>
  /** nobody's */
  anonymous?: boolean
  atMs?: number
}

export interface S3Client {
  access: string
  secret: string
  port: number
  projectId: string
  userId: string
  /** `target` as it is to be sent: path and query */
  ask(method: string, target: string, asked?: S3Asked): Promise<S3Reply>
}

export interface S3Cloud extends IdentityCloud {
  port: number
  /** a user with a project and a key of their own */
  client(name: string, roles?: string[]): Promise<S3Client>
}

export async function startS3Cloud(config: Partial<Config> = {}): Promise<S3Cloud> {
  const cloud = await startIdentityCloud({
    config: { s3: { listen: { address: '127.0.0.1', port: 0 }, publicUrl: 'http://127.0.0.1:0' }, ...config },
  })
  const { port } = cloud.platform.caches.get(s3Listening) as S3Listening
  return {
    ...cloud,
    port,
    async client(name, roles) {
      const { userId, projectId } = await cloud.member(name, roles)
      const token = await cloud.token({ id: userId }, inProject(projectId))
      const { credential } = await cloud.does('POST', `/users/${userId}/credentials/OS-EC2`, { tenant_id: projectId }, token)
      return {
        ...s3Client({ port, access: credential.access, secret: credential.secret, nowMs: () => cloud.clock.nowMs() }),
        userId,
        projectId,
      }
    },
  }
}

const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest()
const sha256 = (bytes: string | Buffer): string => createHash('sha256').update(bytes).digest('hex')
const rfc3986 = (text: string): string =>
  encodeURIComponent(text).replaceAll(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)

export interface Key {
  port: number
  access: string
  secret: string
  nowMs(): number
}

export function s3Client(key: Key): Omit<S3Client, 'projectId' | 'userId'> {
  return {
    ...key,
    ask(method, target, { headers = {}, body, payload, unsigned = {}, anonymous = false, atMs = key.nowMs() } = {}) {
      const sent: Record<string, string> = { ...lower(headers), host: `127.0.0.1:${key.port}` }
      if (!anonymous)
        Object.assign(sent, signedHeaders(key, { method, target, headers: sent, payload: payload ?? sha256(body ?? ''), atMs }))
      return send(key.port, { method, target, headers: { ...sent, ...unsigned }, body })
    },
  }
}

const lower = (headers: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))

interface ToSign {
  method: string
  target: string
  headers: Record<string, string>
  payload: string
  atMs: number
}

export function signedHeaders(key: Key, { method, target, headers, payload, atMs }: ToSign): Record<string, string> {
  const time = `${new Date(atMs).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`
  const scope = `${time.slice(0, 8)}/us-east-1/s3/aws4_request`
  const all: Record<string, string> = { ...headers, 'x-amz-date': time, 'x-amz-content-sha256': payload }
  const names = Object.keys(all).sort()
  const [path = '', query = ''] = target.split('?')
  const canonical = [
    method,
    path,
    canonicalQuery(query),
    ...names.map((name) => `${name}:${all[name]?.trim().replaceAll(/ +/g, ' ')}`),
    '',
    names.join(';'),
    payload,
  ].join('\n')
  const text = ['AWS4-HMAC-SHA256', time, scope, sha256(Buffer.from(canonical, 'utf8'))].join('\n')
  const signature = createHmac('sha256', signingKey(key, scope)).update(text).digest('hex')
  return {
    'x-amz-date': time,
    'x-amz-content-sha256': payload,
    authorization: `AWS4-HMAC-SHA256 Credential=${key.access}/${scope}, SignedHeaders=${names.join(';')}, Signature=${signature}`,
  }
}

export const signingKey = ({ secret }: Pick<Key, 'secret'>, scope: string): Buffer =>
  scope.split('/').reduce<Buffer>((signing, part) => hmac(signing, part), Buffer.from(`AWS4${secret}`))

export const canonicalQuery = (query: string): string =>
  query
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const [name = '', ...value] = pair.split('=')
      return `${rfc3986(decodeURIComponent(name))}=${rfc3986(decodeURIComponent(value.join('=')))}`
    })
    .sort()
    .join('&')

export interface Presigning {
  method: string
  path: string
  seconds?: number
  query?: string
  headers?: Record<string, string>
}

/** A target that holds for whoever has it, until it expires. */
export function presigned(key: Key, { method, path, seconds = 60, query = '', headers = {} }: Presigning): string {
  const time = `${new Date(key.nowMs()).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`
  const scope = `${time.slice(0, 8)}/us-east-1/s3/aws4_request`
  const all: Record<string, string> = { ...lower(headers), host: `127.0.0.1:${key.port}` }
  const names = Object.keys(all).sort()
  const unsigned = [
    query,
    'X-Amz-Algorithm=AWS4-HMAC-SHA256',
    `X-Amz-Credential=${rfc3986(`${key.access}/${scope}`)}`,
    `X-Amz-Date=${time}`,
    `X-Amz-Expires=${seconds}`,
    `X-Amz-SignedHeaders=${rfc3986(names.join(';'))}`,
  ]
    .filter((part) => part !== '')
    .join('&')
  const canonical = [
    method,
    path,
    canonicalQuery(unsigned),
    ...names.map((name) => `${name}:${all[name]}`),
    '',
    names.join(';'),
    all['x-amz-content-sha256'] ?? 'UNSIGNED-PAYLOAD',
  ].join('\n')
  const text = ['AWS4-HMAC-SHA256', time, scope, sha256(canonical)].join('\n')
  return `${path}?${unsigned}&X-Amz-Signature=${createHmac('sha256', signingKey(key, scope)).update(text).digest('hex')}`
}

interface Sent {
  method: string
  target: string
  headers: Record<string, string>
  body: string | Buffer | undefined
}

export function send(port: number, { method, target, headers, body }: Sent): Promise<S3Reply> {
  return new Promise((resolve, reject) => {
    const length =
      body === undefined
        ? method === 'GET' || method === 'HEAD' || method === 'DELETE'
          ? {}
          : { 'content-length': '0' }
        : { 'content-length': String(Buffer.byteLength(body)) }
    const request = httpRequest(
      { host: '127.0.0.1', port, method, path: target, headers: { ...length, ...headers }, agent: false },
      (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('error', reject)
        response.on('end', () => {
          const whole = Buffer.concat(chunks)
          const text = whole.toString('utf8')
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: whole,
            text,
            code: /<Code>(\w+)<\/Code>/.exec(text)?.[1],
          })
        })
      },
    )
    request.on('error', reject)
    request.end(body)
  })
}

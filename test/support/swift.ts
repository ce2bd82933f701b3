// A cloud whose Swift door listens on a port of its own: `call` sends a request as it is written, `talk` bytes.
import { mkdtempSync, rmSync } from 'node:fs'
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startTestCloud, type TestCloud, type TestCloudOptions } from './cloud.ts'

export interface SwiftReply {
  status: number
  headers: IncomingHttpHeaders
  raw: string[]
  bytes: Buffer
  text: string
  json: any
}

export interface Sent {
  /** 'member@p1'; null: nobody. member@p1 when missing */
  as?: string | null
  headers?: Record<string, string>
  body?: string | Buffer
}

export interface SwiftCloud {
  cloud: TestCloud
  port: number
  /** `path` stands behind /object/v1: '/AUTH_p1/c/o'; one that begins with '!' stands behind /object */
  call(method: string, path: string, sent?: Sent): Promise<SwiftReply>
  /** Writes these bytes to a connection, and gives what came until it was closed or so long. */
  talk(bytes: string | Buffer, ms?: number): Promise<string>
  stop(): Promise<void>
}

export async function startSwift(options: TestCloudOptions = {}): Promise<SwiftCloud> {
  const dataDir = mkdtempSync(join(tmpdir(), 'swift-'))
  const cloud = await startTestCloud({ ...options, config: { dataDir, ...options.config } })
  const port = await cloud.app.listen({ address: '127.0.0.1', port: 0 })
  return {
    cloud,
    port,
    call: (method, path, sent) => call(port, method, path, sent),
    talk: (bytes, ms = 2_000) => talk(port, bytes, ms),
    async stop() {
      await cloud.stop()
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

function call(port: number, method: string, path: string, { as = 'member@p1', headers = {}, body }: Sent = {}): Promise<SwiftReply> {
  return new Promise((resolve, reject) => {
    const sent = httpRequest(
      {
        port,
        host: '127.0.0.1',
        method,
        path: path.startsWith('!') ? `/object${path.slice(1)}` : `/object/v1${path}`,
        headers: {
          ...(as === null ? {} : { 'x-auth-token': as }),
          ...(body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }),
          // what is not ASCII goes as bytes of UTF-8, as clients send it
          ...Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, Buffer.from(value).toString('latin1')])),
        },
      },
      (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('error', reject)
        response.on('end', () => {
          const bytes = Buffer.concat(chunks)
          const text = bytes.toString('utf8')
          const isJson = String(response.headers['content-type']).startsWith('application/json') && text !== ''
          const { statusCode: status = 0, rawHeaders: raw } = response
          resolve({ status, headers: response.headers, raw, bytes, text, json: isJson ? JSON.parse(text) : undefined })
        })
      },
    )
    sent.on('error', reject)
    // a text would make Node write the head as UTF-8, too
    sent.end(body === undefined ? undefined : Buffer.from(body))
  })
}

function talk(port: number, bytes: string | Buffer, ms: number): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    let text = ''
    const timer = setTimeout(() => socket.destroy(), ms)
    socket.on('data', (chunk) => void (text += chunk.toString('latin1')))
    socket.on('error', () => undefined)
    socket.on('close', () => {
      clearTimeout(timer)
      resolve(text)
    })
    socket.write(bytes)
  })
}

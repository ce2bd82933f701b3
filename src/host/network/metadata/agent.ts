// The metadata agent: answers http://169.254.169.254 inside router and DHCP namespaces by asking the MetadataSource
// who the asker is. What a guest sends is bounded in time, size and number of connections; it only reads.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Server, Socket } from 'node:net'
import type { Log } from '../../../platform/log.ts'
import type { MetadataSource } from '../../../contract/network.ts'
import { namespaceInode } from '../namespaces.ts'
import { listenInNamespace } from '../listener.ts'

export interface MetadataOrigin {
  networkId: string | null
  routerId: string | null
}

export interface MetadataAgent {
  /** Listens in the namespace, once; `origin` goes along with every question from there. */
  ensure(namespace: string, origin: MetadataOrigin): Promise<void>
  listens(namespace: string): boolean
  remove(namespace: string): void
  close(): void
}

const address = '169.254.169.254'
const connectionsLimit = 256

export function createMetadataAgent(source: MetadataSource, log: Log): MetadataAgent {
  const listeners = new Map<string, { server: Server; inode: number }>()
  const origins = new WeakMap<Socket, MetadataOrigin>()
  const http = createServer((request, response) => {
    const origin = origins.get(request.socket)
    answer(source, origin ?? { networkId: null, routerId: null }, request, response).catch((error: unknown) => {
      log.warn({ error: String(error), path: request.url }, 'metadata not answered')
      if (!response.headersSent) response.writeHead(500, { 'content-type': 'text/plain' })
      response.end()
    })
  })
  Object.assign(http, { requestTimeout: 10_000, headersTimeout: 5_000, keepAliveTimeout: 5_000, maxRequestsPerSocket: 1000 })
  http.on('clientError', (_error, socket) => socket.destroy())

  const remove = (namespace: string) => {
    listeners.get(namespace)?.server.close()
    listeners.delete(namespace)
  }
  const listens = (namespace: string) => listeners.get(namespace)?.inode === namespaceInode(namespace) && listeners.has(namespace)
  return {
    listens,
    remove,
    async ensure(namespace, origin) {
      if (listens(namespace)) return
      remove(namespace)
      const inode = namespaceInode(namespace)
      const server = await listenInNamespace(namespace, address, 80)
      server.maxConnections = connectionsLimit
      server.unref()
      server.on('connection', (socket: Socket) => {
        origins.set(socket, origin)
        http.emit('connection', socket)
        socket.resume()
      })
      listeners.set(namespace, { server, inode })
    },
    close() {
      for (const namespace of listeners.keys()) remove(namespace)
      http.closeAllConnections()
    },
  }
}

async function answer(source: MetadataSource, origin: MetadataOrigin, request: IncomingMessage, response: ServerResponse): Promise<void> {
  request.resume()
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.writeHead(405, { allow: 'GET, HEAD', 'content-type': 'text/plain' }).end()
    return
  }
  const from = { ...origin, address: (request.socket.remoteAddress ?? '').replace(/^::ffff:/, '') }
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : (value ?? '')]),
  )
  const { status, contentType, body } = await source.get(from, request.url ?? '/', headers)
  const bytes = Buffer.from(body)
  response.writeHead(status, { 'content-type': contentType, 'content-length': bytes.length })
  response.end(request.method === 'HEAD' ? undefined : bytes)
}

// A WebSocket in, a guest's console out: the token in the query is taken (it opens one connection, once), the server's
// host says which UNIX socket, and bytes go both ways. The token never reaches a log (attack-32).
import { connect, type Socket } from 'node:net'
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer, type WebSocket } from 'ws'
import { Context, systemActor, type Platform } from '../../platform/context.ts'
import { consoleSocketTake } from '../server-consoles.ts'

const path = '/compute/console/'
/** bytes that may wait for a slow viewer before the guest's side is held back */
const maxBuffered = 1_048_576

/** Answers upgrades below its path; false: somebody else's. */
export function createConsoleProxy(platform: Platform): (request: IncomingMessage, socket: Duplex, head: Buffer) => boolean {
  const sockets = new WebSocketServer({ noServer: true, clientTracking: false, maxPayload: 1_048_576, handleProtocols: (offered) => (offered.has('binary') ? 'binary' : false) })
  return (request, socket, head) => {
    const url = URL.parse(request.url ?? '', 'http://localhost')
    if (!url || url.pathname !== path) return false
    open(platform, { request, token: url.searchParams.get('token') ?? '' }).then(
      (found) => {
        if (!found) return refuse(socket, 403)
        sockets.handleUpgrade(request, socket, head, (viewer) => join(viewer, connect(found)))
      },
      (error: unknown) => {
        platform.log.warn({ err: error }, 'a console could not be opened')
        refuse(socket, 503)
      },
    )
    return true
  }
}

function refuse(socket: Duplex, status: number): void {
  socket.end(`HTTP/1.1 ${status} ${status === 403 ? 'Forbidden' : 'Service Unavailable'}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}

/** The UNIX socket of the console that the token stands for; null when it stands for none. */
async function open(platform: Platform, { request, token }: { request: IncomingMessage; token: string }): Promise<string | null> {
  const { origin, host } = request.headers
  if (origin !== undefined && URL.parse(origin)?.host !== host) return null
  return consoleSocketTake(new Context(platform, { actor: systemActor, requestId: `req-${platform.ids.uuid()}` }), token)
}

function join(viewer: WebSocket, guest: Socket): void {
  viewer.binaryType = 'nodebuffer'
  viewer.on('message', (data: Buffer) => {
    if (!guest.write(data)) viewer.pause()
  })
  guest.on('drain', () => viewer.resume())
  guest.on('data', (data) => {
    viewer.send(data, () => {
      if (guest.isPaused() && viewer.bufferedAmount < maxBuffered) guest.resume()
    })
    if (viewer.bufferedAmount >= maxBuffered) guest.pause()
  })
  viewer.on('close', () => guest.destroy())
  viewer.on('error', () => guest.destroy())
  guest.on('close', () => viewer.close())
  guest.on('error', () => viewer.close(1011))
}

// A WebSocket in, a guest's console out: the token in the query is taken (it opens one connection, once), the server's
// host says which UNIX socket, and bytes go both ways. The token never reaches a log (attack-32).
import { connect, type Socket } from 'node:net'
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer, type WebSocket } from 'ws'
import { Context, type Platform } from '../../../platform/context.ts'
import { consoleSocketTake } from '../consoles.ts'

const path = '/compute/console/'
/** bytes that may wait for a slow viewer before the guest's side is held back */
const maxBuffered = 1_048_576

export interface ConsoleProxy {
  /** whether an upgrade is a console's */
  isFor(request: IncomingMessage): boolean
  open(request: IncomingMessage, socket: Duplex, head: Buffer): void
}

const parse = (request: IncomingMessage): URL | null => URL.parse(request.url ?? '', 'http://localhost')

/** Answers the upgrades of its path. */
export function createConsoleProxy(platform: Platform): ConsoleProxy {
  const sockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: 1_048_576,
    handleProtocols: (offered) => (offered.has('binary') ? 'binary' : false),
  })
  return {
    isFor: (request) => /^websocket$/i.test(request.headers.upgrade ?? '') && parse(request)?.pathname === path,
    open(request, socket, head) {
      // Node takes its own listener off before it hands the socket over: without one, a viewer that resets ends the process
      socket.on('error', () => socket.destroy())
      open(platform, { request, token: parse(request)?.searchParams.get('token') ?? '' }).then(
        (found) => {
          if (!found) return refuse(socket, 403)
          sockets.handleUpgrade(request, socket, head, (viewer) => join(viewer, connect(found)))
        },
        (error: unknown) => {
          platform.log.warn({ err: error }, 'a console could not be opened')
          refuse(socket, 503)
        },
      )
    },
  }
}

function refuse(socket: Duplex, status: number): void {
  socket.end(`HTTP/1.1 ${status} ${status === 403 ? 'Forbidden' : 'Service Unavailable'}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}

/** The UNIX socket of the console that the token stands for; null when it stands for none. */
async function open(platform: Platform, { request, token }: { request: IncomingMessage; token: string }): Promise<string | null> {
  const { origin, host } = request.headers
  if (origin !== undefined && URL.parse(origin)?.host !== host) return null
  return consoleSocketTake(Context.ofCloud(platform, 'a console token is the right to one console'), token)
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

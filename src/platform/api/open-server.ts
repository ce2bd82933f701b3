// The HTTP server under every listener: how many connections there may be, and how long each may be silent.
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'

/** So many connections at once; the next ones wait in the system's queue. A file descriptor and 30 KiB each. */
const maxConnections = 4_096
/** Headers that take longer, and connections that send nothing, are closed. */
const headersTimeoutMs = 20_000
/** Line and headers of a request at most. Swift allows names and metadata that Node's own limit does not. */
const maxHeaderBytes = 64 * 1024
/** A body that stops coming does not keep its connection; a slow upload that goes on does. */
const silenceMs = 120_000

export interface ServerOptions {
  /** whose handler answers `Expect: 100-continue` itself: a client that is to be refused need not send the body; others are told at once */
  answersExpect(request: IncomingMessage): boolean
  /** files in PEM */
  tls?: { certificate: string; key: string } | null
}

/**
 * Node hands out the requests of a connection as they come, and gives a response its socket when the one before has gone out: so each
 * begins when the last is answered, and a GET that was sent behind a PUT sees what was put.
 */
const inTurn =
  (answer: RequestListener): RequestListener =>
  (request, response) => {
    if (response.socket) answer(request, response)
    else response.once('socket', () => answer(request, response))
  }

/** Not yet open. */
export function openServer(handle: RequestListener, { answersExpect, tls = null }: ServerOptions): Server {
  const times = {
    maxHeaderSize: maxHeaderBytes,
    keepAliveTimeout: 75_000,
    headersTimeout: headersTimeoutMs,
    // no limit for a whole request: an image may take an hour to upload
    requestTimeout: 0,
    connectionsCheckingInterval: 5_000,
  }
  const answer = inTurn(handle)
  const server =
    tls === null
      ? createServer(times, answer)
      : createTlsServer({ ...times, cert: readFileSync(tls.certificate), key: readFileSync(tls.key) }, answer)
  const afterContinue = inTurn((request, response) => {
    if (!answersExpect(request)) response.writeContinue()
    handle(request, response)
  })
  server.on('checkContinue', afterContinue)
  server.maxConnections = maxConnections
  server.timeout = silenceMs
  return server
}

/** Opens it, and tells at which port. */
export async function listen(server: Server, { address, port }: { address: string; port: number }): Promise<number> {
  server.listen(port, address)
  await once(server, 'listening')
  // a TCP server's address is no path
  return (server.address() as AddressInfo).port
}

/** Ends it and its connections, idle or not; fine when it was never opened. */
export async function shut(server: Server): Promise<void> {
  if (!server.listening) return
  const closed = once(server, 'close')
  server.close()
  server.closeAllConnections()
  await closed
}

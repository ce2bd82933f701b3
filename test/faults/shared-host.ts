// One fake host that several control processes reach over a UNIX socket: JSON lines, a call and its answer. Only for
// tests: it carries what a cloud with fake drivers asks of a host, and neither streams nor progress.
import { rmSync } from 'node:fs'
import { createConnection, createServer, type Socket } from 'node:net'
import { createInterface } from 'node:readline'
import type { Host } from '../../src/contract/host.ts'
import type { GuestReport } from '../../src/contract/guests.ts'
import { HostError, isCall, type HostErrorCode } from '../../src/contract/call.ts'

interface Asked {
  id: number
  /** 'guests.apply' */
  method: string
  args: unknown[]
}

interface Answered {
  id: number
  result?: unknown
  error?: { code: HostErrorCode; message: string }
}

type Message = Asked | Answered | { changed: GuestReport } | { gaveUp: number }

export interface FencedCall {
  method: string
  fence: number
}

export interface SharedHost {
  /** all that carried a fence, in the order in which the host knew their fences */
  calls: FencedCall[]
  /** those that it refused as an older owner's */
  refusals: (FencedCall & { message: string })[]
  close(): void
}

/** Serves the host at the socket's path. */
export async function serveHost(host: Host, path: string): Promise<SharedHost> {
  const calls: FencedCall[] = []
  const refusals: SharedHost['refusals'] = []
  const sockets = new Set<Socket>()
  const unwatch = host.guests.watch((report) => sockets.forEach((socket) => send(socket, { changed: report })))
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => socket.destroy()) // its process died
    const given = new Map<number, AbortController>()
    receive(socket, (message) => {
      if ('gaveUp' in message) given.get(message.gaveUp)?.abort(new HostError('unreachable', 'the caller gave up'))
      else if ('method' in message) void answer(message)
    })
    const answer = async ({ id, method, args }: Asked) => {
      const controller = new AbortController()
      given.set(id, controller)
      try {
        const outcome = invoke(
          host,
          method,
          args.map((arg) => (isCall(arg) ? { ...arg, signal: controller.signal } : arg)),
        )
        const { fence } = args.find(isCall) ?? {}
        if (fence !== undefined) calls.push({ method, fence })
        const result = await outcome
        send(socket, { id, result })
      } catch (error) {
        const { code, message } = error instanceof HostError ? error : new HostError('failed', String(error))
        if (code === 'stale_fence') refusals.push({ method, fence: args.find(isCall)?.fence ?? 0, message })
        send(socket, { id, error: { code, message } })
      } finally {
        given.delete(id)
      }
    }
  })
  await new Promise<void>((resolve) => server.listen(path, resolve))
  return {
    calls,
    refusals,
    close() {
      unwatch()
      server.close()
      for (const socket of sockets) socket.destroy()
      rmSync(path, { force: true })
    },
  }
}

/** `name` or `part.name` of the host. */
async function invoke(host: Host, method: string, args: unknown[]): Promise<unknown> {
  const [part = '', name] = method.split('.')
  const owner = (name === undefined ? host : host[part as keyof Host]) as unknown as Record<string, (...args: unknown[]) => unknown>
  return owner[name ?? part]?.(...args)
}

export interface HostLink {
  path: string
  /** the host's name */
  name: string
  /** called right before a call is sent, once it is on its way, and right after its answer has come */
  before(method: string): void
  sent(method: string): void
  after(method: string): void
}

/** The host as a control process sees it. */
export function connectHost({ path, name, before, sent, after }: HostLink): Host {
  const socket = createConnection(path)
  const waiting = new Map<number, (answer: Answered) => void>()
  const watchers = new Set<(report: GuestReport) => void>()
  let calls = 0
  receive(socket, (message) => {
    if ('changed' in message) for (const tell of watchers) tell(message.changed)
    else if ('id' in message && !('method' in message)) waiting.get(message.id)?.(message)
  })
  const ask = (method: string, args: unknown[]): Promise<unknown> => {
    const id = ++calls
    const { signal } = args.find(isCall) ?? {}
    const giveUp = () => send(socket, { gaveUp: id })
    return new Promise((resolve, reject) => {
      waiting.set(id, ({ result, error }) => {
        waiting.delete(id)
        signal?.removeEventListener('abort', giveUp)
        after(method)
        if (error) reject(new HostError(error.code, error.message))
        else resolve(result)
      })
      before(method)
      send(socket, { id, method, args }, () => sent(method))
      signal?.addEventListener('abort', giveUp, { once: true })
    })
  }
  const watch = (tell: (report: GuestReport) => void) => {
    watchers.add(tell)
    return () => void watchers.delete(tell)
  }
  const part = (of: string, own: Record<string, unknown> = {}) =>
    new Proxy({}, { get: (_, method: string) => own[method] ?? ((...args: unknown[]) => ask(`${of}.${method}`, args)) })
  return {
    name,
    inventory: () => ask('inventory', []),
    guests: part('guests', { watch }),
    images: part('images'),
    volumes: part('volumes'),
    network: part('network', { watch: () => () => undefined }),
    close: async () => void socket.end(),
  } as unknown as Host
}

function receive(socket: Socket, take: (message: Message) => void): void {
  createInterface({ input: socket }).on('line', (line) => take(JSON.parse(line) as Message))
}

/** What is not JSON (a signal, a progress) stays here. */
function send(socket: Socket, message: Message, sent?: () => void): void {
  if (!socket.writable) return
  socket.write(`${JSON.stringify(message)}\n`, sent)
}

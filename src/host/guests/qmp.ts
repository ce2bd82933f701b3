// Our QMP client: JSON lines over QEMU's UNIX socket. It knows the protocol (greeting, ids, events, errors) and the
// commands that the QEMU driver uses, with their types; it knows nothing of guests. The peer is a process that a
// guest may have taken over, so lines are bounded and nothing that it says is trusted to be there.
import { connect, type Socket } from 'node:net'
import type { Clock } from '../../platform/clock.ts'
import { defined } from '../../platform/defined.ts'
import { HostError } from '../../contract/call.ts'
import type { QmpCommands, QmpEvents } from './qmp-types.ts'

const maxLineBytes = 16 * 2 ** 20
/** a QEMU that says nothing for so long hangs: the outcome is unknown, and who waits for the guest's turn gets it */
const usualAnswerMs = 20_000

/** What QEMU answered instead of a result. */
export class QmpError extends Error {
  errorClass: string
  constructor(command: string, errorClass: string, description: string) {
    super(`${command}: ${description}`)
    this.name = 'QmpError'
    this.errorClass = errorClass
  }
}

/** The connection is gone: what was asked has an unknown outcome. */
export class QmpClosed extends Error {
  constructor(message = 'the QMP connection is closed') {
    super(message)
    this.name = 'QmpClosed'
  }
}

type Arguments<C extends keyof QmpCommands> = QmpCommands[C] extends { arguments: infer A } ? [A] : []
type Listener = (event: { event: string; data: unknown }) => void

export interface Qmp {
  execute<C extends keyof QmpCommands>(command: C, ...args: Arguments<C>): Promise<QmpCommands[C]['return']>
  /** Calls back on every event; returns how to stop. */
  onEvent(fn: Listener): () => void
  /** Resolves with the next event that fits, or undefined when none came in time. Ask before what causes it. */
  nextEvent<E extends keyof QmpEvents>(
    name: E,
    wait: { fits?: (data: QmpEvents[E]) => boolean; timeoutMs: number; signal?: AbortSignal | undefined },
  ): Promise<QmpEvents[E] | undefined>
  /** resolves when the connection is gone, whoever ended it */
  closed: Promise<void>
  close(): void
}

/** Connects and negotiates. Rejects with the socket's error (ENOENT, ECONNREFUSED: QEMU does not listen yet). */
export async function connectQmp(path: string, clock: Clock, answerTimeoutMs = usualAnswerMs): Promise<Qmp> {
  const socket = await new Promise<Socket>((resolve, reject) => {
    const socket = connect(path, () => {
      socket.off('error', reject)
      resolve(socket)
    })
    socket.once('error', reject)
  })
  const qmp = speak(socket, clock, answerTimeoutMs)
  try {
    await qmp.execute('qmp_capabilities')
  } catch (error) {
    qmp.close()
    throw error
  }
  return qmp
}

function speak(socket: Socket, clock: Clock, answerTimeoutMs: number): Qmp {
  const waiting = new Map<number, { command: string; resolve: (value: unknown) => void; reject: (error: Error) => void }>()
  const listeners = new Set<Listener>()
  let lastId = 0
  let isClosed = false
  let rest: Buffer[] = []
  let restBytes = 0

  const take = (line: string) => {
    if (line.trim() === '') return
    const message = JSON.parse(line) as Record<string, unknown>
    if (typeof message['event'] === 'string') {
      for (const fn of listeners) fn({ event: message['event'], data: message['data'] ?? {} })
      return
    }
    const waiter = waiting.get(message['id'] as number)
    if (!waiter) return // the greeting
    waiting.delete(message['id'] as number)
    const error = message['error'] as { class?: string; desc?: string } | undefined
    if (error) waiter.reject(new QmpError(waiter.command, error.class ?? 'GenericError', error.desc ?? 'no reason given'))
    else waiter.resolve(message['return'])
  }
  socket.on('data', (chunk: Buffer) => {
    let start = 0
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      const line = Buffer.concat([...rest, chunk.subarray(start, end)]).toString('utf8')
      rest = []
      restBytes = 0
      start = end + 1
      try {
        take(line)
      } catch (error) {
        socket.destroy(error as Error) // not JSON: the peer is not QEMU any more
        return
      }
    }
    rest.push(chunk.subarray(start))
    restBytes += chunk.length - start
    if (restBytes > maxLineBytes) socket.destroy(new Error('a QMP line is too long'))
  })
  const closed = new Promise<void>((resolve) => {
    socket.once('close', () => {
      isClosed = true
      for (const { command, reject } of waiting.values()) reject(new QmpClosed(`${command}: the QMP connection is closed`))
      waiting.clear()
      resolve()
    })
  })
  socket.on('error', () => undefined) // 'close' follows and tells everybody

  return {
    closed,
    close: () => void socket.destroy(),
    onEvent(fn) {
      listeners.add(fn)
      return () => void listeners.delete(fn)
    },
    execute(command, ...args) {
      if (isClosed) return Promise.reject(new QmpClosed())
      const id = ++lastId
      return new Promise((resolve, reject) => {
        const timer = clock.after(answerTimeoutMs, () => {
          waiting.delete(id)
          reject(new HostError('unreachable', `QEMU did not answer ${command} within ${answerTimeoutMs / 1000} s`))
        })
        const settled =
          <V>(fn: (value: V) => void) =>
          (value: V) => {
            timer.cancel()
            fn(value)
          }
        waiting.set(id, { command, resolve: settled(resolve as (value: unknown) => void), reject: settled(reject) })
        socket.write(`${JSON.stringify({ execute: command, id, ...defined({ arguments: args[0] }) })}\n`)
      })
    },
    nextEvent(name, { fits, timeoutMs, signal }) {
      const event = new Promise<never | undefined>((resolve, reject) => {
        const end = (settle: () => void) => {
          timer.cancel()
          listeners.delete(listener)
          signal?.removeEventListener('abort', onAbort)
          settle()
        }
        const listener: Listener = ({ event, data }) => {
          if (event === name && (!fits || fits(data as never))) end(() => resolve(data as never))
        }
        const onAbort = () => end(() => reject(signal?.reason))
        const timer = clock.after(timeoutMs, () => end(() => resolve(undefined)))
        listeners.add(listener)
        if (signal?.aborted) return onAbort()
        signal?.addEventListener('abort', onAbort, { once: true })
        void closed.then(() => end(() => reject(new QmpClosed())))
      })
      event.catch(() => undefined) // whoever asked may have failed before it came to wait
      return event
    },
  }
}

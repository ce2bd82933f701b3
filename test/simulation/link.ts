// A control process's line to a machine: the whole Host interface, as messages that travel, and in foul weather are lost,
// late, doubled or overtaken. A caller that hears nothing hears 'unreachable' in the end; what was sent goes on by
// itself, whatever becomes of the caller.
import { Readable } from 'node:stream'
import type { Host } from '../../src/contract/host.ts'
import type { GuestReport } from '../../src/contract/guests.ts'
import { HostError, isCall } from '../../src/contract/call.ts'
import type { Machine } from './machine.ts'
import type { Owner, Scheduler } from './scheduler.ts'
import type { Weather } from './weather.ts'

const patienceMs = 240_000
/** messages under way belong to nobody */
const wire: Owner = { name: 'wire', dead: false, frozen: false }

export interface LinkOptions {
  machine: Machine
  control: Owner
  scheduler: Scheduler
  weather: Weather
}

type Part = 'guests' | 'images' | 'volumes' | 'network'
type Method = (...args: unknown[]) => Promise<unknown>

/** One method of a machine, and what the steps of a call to it are named. */
interface Line extends LinkOptions {
  method: string
  /** looked up when a message arrives: the agent may be another one by then */
  find(): Method | undefined
  arrives: string
  arrivesAgain: string
  answered: string
  unanswered: string
}

const lineTo = (options: LinkOptions, method: string, find: Line['find']): Line => ({
  ...options,
  method,
  find,
  arrives: `${method} at ${options.machine.name}`,
  arrivesAgain: `${method} once more at ${options.machine.name}`,
  answered: `${method} answered by ${options.machine.name}`,
  unanswered: `${method} unanswered`,
})

export function linkTo(options: LinkOptions): Host {
  const { machine } = options
  const sending =
    (line: Line): Method =>
    (...args) =>
      send(line, args)
  const part = (name: Part, own: Record<string, unknown> = {}) =>
    new Proxy(own, {
      get: (known, method: string) =>
        (known[method] ??= sending(
          lineTo(options, `${name}.${method}`, () => (machine.host[name] as unknown as Record<string, Method>)[method]),
        )),
    })
  return {
    name: machine.name,
    guests: part('guests', { watch: (tell: (report: GuestReport) => void) => watch(options, tell) }) as unknown as Host['guests'],
    images: part('images') as unknown as Host['images'],
    volumes: part('volumes') as unknown as Host['volumes'],
    network: part('network', { watch: () => () => undefined }) as unknown as Host['network'], // a fake network loses nothing by itself
    inventory: sending(lineTo(options, 'inventory', () => machine.host.inventory as Method)) as Host['inventory'],
    close: async () => {},
  }
}

/** News of a guest travel too, and may be lost. */
function watch({ machine, control, scheduler, weather }: LinkOptions, tell: (report: GuestReport) => void): () => void {
  return machine.watch((report) => {
    const { requestLost, travelMs } = weather.callFate('watch')
    if (!requestLost) scheduler.after(control, travelMs, `${machine.name} tells`, () => tell(report))
  })
}

/** What goes over the wire of a call. */
const told = (argument: unknown) => (isCall(argument) ? { fence: argument.fence, requestId: argument.requestId } : argument)

function send(line: Line, args: unknown[]): Promise<unknown> {
  const { machine, control, scheduler, weather } = line
  const fate = weather.callFate(line.method)
  const signal = args.find(isCall)?.signal
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    let isOver = false
    const end = (settle: () => void) => {
      if (isOver) return
      isOver = true
      patience.cancel()
      settle()
    }
    const patience = scheduler.after(control, patienceMs, line.unanswered, () =>
      end(() => reject(new HostError('unreachable', `${machine.name} does not answer`))),
    )
    // stays there until the work is over: to take it back costs a 30th of a run
    signal?.addEventListener('abort', () => end(() => reject(signal.reason)), { once: true })
    const answer = (settle: () => void) => {
      if (!fate.answerLost) scheduler.after(control, fate.returnMs, line.answered, () => end(settle))
    }
    const arrive = async (isFirst: boolean) => {
      if (fate.refusal) return isFirst ? answer(() => reject(fate.refusal)) : undefined
      try {
        const result = await line.find()?.apply(machine.host, args.map(told))
        if (isFirst) answer(() => (fate.lie ? reject(fate.lie) : resolve(breakable(result, weather))))
      } catch (error) {
        if (isFirst) answer(() => reject(error))
      }
    }
    if (!fate.requestLost) scheduler.after(wire, fate.travelMs, line.arrives, () => void arrive(true))
    if (fate.againAfterMs !== null) scheduler.after(wire, fate.travelMs + fate.againAfterMs, line.arrivesAgain, () => void arrive(false))
  })
}

/** An answer with a stream in it, which may break off on its way. */
function breakable(result: unknown, weather: Weather): unknown {
  const { stream } = (result ?? {}) as { stream?: Readable }
  return stream && weather.happens('imageBreaks') ? { ...(result as object), stream: broken(stream, weather.breaksAt()) } : result
}

/** The first part of a stream, then an error; nobody needs to be there to hear it. */
export function broken(stream: Readable, share: number): Readable {
  const half = async function* () {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      yield chunk.subarray(0, Math.floor(chunk.length * share))
      throw Object.assign(new Error('the connection broke off'), { code: 'ECONNRESET' })
    }
  }
  return Readable.from(half()).on('error', () => undefined)
}

/** The first part of a stream, then nothing: no end, no error. */
export function silent(stream: Readable, share: number): Readable {
  const first = new Readable({ read: () => undefined })
  stream.once('data', (chunk: Buffer) => (first.push(chunk.subarray(0, Math.floor(chunk.length * share))), stream.destroy()))
  stream.once('error', (error) => first.destroy(error))
  return first
}

// A control process's line to a machine: the whole Host interface, as messages that travel, and in foul weather are lost,
// late, doubled or overtaken. A caller that hears nothing hears 'unreachable' in the end; what was sent goes on by
// itself, whatever becomes of the caller.
import { Readable } from 'node:stream'
import { HostError, type Call, type GuestReport, type Host } from '../../src/host/contract.ts'
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

export function linkTo(options: LinkOptions): Host {
  const { machine } = options
  const part = (name: Part, own: Record<string, unknown> = {}) =>
    new Proxy({}, { get: (_, method: string) => own[method] ?? ((...args: unknown[]) => send(options, `${name}.${method}`, args, () => (machine.host[name] as unknown as Record<string, Method>)[method])) })
  return {
    name: machine.name,
    guests: part('guests', { watch: (tell: (report: GuestReport) => void) => watch(options, tell) }) as Host['guests'],
    images: part('images') as Host['images'],
    volumes: part('volumes') as Host['volumes'],
    network: part('network', { watch: () => () => undefined }) as Host['network'], // a fake network loses nothing by itself
    inventory: () => send(options, 'inventory', [], () => machine.host.inventory as Method) as ReturnType<Host['inventory']>,
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

const isCall = (argument: unknown): argument is Call => typeof argument === 'object' && argument !== null && typeof (argument as Call).fence === 'number'

function send({ machine, control, scheduler, weather }: LinkOptions, method: string, args: unknown[], of: () => Method | undefined): Promise<unknown> {
  const fate = weather.callFate(method)
  const call = args.find(isCall)
  return new Promise((resolve, reject) => {
    let over = false
    const patience = scheduler.after(control, patienceMs, `${method} unanswered`, () => end(() => reject(new HostError('unreachable', `${machine.name} does not answer`))))
    const onAbort = () => end(() => reject(call?.signal?.reason))
    const end = (settle: () => void) => {
      if (over) return
      over = true
      patience.cancel()
      call?.signal?.removeEventListener('abort', onAbort)
      settle()
    }
    if (call?.signal?.aborted) return onAbort()
    call?.signal?.addEventListener('abort', onAbort, { once: true })
    const answer = (settle: () => void) => {
      if (!fate.answerLost) scheduler.after(control, fate.returnMs, `${method} answered by ${machine.name}`, () => end(settle))
    }
    const arrive = async (isFirst: boolean) => {
      if (fate.refusal) return isFirst ? answer(() => reject(fate.refusal)) : undefined
      try {
        const result = await of()?.apply(machine.host, args.map((argument) => (isCall(argument) ? { fence: argument.fence, requestId: argument.requestId } : argument)))
        if (isFirst) answer(() => (fate.lie ? reject(fate.lie) : resolve(breakable(result, weather))))
      } catch (error) {
        if (isFirst) answer(() => reject(error))
      }
    }
    if (!fate.requestLost) scheduler.after(wire, fate.travelMs, `${method} at ${machine.name}`, () => void arrive(true))
    if (fate.againAfterMs !== null) scheduler.after(wire, fate.travelMs + fate.againAfterMs, `${method} once more at ${machine.name}`, () => void arrive(false))
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

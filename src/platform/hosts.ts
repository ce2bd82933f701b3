// The hosts that control can talk to, by name. In one process these are the drivers themselves; beyond it the
// same interface stands for a link over the bus. Calls carry the fence of the work item (contract/call.ts).
import type { Host } from '../contract/host.ts'
import type { Clock } from './clock.ts'
import { ApiError } from './errors.ts'
import type { Log } from './log.ts'

export class HostRegistry {
  #hosts = new Map<string, Host>()
  #names: string[] | null = null

  add(host: Host): void {
    this.#hosts.set(host.name, host)
    this.#names = null
  }
  remove(name: string): void {
    this.#hosts.delete(name)
    this.#names = null
  }
  /** in order; the same array until a host comes or goes */
  names(): readonly string[] {
    this.#names ??= [...this.#hosts.keys()].sort()
    return this.#names
  }
  find(name: string): Host | undefined {
    return this.#hosts.get(name)
  }
  /** The host, or a retryable 'unavailable': it may come back. */
  get(name: string): Host {
    const host = this.#hosts.get(name)
    if (!host) throw new ApiError('unavailable', `The host ${name} is not connected.`)
    return host
  }
}

const askedAtOnce = 32
const patienceMs = 15_000

/**
 * Asks these hosts, many at once. One that does not answer in time is logged and not in the result: the others' turn
 * must not wait for it.
 */
export async function askHosts<T>(
  ctx: { hosts: HostRegistry; log: Log; clock: Clock },
  names: readonly string[],
  ask: (host: Host) => Promise<T>,
): Promise<Map<string, T>> {
  const answers = new Map<string, T>()
  const left = names.values()
  let isOver = false
  const askOne = async (name: string) => {
    const host = ctx.hosts.find(name)
    if (!host) return
    try {
      const answer = await ask(host)
      if (!isOver) answers.set(name, answer)
    } catch (error) {
      ctx.log.warn({ err: error, host: name }, 'a host did not answer')
    }
  }
  const askRest = async () => {
    for (const name of left) if (!isOver) await askOne(name)
  }
  const asked = Promise.all(Array.from({ length: Math.min(askedAtOnce, names.length) }, askRest))
  await within(ctx.clock, asked, patienceMs)
  isOver = true
  return answers
}

/** Waits for the work, but no longer than that. */
function within(clock: Clock, work: Promise<unknown>, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = clock.after(ms, resolve)
    void work.finally(() => {
      timer.cancel()
      resolve()
    })
  })
}

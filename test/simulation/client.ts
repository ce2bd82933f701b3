// A tenant's client: sends each request to one of the control processes that are up, and waits for its answer on virtual
// time. An answer may be lost on the way back; a request that nobody answers ends in an error, as a socket's would.
import { ConnectionLost, type Answer, type Control } from './control.ts'
import { pick, type Random } from './random.ts'
import type { Owner, Scheduler } from './scheduler.ts'
import type { Weather } from './weather.ts'

const patienceMs = 120_000
const nobodyListensMs = 1_000

export interface ClientOptions {
  as: string
  scheduler: Scheduler
  weather: Weather
  controls: Control[]
  random: Random
  /** an answer that must never be */
  onViolation(text: string): void
}

export interface Client {
  /** rejects with ConnectionLost when nobody knows what became of it */
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>
  /** what was answered cannot be */
  violation(text: string): void
}

const versions = { 'openstack-api-version': 'compute 2.90, volume 3.59', 'x-openstack-nova-api-version': '2.90' }
const outside: Owner = { name: 'client', dead: false, frozen: false }

export function clientOf(options: ClientOptions): Client {
  const { as, scheduler, weather, controls, random } = options
  return {
    violation: (text) => options.onViolation(text),
    async call(method, path, body, headers = {}) {
      await scheduler.pause(outside, 'request')
      const up = controls.filter((control) => control.isUp)
      if (up.length === 0) {
        await new Promise<void>((resolve) => void scheduler.after(outside, nobodyListensMs, 'refused', resolve))
        throw new ConnectionLost()
      }
      const answer = await inTime(
        scheduler,
        pick(random, up).request(method, path, { as, body, headers: { ...bytesHeaders(body), ...headers } }),
      )
      await scheduler.pause(outside, 'answer')
      scheduler.trace.tell(scheduler.nowMs, `${as} ${method} ${path} → ${answer.status}`)
      if (answer.status === 500) options.onViolation(`${method} ${path} answered ${answer.status}: ${answer.text}`)
      if (weather.happens('clientLost')) throw new ConnectionLost()
      return answer
    },
  }
}

const bytesHeaders = (body: unknown) => (Buffer.isBuffer(body) ? { ...versions, 'content-type': 'application/octet-stream' } : versions)

function inTime(scheduler: Scheduler, answer: Promise<Answer>): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const timer = scheduler.after(outside, patienceMs, 'no answer', () => reject(new ConnectionLost()))
    answer.then(resolve, reject).finally(() => timer.cancel())
  })
}

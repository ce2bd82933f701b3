// For the tests of this domain: a cloud in process with one fake host, and short ways to ask its network API.
import assert from 'node:assert/strict'
import { createFakeHost, type FakeHost } from '../../src/host/index.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { defined } from '../../src/platform/defined.ts'
import { systemIds } from '../../src/platform/ids.ts'
import { silentLog } from '../../src/platform/log.ts'
import { startTestCloud, type TestCloud } from './cloud.ts'

// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Json = any

export interface NetworkApi {
  cloud: TestCloud
  host: FakeHost
  /** a request below /network/v2.0 */
  ask(method: string, path: string, body?: unknown, as?: string): Promise<{ status: number; body: Json; headers: Record<string, unknown> }>
  /** creates and returns what is inside the answer; fails when it is refused */
  make(path: string, name: string, values: Record<string, unknown>, as?: string): Promise<Json>
  /** waits until what the API says satisfies */
  until(path: string, name: string, holds: (item: Json) => boolean, as?: string): Promise<Json>
  stop(): Promise<void>
}

export async function startNetworkApi(): Promise<NetworkApi> {
  const host = await createFakeHost({
    name: 'host1',
    clock: systemClock,
    ids: systemIds,
    log: silentLog,
    images: { open: () => Promise.reject(new Error('no images here')) },
  })
  const cloud = await startTestCloud({ hosts: [host] })
  const ask: NetworkApi['ask'] = async (method, path, body, as = 'member@p1') => {
    const answer = await cloud.request(method, `/network/v2.0${path}`, { as, ...defined({ body }) })
    return { status: answer.status, body: answer.body, headers: answer.headers }
  }
  return {
    cloud,
    host,
    ask,
    async make(path, name, values, as) {
      const answer = await ask('POST', path, { [name]: values }, as)
      assert.equal(answer.status, 201, JSON.stringify(answer.body))
      return answer.body[name]
    },
    async until(path, name, holds, as) {
      const deadlineMs = systemClock.nowMs() + 10_000
      while (true) {
        const answer = await ask('GET', path, undefined, as)
        if (answer.status === 200 && holds(answer.body[name])) return answer.body[name]
        assert.ok(systemClock.nowMs() < deadlineMs, `never came true: ${JSON.stringify(answer.body)}`)
        await new Promise((resolve) => setImmediate(resolve))
      }
    },
    stop: () => cloud.stop(),
  }
}

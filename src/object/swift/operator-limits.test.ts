// What an operator sets for all who come: rates, accounts that are not served, a cloud that nothing is written into.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { defaultObject } from '../../platform/object-settings.ts'
import { startSwift, type SwiftCloud } from '../../../test/support/swift.ts'

let limited: SwiftCloud
let closed: SwiftCloud
before(async () => {
  limited = await startSwift({
    config: {
      object: { ...defaultObject, accountBlacklist: ['AUTH_p2'], accountRate: 0.5, rateMaxSleepSeconds: 1, containerRates: { '1': 0.5 } },
    },
  })
  closed = await startSwift({ config: { object: { ...defaultObject, readOnly: true } } })
})
after(async () => {
  await limited.stop()
  await closed.stop()
})

test('an account that is not served is told so', async () => {
  assert.equal((await limited.call('GET', '/AUTH_p2', { as: 'member@p2' })).status, 497)
})

test('who is too fast is refused when the wait would be too long; what nobody limits is not', async () => {
  assert.equal((await limited.call('PUT', '/AUTH_p1/a')).status, 201)
  assert.equal((await limited.call('PUT', '/AUTH_p1/b')).status, 498)
  // an empty container has no rate, one with an object has
  assert.equal((await limited.call('PUT', '/AUTH_p1/a/1', { body: 'x' })).status, 201)
  assert.equal((await limited.call('PUT', '/AUTH_p1/a/2', { body: 'x' })).status, 201)
  assert.equal((await limited.call('PUT', '/AUTH_p1/a/3', { body: 'x' })).status, 498)
  assert.equal((await limited.call('GET', '/AUTH_p1/a/1')).status, 200)
  const { ratelimit } = (await limited.call('GET', '!/info', { as: null })).json
  assert.deepEqual(ratelimit.container_ratelimits, [[1, 0.5]])
})

test('nothing is written into a cloud that is read-only, and it says so', async () => {
  for (const method of ['PUT', 'POST', 'DELETE']) assert.equal((await closed.call(method, '/AUTH_p1/c')).status, 405, method)
  assert.equal((await closed.call('GET', '/AUTH_p1')).status, 204)
  const info = (await closed.call('GET', '!/info', { as: null })).json
  assert.deepEqual([info.read_only, (await limited.call('GET', '!/info', { as: null })).json.read_only], [{}, undefined])
})

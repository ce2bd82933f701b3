// How fsck looks at hosts: several at once, and one that does not answer holds up nobody.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { fakeHosts, startTestCloud, type TestCloud } from '../../../test/support/cloud.ts'
import { HostError } from '../../contract/call.ts'
import type { Check } from './check.ts'
import { look } from './look.ts'

let cloud: TestCloud
before(async () => void (cloud = await startTestCloud({ hosts: await fakeHosts(20) })))
after(() => cloud.stop())

const finding = (host: string) => ({ resourceType: 'volume', resourceId: `volume of ${host}`, host, message: 'it differs' })

test('hosts are looked at eight at a time, each once more for what was found, and what was found is in order', async () => {
  let now = 0
  let most = 0
  const check = (name: string): Check => ({
    name,
    invariant: 4,
    async *findOnHost(_ctx, host) {
      most = Math.max(most, ++now)
      await new Promise((resolve) => setImmediate(resolve))
      now--
      yield finding(host.name)
    },
  })
  const { found, unchecked } = await look(cloud.systemContext(), [check('first'), check('second')])
  assert.equal(most, 8)
  assert.deepEqual(unchecked, [])
  const names = cloud.platform.hosts.names()
  assert.deepEqual(
    found.map((each) => [each.check.name, each.finding.host]),
    ['first', 'second'].flatMap((name) => names.map((host) => [name, host])),
  )
})

test('a host that does not answer holds up nobody, and is asked no second check', async () => {
  const others = Promise.withResolvers<void>()
  const asked: string[] = []
  const check = (name: string): Check => ({
    name,
    invariant: 4,
    async *findOnHost(_ctx, host) {
      asked.push(`${name} ${host.name}`)
      if (host.name === 'host20') others.resolve()
      if (host.name !== 'host1') return yield finding(host.name)
      // only when the last of the others has had its turn
      await others.promise
      throw new HostError('unreachable', 'gone')
    },
  })
  const { found, unchecked } = await look(cloud.systemContext(), [check('first'), check('second')])
  assert.equal(found.length, 2 * 19)
  assert.deepEqual(unchecked, [
    { check: 'first', host: 'host1', reason: 'gone' },
    { check: 'second', host: 'host1', reason: 'gone' },
  ])
  assert.ok(!asked.includes('second host1'))
})

// A resting server goes where its guest is found, whatever brought it there.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startServerCloud, type ServerCloud } from '../../../test/support/server-cloud.ts'
import type { Guests } from '../../host/contract.ts'
import { power } from '../server-states.ts'
import { changeOf, serverObserve } from './server-observe.ts'

let the: ServerCloud
before(async () => void (the = await startServerCloud()))
after(() => the.stop())

test('a pause that its host hears once more, when the guest has crashed since, leaves server and guest in one state', async () => {
  const id = await the.boot()
  const { guests } = the.host
  const { apply } = guests
  const heard: Parameters<Guests['apply']>[] = []
  guests.apply = (...args) => (heard.push(args), apply(...args))
  await the.act(id, { pause: null })
  await the.until(id, 'PAUSED')
  guests.apply = apply
  guests.crash(id)
  await the.until(id, 'SHUTOFF')
  const [[spec, { fence, requestId }] = assert.fail('nothing was heard')] = heard
  assert.equal((await apply(spec, { fence, requestId })).power, 'paused')
  const ctx = the.cloud.systemContext()
  await ctx.transaction((tx) => tx.work.signal(tx, serverObserve))
  assert.equal((await the.until(id, 'PAUSED'))['OS-EXT-STS:power_state'], 3)
  await the.drop(id)
})

test('a look at a guest leaves nothing to be changed by the next', () => {
  for (const found of ['running', 'stopped', 'paused', 'suspended', 'crashed', 'absent'] as const) {
    for (const vm_state of ['active', 'paused', 'suspended', 'stopped']) {
      const row = { vm_state, power_state: power.running }
      assert.equal(changeOf({ ...row, ...changeOf(row, found) }, found), null, `${vm_state}, found ${found}`)
    }
  }
})

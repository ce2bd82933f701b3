// A resting server goes where its guest is found, whatever brought it there.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { settled } from '../../../../test/support/saga.ts'
import { startServerCloud, type ServerCloud } from '../../../../test/support/server-cloud.ts'
import type { Guests } from '../../../contract/guests.ts'
import { HostError } from '../../../contract/call.ts'
import { power } from '../states.ts'
import { changeOf, serverObserve } from './observe.reconciler.ts'
import { until } from '../../../../test/support/until.ts'

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

/** Waits until the server's timeline has so many of an action. */
async function untilTold(id: string, action: string, times: number): Promise<void> {
  await until(async () => {
    const { instanceActions } = await the.api('GET', `/compute/v2.1/servers/${id}/os-instance-actions`)
    return instanceActions.filter((told: { action: string }) => told.action === action).length >= times
  })
}

test('first use 4: a server that ran when its host went down runs again; one that somebody stopped stays off', async () => {
  const [ran, off] = [await the.boot(), await the.boot()]
  await the.act(off, { 'os-stop': null })
  await the.until(off, 'SHUTOFF')
  the.host.guests.endWithHost(ran)
  await untilTold(ran, 'start', 1)
  await settled(the.cloud)
  assert.equal((await the.api('GET', `/compute/v2.1/servers/${ran}`)).server.status, 'ACTIVE')
  assert.equal((await the.api('GET', `/compute/v2.1/servers/${off}`)).server.status, 'SHUTOFF')
  for (const id of [ran, off]) await the.drop(id)
})

test('first use 4: one that cannot be started says why; where it is not wanted all stay off', async () => {
  const id = await the.boot({ metadata: {} })
  const { guests } = the.host
  const { apply } = guests
  guests.apply = () => Promise.reject(new HostError('bad_image', 'its disk is damaged'))
  guests.endWithHost(id)
  await untilTold(id, 'start', 1)
  await settled(the.cloud)
  guests.apply = apply
  const { server } = await the.api('GET', `/compute/v2.1/servers/${id}`)
  assert.equal(server.status, 'SHUTOFF')
  const { instanceActions } = await the.api('GET', `/compute/v2.1/servers/${id}/os-instance-actions`)
  assert.equal(instanceActions.find(({ action }: { action: string }) => action === 'start')?.message, 'Error')
  the.cloud.platform.config.resumeGuests = false
  await the.act(id, { 'os-start': null })
  await the.until(id, 'ACTIVE')
  guests.endWithHost(id)
  await the.until(id, 'SHUTOFF') // a start would have been asked for in the same transaction
  await settled(the.cloud)
  assert.equal((await the.api('GET', `/compute/v2.1/servers/${id}`)).server.status, 'SHUTOFF')
  await the.drop(id)
})

// A port on its way into a guest: whoever makes the guest meanwhile makes it without the port.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { settled } from '../../test/support/saga.ts'
import { startServerCloud, type ServerCloud } from '../../test/support/server-cloud.ts'
import { PermanentError } from '../platform/work/definition.ts'
import { guestSpec } from './guest-spec.ts'
import { serverFetch } from './store/servers.ts'
import { serverAttachInterfaceSaga } from './work/server-interface.ts'

let c: ServerCloud
before(async () => void (c = await startServerCloud()))
after(() => c.stop())

const portsOfGuest = async (id: string) => (await c.host.guests.observe(id)).made?.portIds.length
async function portsToMake(id: string): Promise<number> {
  const server = await serverFetch(c.cloud.platform.store, id)
  assert.ok(server)
  return (await guestSpec(c.cloud.systemContext(), server, 'running')).ports.length
}

test('a guest gets an attached port when its filters stand, not before, and not when they never do', async () => {
  const id = await c.boot()
  const wire = serverAttachInterfaceSaga.steps.find(({ name }) => name === 'wire')
  const run = wire?.run
  assert.ok(run)
  const wiring = Promise.withResolvers<void>()
  const wired = Promise.withResolvers<void>()
  wire.run = () => {
    wiring.resolve()
    return wired.promise
  }
  try {
    await c.api('POST', `/compute/v2.1/servers/${id}/os-interface`, { body: { interfaceAttachment: { net_id: c.networkId } } })
    await wiring.promise
    assert.equal(await portsToMake(id), 1)
    wired.reject(new PermanentError('no filters'))
    await settled(c.cloud)
  } finally {
    wire.run = run
  }
  assert.deepEqual([await portsToMake(id), await portsOfGuest(id)], [1, 1])
  await c.api('POST', `/compute/v2.1/servers/${id}/os-interface`, { body: { interfaceAttachment: { net_id: c.networkId } } })
  await settled(c.cloud)
  assert.deepEqual([await portsToMake(id), await portsOfGuest(id)], [2, 2])
  await c.drop(id)
})

test('a hard reboot that takes over from a reboot leaves a detachment that is under way to its end', async () => {
  const id = await c.boot()
  const { port_id: portId } = (await c.api('GET', `/compute/v2.1/servers/${id}/os-interface`)).interfaceAttachments[0]
  const { guests } = c.host
  const { observe } = guests
  const looks = Promise.withResolvers<void>()
  const goesOn = Promise.withResolvers<void>()
  guests.observe = async (server) => {
    looks.resolve()
    await goesOn.promise
    return observe.call(guests, server)
  }
  try {
    await c.api('DELETE', `/compute/v2.1/servers/${id}/os-interface/${portId}`)
    await looks.promise
    await c.act(id, { reboot: { type: 'SOFT' } })
    await c.act(id, { reboot: { type: 'HARD' } })
  } finally {
    goesOn.resolve()
    guests.observe = observe
  }
  await settled(c.cloud)
  assert.deepEqual((await c.api('GET', `/compute/v2.1/servers/${id}/os-interface`)).interfaceAttachments, [])
  assert.equal(await portsOfGuest(id), 0)
  await c.drop(id)
})

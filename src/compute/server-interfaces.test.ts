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

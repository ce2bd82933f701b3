// A user deletes a port that a server has: the server and its guest give it up, whatever the server does just then.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startServerCloud, type ServerCloud } from '../../../../test/support/server-cloud.ts'
import { settled } from '../../../../test/support/saga.ts'

let c: ServerCloud
before(async () => void (c = await startServerCloud()))
after(() => c.stop())

const portsOfServer = async (id: string) =>
  (await c.api('GET', `/network/v2.0/ports?device_id=${id}`)).ports.map((port: { id: string }) => port.id) as string[]
const inGuest = async (id: string) => (await c.host.guests.observe(id)).made?.portIds
const interfaces = async (id: string) => (await c.api('GET', `/compute/v2.1/servers/${id}/os-interface`)).interfaceAttachments

test('it leaves the guest of a server that runs, and the server shows it no more', async () => {
  const id = await c.boot()
  const [portId] = await portsOfServer(id)
  assert.deepEqual(await inGuest(id), [portId])
  await c.api('DELETE', `/network/v2.0/ports/${portId}`)
  await settled(c.cloud)
  assert.deepEqual(await inGuest(id), [])
  assert.deepEqual(await interfaces(id), [])
  assert.equal((await c.show(id)).status, 'ACTIVE')
  await c.drop(id)
})

test('it leaves a guest that is being built as soon as the build is through', async () => {
  const { server } = await c.api('POST', '/compute/v2.1/servers', { body: c.server({ metadata: { 'fake:spawn': 'slow:500' } }) })
  let portIds: string[] = []
  while (portIds.length === 0) portIds = await portsOfServer(server.id)
  await c.api('DELETE', `/network/v2.0/ports/${portIds[0]}`)
  await c.until(server.id, 'ACTIVE')
  await settled(c.cloud)
  assert.deepEqual(await inGuest(server.id), [])
  await c.drop(server.id)
})

test('the guest of a server in ERROR goes on without it', async () => {
  const id = await c.boot()
  const [portId] = await portsOfServer(id)
  await c.act(id, { 'os-resetState': { state: 'error' } }, { as: 'admin@p1' })
  await c.api('DELETE', `/network/v2.0/ports/${portId}`)
  await settled(c.cloud)
  assert.deepEqual(await inGuest(id), [])
  assert.equal((await c.host.guests.observe(id)).power, 'running')
  await c.drop(id)
})

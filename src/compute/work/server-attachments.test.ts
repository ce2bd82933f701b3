// An attachment (of a volume, of a port) or a detachment that can neither be done nor taken back, because a host goes on refusing.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startServerCloud, type ServerCloud } from '../../../test/support/server-cloud.ts'
import { until } from '../../../test/support/work.ts'
import { HostError } from '../../host/contract.ts'
import { itemsInState, type ItemRow } from '../../platform/work/items.ts'

let the: ServerCloud
before(async () => void (the = await startServerCloud()))
after(() => the.stop())

const refuse = () => Promise.reject(new HostError('conflict', 'the driver refuses'))
const dead = async () => (await itemsInState(the.cloud.platform.store, 'dead', 10)).map(({ name }) => name)

/** Every next try comes at once, until the work is given up. */
const givenUp = (name: string) =>
  until(async () => {
    await the.cloud.platform.store.as<{ work_items: ItemRow }>().updateTable('work_items').set({ run_at: 0 }).where('name', '=', name).where('state', '=', 'ready').execute()
    the.cloud.engine.wake()
    return (await dead()).includes(name)
  })

async function volume(): Promise<{ volumeId: string; status: () => Promise<string> }> {
  const { volume: { id } } = await the.api('POST', '/volume/v3/volumes', { body: { volume: { size: 1 } } })
  const status = async () => (await the.api('GET', `/volume/v3/volumes/${id}`)).volume.status
  await until(async () => (await status()) === 'available')
  return { volumeId: id, status }
}

const attachments = (id: string) => `/compute/v2.1/servers/${id}/os-volume_attachments`

/** It is not under way for ever: it is in use, and a detachment works as soon as the host does. */
async function detaches(id: string, { volumeId, status }: Awaited<ReturnType<typeof volume>>): Promise<void> {
  await the.until(id, 'ACTIVE')
  assert.equal((await the.api('GET', `/compute/v2.1/servers/${id}/os-instance-actions`)).instanceActions[0].message, 'Error')
  assert.equal(await status(), 'in-use')
  await the.api('DELETE', `${attachments(id)}/${volumeId}`)
  await until(async () => (await status()) === 'available')
  await the.until(id, 'ACTIVE')
  assert.deepEqual((await the.api('GET', attachments(id))).volumeAttachments, [])
  await the.drop(id)
}

test('a volume whose detachment cannot be taken back is in use, and can be detached later', async () => {
  const [id, made] = [await the.boot(), await volume()]
  await the.api('POST', attachments(id), { body: { volumeAttachment: { volumeId: made.volumeId } } })
  await until(async () => (await made.status()) === 'in-use')
  await the.until(id, 'ACTIVE')
  const { volumes } = the.host
  const { connect, disconnect } = volumes
  volumes.connect = volumes.disconnect = refuse
  await the.api('DELETE', `${attachments(id)}/${made.volumeId}`)
  await givenUp('server-detach-volume')
  Object.assign(volumes, { connect, disconnect })
  await detaches(id, made)
})

test('a volume whose attachment cannot be taken back is in use, and can be detached later', async () => {
  const [id, made] = [await the.boot(), await volume()]
  const { guests } = the.host
  const { apply } = guests
  guests.apply = refuse
  await the.api('POST', attachments(id), { body: { volumeAttachment: { volumeId: made.volumeId } } })
  await givenUp('server-attach-volume')
  guests.apply = apply
  await detaches(id, made)
})

test('a port whose attachment cannot be taken back is the server\'s, and can be detached later', async () => {
  const id = await the.boot()
  const interfaces = `/compute/v2.1/servers/${id}/os-interface`
  const { guests } = the.host
  const { apply } = guests
  guests.apply = refuse
  const { interfaceAttachment: { port_id: portId } } = await the.api('POST', interfaces, { body: { interfaceAttachment: { net_id: the.networkId } } })
  await givenUp('server-attach-interface')
  guests.apply = apply
  await the.until(id, 'ACTIVE')
  await the.api('DELETE', `${interfaces}/${portId}`)
  await until(async () => (await the.api('GET', interfaces)).interfaceAttachments.length === 1)
  await the.until(id, 'ACTIVE')
  await the.drop(id)
})

// What waits for its host may find that the server has left it meanwhile.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startServerCloud, type ServerCloud } from '../../../../test/support/server-cloud.ts'
import { HostError } from '../../../contract/call.ts'
import { until } from '../../../../test/support/until.ts'

let the: ServerCloud
before(async () => void (the = await startServerCloud()))
after(() => the.stop())

test('a port is detached from a server that was shelved meanwhile, without a guest to take it from', async () => {
  const id = await the.boot()
  const {
    interfaceAttachments: [port],
  } = await the.api('GET', `/compute/v2.1/servers/${id}/os-interface`)
  await the.cloud.engine.stop()
  await the.api('DELETE', `/compute/v2.1/servers/${id}/os-interface/${port.port_id}`, { status: 202 })
  await the.cloud.systemContext().transaction(async (tx) => {
    const rows = tx.db.as<{ servers: { id: string; host: string | null; vm_state: string } }>()
    await rows.updateTable('servers').set({ host: null, vm_state: 'shelved_offloaded' }).where('id', '=', id).execute()
  })
  await the.cloud.engine.start()
  await until(async () => (await the.cloud.request('GET', `/network/v2.0/ports/${port.port_id}`, { as: 'admin@p1' })).status === 404)
  const { instanceActions } = await the.api('GET', `/compute/v2.1/servers/${id}/os-instance-actions`)
  assert.deepEqual(instanceActions.map(({ action, message }: any) => [action, message])[0], ['detach_interface', null])
  await the.drop(id)
})

test('a volume that its host let go of, and then said that it could not, stays with its server and is connected again', async () => {
  const id = await the.boot()
  const { volume } = await the.api('POST', '/volume/v3/volumes', { body: { volume: { size: 1 } } })
  const shown = async () => (await the.api('GET', `/volume/v3/volumes/${volume.id}`)).volume
  await until(async () => (await shown()).status === 'available')
  await the.api('POST', `/compute/v2.1/servers/${id}/os-volume_attachments`, { body: { volumeAttachment: { volumeId: volume.id } } })
  await until(async () => (await shown()).status === 'in-use')
  await the.until(id, 'ACTIVE')
  const { volumes } = the.host
  const { disconnect } = volumes
  volumes.disconnect = async (...args) => {
    volumes.disconnect = disconnect
    await disconnect(...args)
    throw new HostError('no_space', 'the driver failed in the midst of it')
  }
  await the.api('DELETE', `/compute/v2.1/servers/${id}/os-volume_attachments/${volume.id}`)
  await until(async () => (await shown()).status === 'in-use' && (await the.show(id))['OS-EXT-STS:task_state'] === null)
  const [attachment] = (await shown()).attachments
  assert.deepEqual(
    (await volumes.list()).map(({ volumeId, attachmentId }) => [volumeId, attachmentId]),
    [[volume.id, attachment.attachment_id]],
  )
  assert.deepEqual(
    the.host.guests.specOf(id).volumes.map(({ volumeId }) => volumeId),
    [volume.id],
  )
  await the.drop(id)
})

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { settled } from '../../../../test/support/saga.ts'
import { startServerCloud, type ServerCloud } from '../../../../test/support/server-cloud.ts'
import { volumeClient } from '../../../../test/support/volumes.ts'

let the: ServerCloud
before(async () => void (the = await startServerCloud()))
after(() => the.stop())
const { ask, volume, snapshot } = volumeClient(() => the.cloud)

const url = '/compute/v2.1/os-assisted-volume-snapshots'
const create = (volumeId: string, name: string, status = 200, as = 'admin@p1') =>
  the.api('POST', url, {
    as,
    status,
    body: { snapshot: { volume_id: volumeId, create_info: { snapshot_id: name, type: 'qcow2', new_file: 'new' } } },
  })
const remove = (name: string, info: string, status = 204) =>
  the.api('DELETE', `${url}/${name}?delete_info=${encodeURIComponent(info)}`, { as: 'admin@p1', status })
const inFile = async () => (await the.host.volumes.strangers()).snapshots.map(({ volumeId, name }) => [volumeId, name])

test('clients 16 an assisted snapshot is taken of a volume that a guest has, may be taken over, and is removed', async () => {
  const [id, server] = [await volume(), await the.boot()]
  await create(id, 'assisted', 400)
  await the.api('POST', `/compute/v2.1/servers/${server}/os-volume_attachments`, { body: { volumeAttachment: { volumeId: id } } })
  await settled(the.cloud)
  for (let twice = 0; twice < 2; twice++) {
    assert.deepEqual(await create(id, 'assisted'), { snapshot: { id: null, volumeId: id } })
    await settled(the.cloud)
    assert.deepEqual(await inFile(), [[id, 'assisted']])
  }
  await create(id, 'assisted', 403, 'member@p1')
  for (const name of ['1', '-d', 'a b']) await create(id, name, 400)
  for (const info of ['', 'x', '{}', 'null', '{"volume_id": 1}']) await remove('assisted', info, 400)
  await remove('assisted', JSON.stringify({ volume_id: server }), 400)
  const own = await snapshot(id, { force: undefined })
  await remove(own, JSON.stringify({ volume_id: id }), 400)
  for (let twice = 0; twice < 2; twice++) {
    await remove('assisted', JSON.stringify({ volume_id: id }))
    await settled(the.cloud)
    assert.deepEqual(await inFile(), [])
  }
  assert.equal((await ask('GET', `/snapshots/${own}`)).body.snapshot.status, 'available')
  await create(id, 'kept')
  await settled(the.cloud)
  const managed = await ask('POST', '/manageable_snapshots', {
    as: 'admin@p1',
    body: { snapshot: { volume_id: id, ref: { 'source-name': 'kept' } } },
  })
  assert.equal(managed.status, 202, managed.text)
  await settled(the.cloud)
  assert.equal((await ask('GET', `/snapshots/${managed.body.snapshot.id}`)).body.snapshot.status, 'available')
})

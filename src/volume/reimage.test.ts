import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startServerCloud, type ServerCloud } from '../../test/support/server-cloud.ts'
import { settled, testSaga } from '../../test/support/saga.ts'
import { volumeClient } from '../../test/support/volumes.ts'
import { attachmentCreate, attachmentDelete } from './attachments.ts'
import { volumeReimageSaga } from './work/volume-reimage.ts'

let the: ServerCloud
before(async () => void (the = await startServerCloud()))
after(() => the.stop())
const { ask, act, volume, snapshot, show } = volumeClient(() => the.cloud)
const server = '11111111-1111-4111-8111-111111111111'

testSaga<{ id: string }>({
  name: 'clients 16 volume-reimage',
  saga: volumeReimageSaga,
  cloud: () => the.cloud,
  prepare: async () => ({ id: await volume({ name: 'old' }) }),
  async start({ id }) {
    assert.equal((await act(id, { 'os-reimage': { image_id: the.imageId } })).status, 202)
  },
  async succeeded({ id }) {
    const shown = await show(id)
    assert.deepEqual([shown.status, shown.volume_image_metadata.image_id, shown.name], ['available', the.imageId, 'old'])
  },
  async unwound({ id }) {
    assert.equal((await show(id)).status, 'error')
    assert.match((await ask('GET', `/messages?resource_uuid=${id}`)).body.messages[0].user_message, /^reimage volume:.*sabotaged/)
  },
  async tidy({ id }) {
    assert.equal((await ask('DELETE', `/volumes/${id}`)).status, 202)
    await settled(the.cloud)
    for (const message of (await ask('GET', '/messages')).body.messages) await ask('DELETE', `/messages/${message.id}`)
  },
})

test('clients 16 os-reimage is refused as Cinder refuses it, and for a volume that a guest has', async () => {
  const id = await volume()
  const reimage = (body: object, options?: object) => act(id, { 'os-reimage': body }, options)
  assert.equal((await reimage({ image_id: the.imageId }, { version: '3.67' })).status, 400)
  assert.equal((await reimage({ image_id: server })).status, 404)
  assert.equal((await reimage({ image_id: 'x' })).status, 400)
  assert.equal((await reimage({ image_id: the.imageId }, { as: 'member@p2' })).status, 404)
  assert.equal((await reimage({ image_id: the.imageId }, { as: 'reader@p1' })).status, 403)
  const made = async (more: object) =>
    (await the.api('POST', '/image/v2/images', { body: { name: 'i', disk_format: 'raw', container_format: 'bare', ...more } })).id
  assert.equal((await reimage({ image_id: await made({}) })).status, 400, 'queued')
  const large = await made({ min_disk: 2 })
  await the.cloud.request('PUT', `/image/v2/images/${large}/file`, {
    as: 'member@p1',
    body: Buffer.alloc(512),
    headers: { 'content-type': 'application/octet-stream' },
  })
  assert.equal((await reimage({ image_id: large })).status, 400, 'does not fit')
  assert.equal((await show(id)).status, 'available')
  const reserved = (await ask('POST', '/attachments', { body: { attachment: { volume_uuid: id } } })).body.attachment.id
  assert.equal((await reimage({ image_id: the.imageId })).status, 400, 'reserved')
  assert.equal((await reimage({ image_id: the.imageId, reimage_reserved: true })).status, 202)
  await settled(the.cloud)
  assert.equal((await show(id)).status, 'reserved')
  assert.equal((await ask('DELETE', `/attachments/${reserved}`)).status, 200)
  const within = the.cloud.systemContext()
  const { row } = await within.transaction((tx) => attachmentCreate(tx, { volumeId: id, serverId: server, owned: true }))
  assert.equal((await reimage({ image_id: the.imageId, reimage_reserved: true })).status, 409)
  await within.transaction((tx) => attachmentDelete(tx, row))
})

test('clients 16 the image of a volume-backed server stands for its snapshot: at os-reimage and for a new volume', async () => {
  const id = await volume({ size: 2 })
  const of = await snapshot(id)
  const mapping = JSON.stringify([{ boot_index: 0, source_type: 'snapshot', snapshot_id: of, destination_type: 'volume', volume_size: 2 }])
  const image = async (as: string) => {
    const { id: made } = await the.api('POST', '/image/v2/images', {
      as,
      body: { name: 'i', disk_format: 'raw', container_format: 'bare', block_device_mapping: mapping, bdm_v2: 'True' },
    })
    await the.cloud.request('PUT', `/image/v2/images/${made}/file`, {
      as,
      body: '',
      headers: { 'content-type': 'application/octet-stream' },
    })
    return made as string
  }
  const [own, foreign] = [await image('member@p1'), await image('member@p2')]
  const [small, fits] = [await volume(), await volume({ size: 3 })]
  assert.equal((await act(small, { 'os-reimage': { image_id: own } })).status, 400)
  assert.equal((await act(fits, { 'os-reimage': { image_id: own } })).status, 202)
  await settled(the.cloud)
  assert.deepEqual([(await show(fits)).status, (await show(fits)).volume_image_metadata.image_id], ['available', own])
  const copy = await volume({ size: undefined, imageRef: own })
  assert.deepEqual([(await show(copy)).size, (await show(copy)).bootable], [2, 'true'])
  // the snapshot is another project's
  assert.equal((await ask('POST', '/volumes', { as: 'member@p2', body: { volume: { size: 2, imageRef: foreign } } })).status, 404)
})

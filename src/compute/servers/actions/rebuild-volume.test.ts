// Rebuilding a server whose root disk is a volume: since 2.93 the volume is written over with the image.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { settled, testSaga } from '../../../../test/support/saga.ts'
import { startServerCloud, type ServerCloud } from '../../../../test/support/server-cloud.ts'
import { volumeClient } from '../../../../test/support/volumes.ts'
import { serverRebuildSaga } from './rebuild.saga.ts'

let the: ServerCloud
let otherImage: string
before(async () => {
  the = await startServerCloud()
  await the.drop(await the.boot())
  otherImage = await image({ name: 'other', hw_disk_bus: 'virtio' })
})
after(() => the.stop())
const { ask } = volumeClient(() => the.cloud)

async function image(more: Record<string, unknown>, bytes = 4096): Promise<string> {
  const made = await the.api('POST', '/image/v2/images', {
    as: 'admin@p1',
    body: { disk_format: 'raw', container_format: 'bare', visibility: 'public', ...more },
  })
  const uploaded = await the.cloud.request('PUT', `/image/v2/images/${made.id}/file`, {
    as: 'admin@p1',
    body: Buffer.alloc(bytes),
    headers: { 'content-type': 'application/octet-stream' },
  })
  assert.equal(uploaded.status, 204)
  return made.id
}

interface Made {
  id: string
  volumeId: string
}

async function volumeBacked(): Promise<Made> {
  const root = {
    boot_index: 0,
    uuid: the.imageId,
    source_type: 'image',
    destination_type: 'volume',
    volume_size: 1,
    delete_on_termination: true,
  }
  const id = await the.boot({ imageRef: '', block_device_mapping_v2: [root] })
  return { id, volumeId: (await the.show(id))['os-extended-volumes:volumes_attached'][0].id }
}
const volume = async (id: string) => (await the.api('GET', `/volume/v3/volumes/${id}`, { as: 'admin@p1' })).volume
const rebuild = ({ id }: Made, imageRef: string, options: { version?: string; status?: number } = {}) =>
  the.act(id, { rebuild: { imageRef } }, { version: '2.93', status: 202, ...options })

testSaga<Made>({
  name: 'clients 16 server-rebuild (of a root volume)',
  saga: serverRebuildSaga,
  cloud: () => the.cloud,
  prepare: volumeBacked,
  start: async (made) => void (await rebuild(made, otherImage)),
  async succeeded({ id, volumeId }) {
    await the.until(id, 'ACTIVE')
    const shown = await volume(volumeId)
    assert.deepEqual(
      [shown.status, shown.volume_image_metadata.image_id, shown.volume_image_metadata.hw_disk_bus],
      ['in-use', otherImage, 'virtio'],
    )
    assert.equal((await the.host.guests.observe(id)).power, 'running')
  },
  async unwound({ id, volumeId }) {
    assert.match((await the.until(id, 'ERROR')).fault.message, /sabotaged/)
    assert.ok(['in-use', 'error'].includes((await volume(volumeId)).status))
  },
  async tidy({ id }) {
    await the.drop(id)
    await settled(the.cloud)
    for (const { id: left } of (await the.api('GET', '/volume/v3/volumes')).volumes) await the.api('DELETE', `/volume/v3/volumes/${left}`)
    for (const { id: left } of (await ask('GET', '/messages')).body.messages) await ask('DELETE', `/messages/${left}`)
  },
})

test('clients 16 before 2.93 another image is refused, and the same one leaves the volume alone; from 2.93 on what cannot fit is a 400', async () => {
  const made = await volumeBacked()
  await rebuild(made, otherImage, { version: '2.92', status: 400 })
  await rebuild(made, the.imageId, { version: '2.92' })
  await the.until(made.id, 'ACTIVE')
  const large = await image({ name: 'large', min_disk: 2 })
  await rebuild(made, large, { status: 400 })
  assert.equal((await volume(made.volumeId)).status, 'in-use')
  await rebuild(made, '00000000-0000-4000-8000-000000000000', { status: 400 })
  await rebuild(made, the.imageId)
  await the.until(made.id, 'ACTIVE')
  await the.act(made.id, { 'os-stop': null })
  await the.until(made.id, 'SHUTOFF')
  await rebuild(made, otherImage)
  await the.until(made.id, 'SHUTOFF')
  assert.equal((await volume(made.volumeId)).volume_image_metadata.image_id, otherImage)
  await the.drop(made.id)
})

// F21, G20: no name of Glance's own becomes a property, by any way into an image: its own API, a server's image and
// backup, a volume's image metadata.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { settled } from '../../test/support/saga.ts'
import { startServerCloud, type ServerCloud } from '../../test/support/server-cloud.ts'
import { baseProperties } from './image-schema.ts'
import { isReservedName } from './reserved-names.ts'
import type { ImageTables } from './store/tables.ts'

let the: ServerCloud
before(async () => void (the = await startServerCloud()))
after(() => the.stop())

const images = '/image/v2/images'
const patchType = { 'content-type': 'application/openstack-images-v2.1-json-patch' }
const glances = ['os_glance_import_task', 'os_glance_importing_to_stores', 'os_glance', 'location', 'deleted', 'deleted_at']
const reserved = [...glances, ...Object.keys(baseProperties)]

const reservedRows = async () =>
  (await the.cloud.platform.store.as<ImageTables>().selectFrom('image_properties').select('name').execute()).filter(({ name }) =>
    isReservedName(name),
  )

test('F21 an image is neither made nor changed with a reserved name', async () => {
  const { id } = await the.api('POST', images, { body: { name: 'i' } })
  for (const name of [...glances, 'stores', 'locations', 'self', 'file', 'schema', 'status', 'checksum', 'direct_url', 'size']) {
    const value = name === 'locations' ? [] : name === 'size' ? 1 : name === 'status' ? 'active' : 'x'
    const made = await the.cloud.request('POST', images, { as: 'member@p1', body: { name: 'i', [name]: value } })
    assert.equal(made.status, 403, `${name}: ${made.text}`)
    for (const op of ['add', 'replace', 'remove']) {
      const path = name === 'locations' && op !== 'replace' ? '/locations/-' : `/${name}`
      const changed = await the.cloud.request('PATCH', `${images}/${id}`, {
        as: 'member@p1',
        headers: patchType,
        body: [{ op, path, ...(op === 'remove' ? {} : { value: path === '/locations/-' ? { url: 'http://a', metadata: {} } : value }) }],
      })
      assert.equal(changed.status, 403, `${op} ${name}: ${changed.text}`)
    }
  }
  assert.deepEqual(await reservedRows(), [])
})

test('F21 a server’s image and backup refuse them, and do not inherit them', async () => {
  const id = await the.boot()
  for (const name of reserved) {
    await the.act(id, { createImage: { name: 'copy', metadata: { [name]: 'x' } } }, { status: 403 })
    await the.act(id, { createBackup: { name: 'copy', backup_type: 'daily', rotation: 1, metadata: { [name]: 'x' } } }, { status: 403 })
  }
  await the.until(id, 'ACTIVE')
  // what an earlier version let in
  await the.cloud.systemContext().transaction((tx) =>
    tx.db
      .as<{ servers: { id: string; image_properties: string } }>()
      .updateTable('servers')
      .set({ image_properties: JSON.stringify({ os_glance_x: '1', owner: 'me', hw_x: 'kept' }) })
      .where('id', '=', id)
      .execute(),
  )
  const { image_id: imageId } = await the.act(id, { createImage: { name: 'copy', metadata: { mine: 'y' } } }, { version: '2.45' })
  await the.until(id, 'ACTIVE')
  const image = await the.api('GET', `${images}/${imageId}`)
  assert.deepEqual([image.os_glance_x, image.hw_x, image.mine, image.owner], [undefined, 'kept', 'y', 'p1'])
  assert.deepEqual(await reservedRows(), [])
  await the.drop(id)
})

test('G20 F21 what a volume carries as image metadata is left out when it is reserved', async () => {
  const { volume } = await the.api('POST', '/volume/v3/volumes', { body: { volume: { size: 1 } } })
  await settled(the.cloud)
  const metadata = Object.fromEntries([...reserved, 'img_signature', 'signature_verified', 'mine'].map((name) => [name, 'x']))
  await the.api('POST', `/volume/v3/volumes/${volume.id}/action`, { body: { 'os-set_image_metadata': { metadata } } })
  const uploaded = await the.api('POST', `/volume/v3/volumes/${volume.id}/action`, {
    body: { 'os-volume_upload_image': { image_name: 'from volume' } },
  })
  await settled(the.cloud)
  const image = await the.api('GET', `${images}/${uploaded['os-volume_upload_image'].image_id}`)
  assert.deepEqual([image.status, image.mine, image.name], ['active', 'x', 'from volume'])
  for (const name of [...glances, 'img_signature', 'signature_verified']) assert.equal(image[name], undefined, name)
  assert.deepEqual(await reservedRows(), [])
})

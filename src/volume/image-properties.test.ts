import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fakeHosts, startTestCloud, type TestCloud } from '../../test/support/cloud.ts'
import { volumeClient } from '../../test/support/volumes.ts'

let cloud: TestCloud
const dataDir = mkdtempSync(join(tmpdir(), 'stackling-volume-images-'))
before(async () => void (cloud = await startTestCloud({ config: { dataDir }, hosts: await fakeHosts(1) })))
after(async () => {
  await cloud.stop()
  rmSync(dataDir, { recursive: true })
})
const { act, volume, rest } = volumeClient(() => cloud)

test('G20 names that are reserved to images stay behind when a volume becomes one; all else goes along', async () => {
  const id = await volume()
  const reserved = [
    'os_glance_import_task',
    'os_glance_failed_import',
    'os_glance_',
    'img_signature',
    'img_signature_key_type',
    'signature_verified',
    'checksum',
    'size',
    'image_id',
    'image_name',
    'name',
    'min_disk',
    'min_ram',
    'container_format',
    'disk_format',
    'locations',
    'direct_url',
    'id',
    'owner',
    'status',
    'visibility',
    'protected',
    'tags',
    'os_hidden',
    'os_hash_algo',
    'os_hash_value',
    'virtual_size',
    'stores',
    'self',
    'file',
    'schema',
    'created_at',
    'updated_at',
    'deleted',
    'deleted_at',
    'location',
  ]
  const free = { hw_disk_bus: 'virtio', os_type: 'linux', note: 'mine', cinder_img_volume_type: '__DEFAULT__' }
  const wanted = { ...Object.fromEntries(reserved.map((name) => [name, 'forged'])), ...free }
  assert.equal((await act(id, { 'os-set_image_metadata': { metadata: wanted } })).status, 200)
  const made = await act(id, { 'os-volume_upload_image': { image_name: 'honest', disk_format: 'qcow2' } })
  assert.equal(made.status, 202, made.text)
  await rest()
  const image = (await cloud.request('GET', `/image/v2/images/${made.body['os-volume_upload_image'].image_id}`, { as: 'member@p1' })).body
  assert.equal(image.status, 'active')
  assert.equal(image.name, 'honest')
  assert.deepEqual(
    Object.entries(image).filter(([, value]) => value === 'forged'),
    [],
  )
  for (const [name, value] of Object.entries(free)) assert.equal(image[name], value, name)
})

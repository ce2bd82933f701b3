// first use 10 through the API: servers and volumes from vmdk, vdi, vhd and vhdx; what no disk is made from is refused
// with the request.
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { settled } from '../../test/support/saga.ts'
import { startServerCloud, type ServerCloud } from '../../test/support/server-cloud.ts'

const skip = spawnSync('qemu-img', ['--version']).error ? 'qemu-img is not installed' : false
const directory = mkdtempSync(join(tmpdir(), 'other-formats-'))
let the: ServerCloud
before(async () => void (the = await startServerCloud()))
after(async () => {
  await the.stop()
  rmSync(directory, { recursive: true })
})

const images = '/image/v2/images'

async function uploaded(disk_format: string, bytes: Buffer): Promise<string> {
  const { id } = await the.api('POST', images, { body: { name: disk_format, disk_format, container_format: 'bare' } })
  const put = await the.cloud.request('PUT', `${images}/${id}/file`, {
    as: 'member@p1',
    body: bytes,
    headers: { 'content-type': 'application/octet-stream' },
  })
  assert.equal(put.status, 204, put.text)
  return id
}

function made(format: string, size = '4M'): Buffer {
  execFileSync('qemu-img', ['create', '-q', '-f', format, join(directory, 'made'), size])
  return readFileSync(join(directory, 'made'))
}

test('first use 10 a server and a volume are made from each format', { skip }, async () => {
  for (const [disk_format, format] of [
    ['vmdk', 'vmdk'],
    ['vdi', 'vdi'],
    ['vhd', 'vpc'],
    ['vhdx', 'vhdx'],
    ['qcow2', 'qcow2'],
  ] as const) {
    const bytes = made(format)
    const imageRef = await uploaded(disk_format, bytes)
    const id = await the.boot({ imageRef })
    await the.act(id, { rebuild: { imageRef } })
    await the.until(id, 'ACTIVE')
    await the.drop(id)
    const { volume } = await the.api('POST', '/volume/v3/volumes', { body: { volume: { size: 1, imageRef } } })
    await settled(the.cloud)
    const shown = (await the.api('GET', `/volume/v3/volumes/${volume.id}`)).volume
    assert.deepEqual([shown.status, shown.volume_image_metadata.disk_format], ['available', disk_format])
    await the.api('DELETE', `/volume/v3/volumes/${volume.id}`)
    await settled(the.cloud)
    const image = await the.api('GET', `${images}/${imageRef}`)
    assert.deepEqual([image.disk_format, image.size], [disk_format, bytes.length])
  }
})

test('first use 10 a disk larger than the volume or the root disk is refused, whatever its format', { skip }, async () => {
  for (const [disk_format, format] of [
    ['vmdk', 'vmdk'],
    ['vdi', 'vdi'],
    ['vhd', 'vpc'],
    ['vhdx', 'vhdx'],
  ] as const) {
    const imageRef = await uploaded(disk_format, made(format, '3G'))
    await the.api('POST', '/volume/v3/volumes', { body: { volume: { size: 1, imageRef } }, status: 400 })
    const { server } = await the.api('POST', '/compute/v2.1/servers', { body: the.server({ imageRef }) })
    await the.until(server.id, 'ERROR')
    await the.drop(server.id)
  }
})

test('first use 10 an image that no disk is made from is refused with the request', async () => {
  for (const disk_format of ['ploop', 'ami', 'aki', 'ari']) {
    const imageRef = await uploaded(disk_format, Buffer.alloc(3000, 1))
    await the.api('POST', '/compute/v2.1/servers', { body: the.server({ imageRef }), status: 400 })
    await the.api('POST', '/volume/v3/volumes', { body: { volume: { size: 1, imageRef } }, status: 400 })
    const id = await the.boot()
    await the.act(id, { rebuild: { imageRef } }, { status: 400 })
    await the.act(id, { rescue: { rescue_image_ref: imageRef } }, { status: 400 })
    await the.drop(id)
  }
})

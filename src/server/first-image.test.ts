import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { startTestCloud } from '../../test/support/cloud.ts'
import { tinyQcow2 } from '../platform/disk-image/tiny-qcow2.ts'
import { firstImage, hasFirstImage } from './first-image.ts'

test('an image that could not be made is made by a later try, once; who deletes it does not get it again', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'first-image-'))
  const cloud = await startTestCloud({ config: { dataDir } })
  const path = join(dataDir, 'made.qcow2')
  writeFileSync(path, tinyQcow2(2 ** 20))
  let made = 0
  const make = async () => {
    if (++made === 1) throw new Error('E: no way to the packages')
    return { name: 'stackling-linux', path, diskFormat: 'qcow2' as const, minDiskGib: 0, minRamMib: 64 }
  }
  const images = async () =>
    (await cloud.request('GET', '/image/v2/images', { as: 'admin@p1' })).body.images as { id: string; name: string; status: string }[]
  try {
    await assert.rejects(firstImage(cloud.systemContext(), { make }), /no way to the packages/)
    assert.deepEqual([await hasFirstImage(cloud.systemContext()), await images()], [false, []])
    for (let n = 0; n < 2; n++) await firstImage(cloud.systemContext(), { make })
    assert.deepEqual(
      (await images()).map(({ name, status }) => [name, status]),
      [['stackling-linux', 'active']],
    )
    assert.equal(made, 2)
    assert.equal((await cloud.request('DELETE', `/image/v2/images/${(await images())[0]?.id}`, { as: 'admin@p1' })).status, 204)
    await firstImage(cloud.systemContext(), { make })
    assert.deepEqual(await images(), [])
  } finally {
    await cloud.stop()
    rmSync(dataDir, { recursive: true })
  }
})

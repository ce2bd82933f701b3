import assert from 'node:assert/strict'
import { randomBytes, randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { blobDriverConformance, readBlob, writeBlob } from './conformance.ts'
import { fakeBlobs, fakeDisk, fakeDiskLosePower } from './fake.ts'

const disk = fakeDisk()
blobDriverConformance('fake', () => fakeBlobs({ disk }))

test('fake: power loss keeps what was finished, and tears what was not', async () => {
  const driver = fakeBlobs({ disk })
  const [whole, torn] = [
    { id: randomUUID(), directory: '2026113009' },
    { id: randomUUID(), directory: '2026113009' },
  ]
  const bytes = randomBytes(10_000)
  await writeBlob(driver, whole, bytes)
  const writer = await driver.create(torn)
  await writer.write(bytes, 0, 10_000, 0)
  let draw = 0.9
  fakeDiskLosePower(disk, () => (draw = (draw * 7 + 0.3) % 1))
  assert.ok((await readBlob(driver, whole, 0, 10_000)).equals(bytes))
  const left = await driver.stat(torn)
  if (left !== null) assert.ok(left < 10_000 || !(await readBlob(driver, torn, 0, left)).equals(bytes))
})

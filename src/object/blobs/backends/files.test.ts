import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { blobDriverConformance, writeBlob } from './conformance.ts'
import { fileBlobs } from './files.ts'

const root = join(mkdtempSync(join(tmpdir(), 'stackling-blobs-')), 'blobs')
after(() => rmSync(root, { recursive: true, force: true }))
const driver = fileBlobs(root)

blobDriverConformance('files', () => driver)

test('blobs and their directories are their owner’s alone', async () => {
  const blob = { id: randomUUID(), directory: '2026113020' }
  await writeBlob(driver, blob, Buffer.from('secret'))
  const mode = (path: string) => (statSync(path).mode & 0o777).toString(8)
  assert.deepEqual([mode(root), mode(join(root, blob.directory)), mode(join(root, blob.directory, blob.id))], ['700', '700', '600'])
  await driver.quarantine(blob)
  assert.equal(mode(join(root, 'quarantine')), '700')
})

test('an hour’s directory is removed when it is empty, and stays when it is not', async () => {
  const blob = { id: randomUUID(), directory: '2026113002' }
  await writeBlob(driver, blob, Buffer.from('x'))
  await driver.removeDirectory(blob.directory)
  assert.equal(await driver.stat(blob), 1)
  await driver.remove(blob)
  await driver.removeDirectory(blob.directory)
  assert.ok(!(await driver.directories()).includes(blob.directory))
  await driver.removeDirectory(blob.directory)
})

test('the room that is left is known before there is a folder', async () => {
  assert.ok(((await fileBlobs(join(root, 'not', 'yet')).freeBytes()) ?? 0) > 0)
})

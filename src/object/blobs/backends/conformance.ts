// What every driver of blobs must do; files.test.ts, fake.test.ts and s3.test.ts run it.
import assert from 'node:assert/strict'
import { randomBytes, randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { BlobMissing, type BlobDriver, type BlobName } from './driver.ts'

const mib = 1_048_576
const hour = '2026113023'

/** Writes as blobs are written: in blocks of a MiB, in their order. */
export async function writeBlob(driver: BlobDriver, name: BlobName, bytes: Buffer): Promise<void> {
  const writer = await driver.create(name)
  for (let at = 0; at < bytes.length; at += mib) {
    const length = Math.min(mib, bytes.length - at)
    assert.equal((await writer.write(bytes, at, length, at)).bytesWritten, length)
  }
  await writer.finish()
}

export async function readBlob(driver: BlobDriver, name: BlobName, start: number, end: number): Promise<Buffer> {
  const source = await driver.open(name, { start, end })
  const bytes = Buffer.alloc(end - start)
  for (let done = 0; done < bytes.length;) {
    const { bytesRead } = await source.read(bytes, done, bytes.length - done, start + done)
    assert.ok(bytesRead > 0, 'it ended too early')
    done += bytesRead
  }
  await source.close()
  return bytes
}

async function listed(driver: BlobDriver, directory: string): Promise<string[]> {
  const ids: string[] = []
  for await (const id of driver.list(directory)) ids.push(id)
  return ids.sort()
}

export function blobDriverConformance(kind: string, driver: () => BlobDriver): void {
  const name = (directory = hour): BlobName => ({ id: randomUUID(), directory })

  test(`${kind}: what was written is read, whole and in parts, and has its size`, async () => {
    for (const length of [1, 65_537, 3 * mib + 17, 11 * mib]) {
      const [blob, bytes] = [name(), randomBytes(length)]
      await writeBlob(driver(), blob, bytes)
      assert.equal(await driver().stat(blob), length)
      assert.ok((await readBlob(driver(), blob, 0, length)).equals(bytes))
      const start = Math.floor(length / 2)
      assert.ok((await readBlob(driver(), blob, start, length)).equals(bytes.subarray(start)))
    }
  })

  test(`${kind}: what was abandoned is not there, whenever that was`, async () => {
    for (const blocks of [0, 1, 7]) {
      const blob = name('2026113001')
      const writer = await driver().create(blob)
      for (let block = 0; block < blocks; block++) await writer.write(Buffer.alloc(mib, block), 0, mib, block * mib)
      await writer.abandon()
      assert.equal(await driver().stat(blob), null)
      assert.deepEqual(await listed(driver(), '2026113001'), [])
    }
  })

  test(`${kind}: what is not there cannot be opened, and is removed without a complaint`, async () => {
    const blob = name()
    await assert.rejects(driver().open(blob, { start: 0, end: 1 }), BlobMissing)
    assert.equal(await driver().stat(blob), null)
    await driver().remove(blob)
    await driver().quarantine(blob)
  })

  test(`${kind}: a reader goes on with what was removed meanwhile, or hears that it is gone`, async () => {
    const [blob, bytes] = [name(), randomBytes(mib)]
    await writeBlob(driver(), blob, bytes)
    const source = await driver().open(blob, { start: 0, end: mib })
    await driver().remove(blob)
    const read = Buffer.alloc(mib)
    let done = 0
    for (let more = 1; more > 0 && done < mib; done += more) more = (await source.read(read, done, mib - done, done)).bytesRead
    await source.close()
    assert.ok(read.subarray(0, done).equals(bytes.subarray(0, done)))
    assert.equal(await driver().stat(blob), null)
  })

  test(`${kind}: blobs are listed by the hour that they were begun in`, async () => {
    const hours = ['2026102007', '2026102008']
    const blobs = hours.flatMap((directory) => Array.from({ length: 3 }, () => name(directory)))
    for (const blob of blobs) await writeBlob(driver(), blob, Buffer.from(blob.id))
    const found = await driver().directories()
    for (const directory of hours) {
      assert.ok(found.includes(directory), `${directory} in ${found.join()}`)
      const ids = blobs.filter((blob) => blob.directory === directory).map(({ id }) => id)
      assert.deepEqual(await listed(driver(), directory), ids.sort())
    }
    assert.deepEqual(found, found.toSorted())
    assert.deepEqual(await listed(driver(), '1999010100'), [])
    for (const blob of blobs) await driver().remove(blob)
    for (const directory of hours) assert.deepEqual(await listed(driver(), directory), [])
    await driver().removeDirectory(hours[0] ?? '')
  })

  test(`${kind}: a blob in quarantine is neither read nor listed, and can be removed`, async () => {
    const blob = name('2026102107')
    await writeBlob(driver(), blob, Buffer.from('rotten'))
    await driver().quarantine(blob)
    await assert.rejects(driver().open(blob, { start: 0, end: 6 }), BlobMissing)
    assert.deepEqual(await listed(driver(), blob.directory), [])
    await driver().quarantine(blob)
    await driver().remove(blob)
  })

  test(`${kind}: many are written at once`, async () => {
    const blobs = Array.from({ length: 24 }, () => ({ blob: name(), bytes: randomBytes(100_000) }))
    await Promise.all(blobs.map(({ blob, bytes }) => writeBlob(driver(), blob, bytes)))
    for (const { blob, bytes } of blobs) assert.ok((await readBlob(driver(), blob, 0, bytes.length)).equals(bytes))
  })
}

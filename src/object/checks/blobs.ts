// Blobs' rows against their bytes, and bytes without rows: nobody may read what is not there, and nothing may lie about that nobody
// can delete.
import type { Context } from '../../platform/context.ts'
import type { Finding } from '../../platform/fsck/check.ts'
import { pages } from '../../platform/fsck/pages.ts'
import type { Store } from '../../platform/store/store.ts'
import { blobsAfter, smallFetch } from '../store/blobs.ts'
import type { BlobRow } from '../store/tables.ts'
import { driverFor, driverOfConfig } from '../blobs/drivers.ts'
import { storeOfObjects } from '../blobs/store-of-objects.ts'
import { unnamedBlobs } from '../blobs/sweep.ts'

export async function* blobsFind(ctx: Context): AsyncGenerator<Finding> {
  const { platform } = ctx
  const store = storeOfObjects(platform)
  for await (const blobs of pages(
    (after, limit) => blobsAfter(store, after, limit),
    ({ id }) => id,
  )) {
    for (const blob of blobs) {
      const message = await differs(ctx, store, blob)
      if (message !== null) yield { resourceType: 'blob', resourceId: blob.id, message }
    }
  }
  const driver = await driverOfConfig(platform)
  for await (const { id, directory } of unnamedBlobs(platform, store)) {
    yield {
      resourceType: 'blob',
      resourceId: id,
      message: `bytes lie in ${directory} that no row names`,
      reconcilers: ['blob-sweep/'],
      repair: { words: 'remove the bytes', run: () => driver.remove({ id, directory }) },
    }
  }
}

async function differs({ platform }: Context, store: Store, blob: BlobRow): Promise<string | null> {
  if (blob.state === 'garbage') return null
  if (blob.state === 'rotten') return `it is not what was written: its bytes are in quarantine, and ${blob.refs} rows name it`
  const bytes = await storedBytes()
  if (bytes === null) return `its bytes are missing, and ${blob.refs} rows name it`
  return bytes === blob.bytes ? null : `${bytes} bytes are there, and it should be ${blob.bytes}`

  async function storedBytes(): Promise<number | null> {
    if (blob.place === 'small') return (await smallFetch(store, blob.id))?.byteLength ?? null
    return (await driverFor(platform, blob.place)).stat(blob)
  }
}

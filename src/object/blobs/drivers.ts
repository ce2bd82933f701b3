// The driver that new blobs go to, and those that older ones lie with.
import { join } from 'node:path'
import { cache, type Platform } from '../../platform/context.ts'
import { assert } from '../../platform/errors.ts'
import type { BlobDriver, DriverPlace } from './backends/driver.ts'

/** where a simulation puts a driver of its own */
export const ownDriver = 'object.blob-driver'

export const driverOfConfig = (platform: Platform): Promise<BlobDriver> => driverFor(platform, platform.config.object.blobs.driver)

export async function driverFor(platform: Platform, place: DriverPlace): Promise<BlobDriver> {
  const own = platform.caches.get(ownDriver) as BlobDriver | undefined
  if (own) return own
  return cache(platform, `object.blobs.${place}`, () => open(platform, place))
}

/** Loaded when somebody needs it: most clouds have one kind. */
async function open({ config, clock }: Platform, place: DriverPlace): Promise<BlobDriver> {
  if (place === 'files') {
    const { fileBlobs } = await import('./backends/files.ts')
    return fileBlobs(join(config.dataDir, 'blobs'))
  }
  const { blobs } = config.object
  assert(blobs.driver === 's3', 'a blob lies in a bucket, and the settings name none: object_storage.blobs')
  const { s3Blobs } = await import('./backends/s3.ts')
  return s3Blobs(blobs, clock)
}

// What a new server's block devices refer to: images, volumes, snapshots and volume types, looked up with the user's rights in
// the transaction that accepts the server. The build makes what is accepted here, and looks up nothing that a user named.
import type { ImageFacts } from '../../../image/index.ts'
import { volumeAccept, volumesByIds, volumeTypeMayBeUsed, type AcceptedVolume } from '../../../volume/index.ts'
import type { Context } from '../../../platform/context.ts'
import { ApiError, badRequest } from '../../../platform/errors.ts'
import { imageForServer } from './image.ts'
import { isImageDisk, type DeviceRequest } from './devices.ts'

/** By the devices' order: the volume that is to be made for it; null for one that exists, and for local disks. `image` was looked up already. */
export async function devicesAccept(tx: Context, devices: DeviceRequest[], image: ImageFacts | null): Promise<(AcceptedVolume | null)[]> {
  const volumes: (AcceptedVolume | null)[] = []
  for (const device of devices) volumes.push(isImageDisk(device) && device.sourceId === image?.id ? null : await deviceAccept(tx, device))
  return volumes
}

const failedToGet = (kind: string, id: string | null) => badRequest(`Block Device Mapping is Invalid: failed to get ${kind} ${id}.`)

async function deviceAccept(
  tx: Context,
  { sourceType, destinationType, sourceId, volumeType, sizeGib }: DeviceRequest,
): Promise<AcceptedVolume | null> {
  if (volumeType !== null && !(await volumeTypeMayBeUsed(tx, volumeType))) throw badRequest(`Volume type ${volumeType} could not be found.`)
  const from = sourceId ?? ''
  if (sourceType === 'volume') {
    const volume = (await volumesByIds(tx, [from])).get(from)
    if (volume?.projectId !== tx.projectId) throw failedToGet(sourceType, sourceId)
    return null
  }
  if (sourceType === 'image') await imageForServer(tx, from, failedToGet(sourceType, sourceId).message)
  if (destinationType === 'local') return null
  const source =
    sourceType === 'image'
      ? { kind: sourceType, imageId: from }
      : sourceType === 'snapshot'
        ? { kind: sourceType, snapshotId: from }
        : { kind: sourceType }
  return volumeAccept(tx, { name: '', description: '', sizeGib, volumeType, source }).catch((error: unknown) => {
    if (!(error instanceof ApiError) || !error.isRefusal || error.code === 'forbidden') throw error
    throw error.code === 'not_found' ? failedToGet(sourceType, sourceId) : badRequest(error.message)
  })
}

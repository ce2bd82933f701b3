// os-reimage: a volume gets an image's content in place of its own. For a guest's root volume the compute service asks,
// while the guest stands still (exported.ts); a client may for a volume that nobody has, or that it has reserved itself.
import { imageGet, type ImageFacts } from '../image/index.ts'
import type { VolumeSource } from '../contract/volumes.ts'
import { isoMillis } from '../platform/clock.ts'
import type { Context } from '../platform/context.ts'
import { ApiError, badRequest, conflict, notFound } from '../platform/errors.ts'
import { eventAppend } from '../platform/events.ts'
import { refuseOwned } from './attachments.ts'
import { invalidInput, invalidVolume } from './errors.ts'
import { attachmentsOfVolume } from './store/attachments.ts'
import { volumeRows, type VolumeRow } from './store/volumes.ts'
import { originOfImage } from './volume-create.ts'
import { volumeRowGet } from './volumes.ts'
import { volumeReimageSaga, type VolumeReimageData } from './work/volume-reimage.ts'

export async function volumeReimage(
  ctx: Context,
  id: string,
  { imageId, reserved }: { imageId: string; reserved: boolean },
): Promise<void> {
  await ctx.transaction(async (tx) => {
    const row = await volumeRowGet(tx, id, 'volume:get')
    const image = await imageGet(tx, imageId).catch((error: unknown) => {
      throw error instanceof ApiError && error.code === 'not_found' ? notFound(`Image ${imageId} could not be found.`) : error
    })
    tx.authorize(
      { project_id: row.project_id, user_id: row.user_id },
      row.status === 'reserved' ? 'volume:reimage_reserved' : 'volume:reimage',
    )
    const attachments = await attachmentsOfVolume(tx.db, id)
    for (const attachment of attachments) refuseOwned(attachment)
    if (attachments.length > 1) throw conflict('Cannot re-image a volume which is attached to more than one server.')
    const data = await reimageBegin(tx, row, { image, from: reserved ? ['available', 'error', 'reserved'] : ['available', 'error'] })
    await tx.work.enqueue(tx, volumeReimageSaga, data, { resourceId: id })
  })
}

/** Takes the volume for it (→ downloading), when the image fits. In the caller's transaction, with the caller's rights to what the image stands for. */
export async function reimageBegin(
  tx: Context,
  row: VolumeRow,
  { image, from }: { image: ImageFacts; from: string[] },
): Promise<VolumeReimageData> {
  const taken = await volumeRows.advance(
    tx.db,
    { id: row.id, status: from },
    {
      status: 'downloading',
      previous_status: row.status,
      updated_at: isoMillis(tx.clock.nowMs()),
    },
  )
  if (!taken || row.host === null)
    throw invalidVolume(`Volume ${row.id} status must be ${from.join(' or ')}, but current status is ${row.status}.`)
  const origin = await originOfImage(tx, image)
  if (origin.leastGib > row.size)
    throw invalidInput(`Size of specified image ${origin.leastGib}GB is larger than volume size ${row.size}GB.`)
  if (origin.host !== null && origin.host !== row.host)
    throw badRequest(`The image ${image.id} stands for a snapshot that another host holds.`)
  await eventAppend(tx, {
    resourceType: 'volume',
    resourceId: row.id,
    projectId: row.project_id,
    action: 'reimage',
    result: 'start',
    host: row.host,
    details: { imageId: image.id },
  })
  const source = origin.source as Exclude<VolumeSource, { kind: 'blank' | 'volume' }>
  return { volumeId: row.id, host: row.host, projectId: row.project_id, source, imageMetadata: origin.imageMetadata ?? {} }
}

// The actions on a volume that are not about attachments: grow, revert, upload, flags, states.
import { imageReserve, type ImageFacts } from '../image/index.ts'
import { isoMillis } from '../platform/clock.ts'
import type { Context } from '../platform/context.ts'
import { defined } from '../platform/defined.ts'
import { badRequest, conflict } from '../platform/errors.ts'
import { eventAppend } from '../platform/events.ts'
import { invalidInput, invalidVolume } from './errors.ts'
import { quotaCheck } from './quota.ts'
import { snapshotRows, snapshotsOfVolume } from './store/snapshots.ts'
import { attachmentRows, attachmentsOfVolume } from './store/attachments.ts'
import { typeRows } from './store/types.ts'
import { volumeRows, type VolumeRow } from './store/volumes.ts'
import { volumeRowGet } from './volumes.ts'
import { imagePropertiesOf } from './image-properties.ts'
import { volumeExtendSaga } from './work/volume-extend.ts'
import type { VolumeTypeRow } from './volume-types.ts'
import { volumeRevertSaga } from './work/volume-revert.ts'
import { volumeUploadSaga } from './work/volume-upload.ts'

const now = (ctx: Context) => isoMillis(ctx.clock.nowMs())

/** os-extend; of a volume in use since 3.42. */
export async function volumeExtend(ctx: Context, id: string, sizeGib: number, { inUse }: { inUse: boolean }): Promise<void> {
  await ctx.transaction(async (tx) => {
    const row = await volumeRowGet(tx, id, 'volume:extend')
    if (sizeGib <= row.size)
      throw invalidInput(`New size for extend must be greater than current size. (current: ${row.size}, extended: ${sizeGib}).`)
    if (row.status === 'in-use') tx.authorize({ project_id: row.project_id }, 'volume:extend_attached_volume')
    await quotaCheck(tx, { projectId: row.project_id, typeId: row.volume_type_id, gib: sizeGib - row.size, volumeGib: sizeGib })
    const from = inUse ? ['available', 'in-use'] : ['available']
    const taken = await volumeRows.advance(
      tx.db,
      { id, status: from },
      {
        status: 'extending',
        previous_status: row.status,
        growing_to: sizeGib,
        updated_at: now(tx),
      },
    )
    if (!taken) throw invalidVolume(`Volume ${id} status must be '${from.join("' or '")}' to extend, currently ${row.status}.`)
    const data = { volumeId: id, host: row.host ?? '', projectId: row.project_id, sizeGib }
    await volumeExtendSaga.begin(tx, data)
  })
}

/** revert, to the newest snapshot only. */
export async function volumeRevert(ctx: Context, id: string, snapshotId: string): Promise<void> {
  await ctx.transaction(async (tx) => {
    const row = await volumeRowGet(tx, id, 'volume:revert_to_snapshot')
    const newest = (await snapshotsOfVolume(tx.db, id)).at(-1)
    if (!newest) throw badRequest(`Volume ${id} doesn't have any snapshots.`)
    if (newest.id !== snapshotId) throw badRequest(`Specified snapshot ${snapshotId} is not the latest one of volume ${id}.`)
    if (newest.size !== row.size)
      throw badRequest(
        `Can't revert volume ${id} to its latest snapshot ${snapshotId}. The volume size must be equal to the snapshot size.`,
      )
    const refusal = `Can't revert volume ${id} to its latest snapshot ${snapshotId}.`
    const taken = await volumeRows.advance(tx.db, { id, status: ['available'] }, { status: 'reverting', updated_at: now(tx) })
    if (!taken) throw conflict(`Invalid volume: ${refusal} Volume's status must be 'available'.`)
    const held = await snapshotRows.advance(tx.db, { id: snapshotId, status: ['available'] }, { status: 'restoring', updated_at: now(tx) })
    if (!held) throw conflict(`Invalid snapshot: ${refusal} Snapshot's status must be 'available'.`)
    const data = { volumeId: id, host: row.host ?? '', projectId: row.project_id, snapshotId }
    await volumeRevertSaga.begin(tx, data)
  })
}

export interface UploadWanted {
  imageName: string
  force: boolean
  diskFormat: string
  containerFormat: string
  visibility: ImageFacts['visibility'] | undefined
  protected: boolean | undefined
}

export async function volumeToImage(
  ctx: Context,
  id: string,
  wanted: UploadWanted,
): Promise<{ volume: VolumeRow; image: ImageFacts; type: VolumeTypeRow | undefined }> {
  const { diskFormat, containerFormat } = wanted
  if (diskFormat !== 'raw' && diskFormat !== 'qcow2')
    throw badRequest(`Invalid disk-format '${diskFormat}' is specified: volumes are uploaded as raw or qcow2.`)
  return ctx.transaction(async (tx) => {
    const row = await volumeRowGet(tx, id, 'volume_extension:volume_actions:upload_image')
    if (wanted.visibility === 'public') tx.authorize({ project_id: row.project_id }, 'volume_extension:volume_actions:upload_public')
    const from = wanted.force ? ['available', 'in-use'] : ['available']
    const taken = await volumeRows.advance(
      tx.db,
      { id, status: from },
      { status: 'uploading', previous_status: row.status, updated_at: now(tx) },
    )
    if (!taken) throw invalidVolume(`Volume ${id} status must be ${from.join(' or ')}, but current status is: ${row.status}.`)
    const image = await imageReserve(tx, {
      name: wanted.imageName,
      diskFormat,
      containerFormat,
      minDiskGib: row.size,
      properties: imagePropertiesOf(row),
      ...defined({ visibility: wanted.visibility, protected: wanted.protected }),
    })
    const data = { volumeId: id, host: row.host ?? '', projectId: row.project_id, imageId: image.id, diskFormat } as const
    await volumeUploadSaga.begin(tx, data)
    return { volume: { ...row, ...taken }, image, type: await typeRows.fetch(tx.db, row.volume_type_id) }
  })
}

/** os-set_bootable */
export async function volumeSetBootable(ctx: Context, id: string, bootable: boolean): Promise<void> {
  await ctx.transaction(async (tx) => {
    await volumeRowGet(tx, id, 'volume:update')
    await volumeRows.update(tx.db, id, { bootable: bootable, updated_at: now(tx) })
  })
}

/** os-update_readonly_flag: attachments made from now on may only read. */
export async function volumeSetReadOnly(ctx: Context, id: string, readOnly: boolean): Promise<void> {
  await ctx.transaction(async (tx) => {
    const row = await volumeRowGet(tx, id, 'volume:update_readonly_flag')
    const admin = { ...row.admin_metadata, readonly: readOnly ? 'True' : 'False' }
    const done = await volumeRows.advance(tx.db, { id, status: ['available'] }, { admin_metadata: admin, updated_at: now(tx) })
    if (!done) throw invalidVolume(`Volume ${id} status must be available to update readonly flag, but current status is: ${row.status}.`)
  })
}

export interface ResetWanted {
  status?: string | undefined
  attachStatus?: string | undefined
  migrationStatus?: string | undefined
}

/** os-reset_status: for admins, to leave a state that nothing leaves. What was under way is cancelled. */
export async function volumeResetStatus(ctx: Context, id: string, { status, attachStatus, migrationStatus }: ResetWanted): Promise<void> {
  await ctx.transaction(async (tx) => {
    const row = await volumeRowGet(tx, id, 'volume_extension:volume_admin_actions:reset_status')
    await tx.work.cancel(tx, id)
    const change: Partial<VolumeRow> = { growing_to: null, updated_at: now(tx) }
    if (status !== undefined) change.status = status
    if (migrationStatus !== undefined) change.migration_status = migrationStatus === 'none' ? null : migrationStatus
    if (attachStatus === 'detached') {
      // attachments of guests are the compute service's: they stay, and with them the one writer (attack 21)
      const owned = (await attachmentsOfVolume(tx.db, id)).some((each) => each.owned)
      if (owned) throw invalidVolume(`Volume ${id} is attached to a server: detach it there.`)
      await attachmentRows.delete(tx.db, { volume_id: id })
    }
    await volumeRows.update(tx.db, id, change)
    await eventAppend(tx, {
      resourceType: 'volume',
      resourceId: id,
      projectId: row.project_id,
      action: 'reset-status',
      result: 'success',
      details: { from: row.status, to: status ?? row.status },
    })
  })
}

/** os-set_image_metadata, os-unset_image_metadata */
export async function volumeImageMetadataUpdate(
  ctx: Context,
  id: string,
  rule: string,
  change: (metadata: Record<string, string>) => Record<string, string>,
): Promise<Record<string, string>> {
  return ctx.transaction(async (tx) => {
    const row = await volumeRowGet(tx, id, rule)
    const metadata = change(row.image_metadata ?? {})
    await volumeRows.update(tx.db, id, { image_metadata: metadata, updated_at: now(tx) })
    return metadata
  })
}

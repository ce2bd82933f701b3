// The actions on a volume that are not about attachments: grow, revert, upload, retype, flags, states.
import { imageReserve, type ImageFacts } from '../image/index.ts'
import { isoMillis } from '../platform/clock.ts'
import type { Context } from '../platform/context.ts'
import { badRequest } from '../platform/errors.ts'
import { eventAppend } from '../platform/events.ts'
import { capabilitiesOf, satisfies } from './capabilities.ts'
import { invalidInput, invalidType, invalidVolume, snapshotNotFound } from './errors.ts'
import { quotaCheck } from './quota.ts'
import { snapshotAdvance, snapshotFetch, snapshotsOfVolume } from './store/snapshots.ts'
import { attachmentsDeleteOfVolume, attachmentsOfVolume } from './store/attachments.ts'
import { typeFetch } from './store/types.ts'
import { volumeAdvance, volumeUpdate, type VolumeRow } from './store/volumes.ts'
import { isMultiattach, specsOf, typeMayBeUsed, type VolumeTypeRow } from './volume-types.ts'
import { textMap, volumeRowGet } from './volumes.ts'
import { volumeExtendSaga } from './work/volume-extend.ts'
import { volumeRevertSaga } from './work/volume-revert.ts'
import { volumeUploadSaga } from './work/volume-upload.ts'

const now = (ctx: Context) => isoMillis(ctx.clock.nowMs())

/** os-extend; of a volume in use since 3.42. */
export async function volumeExtend(ctx: Context, id: string, sizeGib: number, { inUse }: { inUse: boolean }): Promise<void> {
  await ctx.transaction(async (tx) => {
    const row = await volumeRowGet(tx, id, 'volume:extend')
    if (sizeGib <= row.size) throw invalidInput(`New size for extend must be greater than current size. (current: ${row.size}, extended: ${sizeGib}).`)
    if (row.status === 'in-use') tx.authorize({ project_id: row.project_id }, 'volume:extend_attached_volume')
    await quotaCheck(tx, { projectId: row.project_id, typeId: row.volume_type_id, gib: sizeGib - row.size, volumeGib: sizeGib })
    const from = inUse ? ['available', 'in-use'] : ['available']
    const taken = await volumeAdvance(tx.db, id, from, { status: 'extending', previous_status: row.status, updated_at: now(tx) })
    if (!taken) throw invalidVolume(`Volume ${id} status must be '${from.join("' or '")}' to extend, currently ${row.status}.`)
    const data = { volumeId: id, host: row.host ?? '', projectId: row.project_id, sizeGib }
    await tx.work.enqueue(tx, volumeExtendSaga, data, { resourceId: id })
    await eventAppend(tx, { resourceType: 'volume', resourceId: id, projectId: row.project_id, action: 'extend', result: 'start', details: { sizeGib } })
  })
}

/** revert, to the newest snapshot only. */
export async function volumeRevert(ctx: Context, id: string, snapshotId: string): Promise<void> {
  await ctx.transaction(async (tx) => {
    const row = await volumeRowGet(tx, id, 'volume:revert_to_snapshot')
    const snapshot = await snapshotFetch(tx.db, snapshotId)
    if (!snapshot || snapshot.volume_id !== id) throw snapshotNotFound(snapshotId)
    const newest = (await snapshotsOfVolume(tx.db, id)).at(-1)
    if (newest?.id !== snapshotId) throw badRequest(`Volume ${id}'s latest snapshot is ${newest?.id}: only that can be reverted to.`)
    if (!(await snapshotAdvance(tx.db, snapshotId, ['available'], { status: 'restoring', updated_at: now(tx) }))) {
      throw invalidVolume(`Snapshot ${snapshotId} status must be available, currently ${snapshot.status}.`)
    }
    const taken = await volumeAdvance(tx.db, id, ['available'], { status: 'reverting', updated_at: now(tx) })
    if (!taken) throw invalidVolume(`Can't revert volume ${id} to its latest snapshot ${snapshotId}. Volume must be available, currently ${row.status}.`)
    const data = { volumeId: id, host: row.host ?? '', projectId: row.project_id, snapshotId }
    await tx.work.enqueue(tx, volumeRevertSaga, data, { resourceId: id })
    await eventAppend(tx, { resourceType: 'volume', resourceId: id, projectId: row.project_id, action: 'revert', result: 'start', details: { snapshotId } })
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

export async function volumeToImage(ctx: Context, id: string, wanted: UploadWanted): Promise<{ volume: VolumeRow; image: ImageFacts; type: VolumeTypeRow | undefined }> {
  const { diskFormat, containerFormat } = wanted
  if (diskFormat !== 'raw' && diskFormat !== 'qcow2') throw badRequest(`Invalid disk-format '${diskFormat}' is specified: volumes are uploaded as raw or qcow2.`)
  return ctx.transaction(async (tx) => {
    const row = await volumeRowGet(tx, id, 'volume_extension:volume_actions:upload_image')
    if (wanted.visibility === 'public') tx.authorize({ project_id: row.project_id }, 'volume_extension:volume_actions:upload_public')
    const from = wanted.force ? ['available', 'in-use'] : ['available']
    const taken = await volumeAdvance(tx.db, id, from, { status: 'uploading', previous_status: row.status, updated_at: now(tx) })
    if (!taken) throw invalidVolume(`Volume ${id} status must be ${from.join(' or ')}, but current status is: ${row.status}.`)
    const image = await imageReserve(tx, {
      name: wanted.imageName,
      diskFormat,
      containerFormat,
      minDiskGib: row.size,
      properties: imagePropertiesOf(row),
      ...(wanted.visibility === undefined ? {} : { visibility: wanted.visibility }),
      ...(wanted.protected === undefined ? {} : { protected: wanted.protected }),
    })
    const data = { volumeId: id, host: row.host ?? '', projectId: row.project_id, imageId: image.id, diskFormat } as const
    await tx.work.enqueue(tx, volumeUploadSaga, data, { resourceId: id })
    await eventAppend(tx, { resourceType: 'volume', resourceId: id, projectId: row.project_id, action: 'upload', result: 'start', details: { imageId: image.id } })
    return { volume: { ...row, ...taken }, image, type: await typeFetch(tx.db, row.volume_type_id) }
  })
}

const imageAttributes = new Set(['image_id', 'image_name', 'min_disk', 'min_ram', 'size', 'disk_format', 'container_format', 'checksum', 'signature_verified'])

/** What the volume's own image carried beside its attributes goes along. */
const imagePropertiesOf = (row: VolumeRow): Record<string, string> =>
  Object.fromEntries(Object.entries(textMap(row.image_metadata)).filter(([name]) => !imageAttributes.has(name)))

/** os-retype: types differ in what they promise, not in where the data lies. */
export async function volumeRetype(ctx: Context, id: string, newType: string): Promise<void> {
  await ctx.transaction(async (tx) => {
    const row = await volumeRowGet(tx, id, 'volume:retype')
    const type = await typeMayBeUsed(tx, newType).catch(() => {
      throw badRequest(`Invalid input received: Invalid volume_type passed: ${newType}.`)
    })
    if (type.id === row.volume_type_id) throw invalidInput(`New volume_type same as original: ${type.id}.`)
    if (!['available', 'in-use'].includes(row.status)) throw invalidVolume(`Volume ${id} status must be available or in-use, currently ${row.status}.`)
    if (isMultiattach(type) !== (row.multiattach === 1) && row.status === 'in-use') throw invalidType('multiattach cannot be changed while the volume is in use.')
    const backend = JSON.parse(type.extra_specs) as Record<string, string>
    if (backend['encryption'] !== undefined) throw invalidType('encrypted types are not supported.')
    if (!satisfies(capabilitiesOf(tx), specsOf(type))) throw invalidType(`no storage has what the extra specs of ${type.name} ask for.`)
    await quotaCheck(tx, { projectId: row.project_id, typeId: type.id, gib: 0 })
    await volumeUpdate(tx.db, id, { volume_type_id: type.id, multiattach: isMultiattach(type) ? 1 : 0, updated_at: now(tx) })
    await eventAppend(tx, { resourceType: 'volume', resourceId: id, projectId: row.project_id, action: 'retype', result: 'success', details: { from: row.volume_type_id, to: type.id } })
  })
}

/** os-set_bootable */
export async function volumeSetBootable(ctx: Context, id: string, bootable: boolean): Promise<void> {
  await ctx.transaction(async (tx) => {
    await volumeRowGet(tx, id, 'volume:update')
    await volumeUpdate(tx.db, id, { bootable: bootable ? 1 : 0, updated_at: now(tx) })
  })
}

/** os-update_readonly_flag: whoever attaches it from now on may only read. */
export async function volumeSetReadOnly(ctx: Context, id: string, readOnly: boolean): Promise<void> {
  await ctx.transaction(async (tx) => {
    const row = await volumeRowGet(tx, id, 'volume:update_readonly_flag')
    const admin = { ...textMap(row.admin_metadata), readonly: readOnly ? 'True' : 'False' }
    const done = await volumeAdvance(tx.db, id, ['available'], { admin_metadata: JSON.stringify(admin), updated_at: now(tx) })
    if (!done) throw invalidVolume(`Volume ${id} status must be available to update readonly flag, but current status is: ${row.status}.`)
  })
}

export interface ResetWanted {
  status?: string | undefined
  attachStatus?: string | undefined
  migrationStatus?: string | undefined
}

/** os-reset_status: for admins, to leave a state that nothing leaves. What was under way is cancelled. */
export async function volumeReset(ctx: Context, id: string, { status, attachStatus, migrationStatus }: ResetWanted): Promise<void> {
  await ctx.transaction(async (tx) => {
    const row = await volumeRowGet(tx, id, 'volume_extension:volume_admin_actions:reset_status')
    await tx.work.cancel(tx, id)
    const change: Partial<VolumeRow> = { updated_at: now(tx) }
    if (status !== undefined) change.status = status
    if (migrationStatus !== undefined) change.migration_status = migrationStatus === 'none' ? null : migrationStatus
    if (attachStatus === 'detached') {
      // attachments of guests are the compute service's: they stay, and with them the one writer (attack 21)
      const owned = (await attachmentsOfVolume(tx.db, id)).some((each) => each.owned === 1)
      if (owned) throw invalidVolume(`Volume ${id} is attached to a server: detach it there.`)
      await attachmentsDeleteOfVolume(tx.db, id)
    }
    await volumeUpdate(tx.db, id, change)
    await eventAppend(tx, { resourceType: 'volume', resourceId: id, projectId: row.project_id, action: 'reset-status', result: 'success', details: { from: row.status, to: status ?? row.status } })
  })
}

/** os-set_image_metadata, os-unset_image_metadata */
export async function volumeImageMetadataChange(ctx: Context, id: string, rule: string, change: (metadata: Record<string, string>) => Record<string, string>): Promise<Record<string, string>> {
  return ctx.transaction(async (tx) => {
    const row = await volumeRowGet(tx, id, rule)
    const metadata = change(textMap(row.image_metadata))
    await volumeUpdate(tx.db, id, { image_metadata: JSON.stringify(metadata), updated_at: now(tx) })
    return metadata
  })
}

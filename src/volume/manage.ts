// For operators: files of a host's pool become volumes and volumes become files again, and so do snapshots within a volume's file.
import { isoMillis } from '../platform/clock.ts'
import type { Context } from '../platform/context.ts'
import { ApiError, badRequest } from '../platform/errors.ts'
import { invalidInput, invalidSnapshot, invalidType, invalidVolume } from './errors.ts'
import { quotaCheck } from './quota.ts'
import { serviceForHost } from './services.ts'
import { snapshotRowCreate, snapshotRowGet } from './snapshots.ts'
import { snapshotRows, snapshotsOfVolume, type SnapshotRow } from './store/snapshots.ts'
import { attachmentsOfVolume } from './store/attachments.ts'
import { volumeRows, volumeDeleteWithAttachments, type VolumeRow } from './store/volumes.ts'
import { availabilityZone, fateOf } from './volume-create.ts'
import { isMultiattach, typeForNew, typeMayBeUsed } from './volume-types.ts'
import { checkMetadata, volumeRowGet } from './volumes.ts'
import { snapshotManageSaga, snapshotUnmanageSaga } from './work/snapshot-manage.ts'
import { volumeManageSaga, volumeUnmanageSaga } from './work/volume-manage.ts'

export interface ManageDraft {
  host: string
  reference: unknown
  name: string | null
  description: string | null
  volumeType: string | null
  availabilityZone: string | null
  metadata: Record<string, string>
  bootable: boolean
}

/** The name in the pool of a volume's file that was released, and of a snapshot in it: most of Cinder's drivers call them so. */
const fileOf = (volumeId: string): string => `volume-${volumeId}`
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const snapshotReference = (name: string): string => (uuid.test(name) ? `_snapshot-${name}` : name)

/** {"source-name": "file"}; null: it is named in some other way, which no pool of ours knows. */
function nameIn(reference: unknown): string | null {
  if (typeof reference === 'string') return reference
  const name = typeof reference === 'object' && reference !== null ? (reference as Record<string, unknown>)['source-name'] : undefined
  return typeof name === 'string' ? name : null
}

const isMissing = (error: unknown): boolean => error instanceof ApiError && error.code === 'not_found'

export async function volumeManage(ctx: Context, draft: ManageDraft): Promise<VolumeRow> {
  ctx.authorize(undefined, 'volume_extension:volume_manage')
  checkMetadata(draft.metadata)
  return ctx.transaction(async (tx) => {
    const type = draft.volumeType
      ? await typeMayBeUsed(tx, draft.volumeType).catch((error: unknown) =>
          Promise.reject(isMissing(error) ? invalidType(`Cannot find requested '${draft.volumeType}' volume type`) : error),
        )
      : await typeForNew(tx, null)
    const reference = nameIn(draft.reference)
    const managed = /^volume-([0-9a-f-]{36})$/.exec(reference ?? '')?.[1]
    if (managed !== undefined && (await volumeRows.fetch(tx.db, managed)))
      throw invalidVolume('Unable to manage existing volume. The volume is already managed')
    if (type.encryption !== null) throw invalidType('Managing to an encrypted volume type is not supported.')
    const host = await serviceForHost(tx, draft.host, `Host '${draft.host}' not found`)
    if (draft.availabilityZone && draft.availabilityZone !== availabilityZone)
      throw badRequest(`Availability zone '${draft.availabilityZone}' is invalid.`)
    const { projectId } = tx
    await quotaCheck(tx, { projectId, typeId: type.id, volumes: 1 })
    const row: VolumeRow = {
      id: tx.ids.uuid(),
      project_id: projectId,
      user_id: tx.actor.userId,
      name: draft.name,
      description: draft.description,
      status: 'managing',
      previous_status: null,
      size: 0,
      growing_to: null,
      volume_type_id: type.id,
      availability_zone: availabilityZone,
      host,
      bootable: draft.bootable,
      multiattach: isMultiattach(type),
      encrypted: false,
      source_volid: null,
      snapshot_id: null,
      group_id: null,
      migration_status: null,
      metadata: draft.metadata,
      admin_metadata: {},
      image_metadata: null,
      reason: null,
      created_at: isoMillis(tx.clock.nowMs()),
      updated_at: null,
      launched_at: null,
    }
    await volumeRows.insert(tx.db, row)
    const data = { volumeId: row.id, projectId, host, reference: reference ?? '', bootable: draft.bootable, fate: fateOf(draft.metadata) }
    await volumeManageSaga.begin(tx, data)
    return row
  })
}

/** os-unmanage: a volume that may be deleted may be released. */
export async function volumeUnmanage(ctx: Context, id: string): Promise<void> {
  await ctx.transaction(async (tx) => {
    const row = await volumeRowGet(tx, id, 'volume_extension:volume_unmanage')
    if (row.host === null) return void (await volumeDeleteWithAttachments(tx.db, id))
    const attached = (await attachmentsOfVolume(tx.db, id)).some(({ status, owned }) => status === 'attached' || owned)
    const free = row.migration_status === null && row.group_id === null && !attached && (await snapshotsOfVolume(tx.db, id)).length === 0
    const from = ['available', 'error', 'error_restoring', 'error_extending', 'error_managing']
    if (
      !free ||
      !(await volumeRows.advance(
        tx.db,
        { id, status: from },
        {
          status: 'unmanaging',
          previous_status: row.status,
          updated_at: isoMillis(tx.clock.nowMs()),
        },
      ))
    ) {
      throw invalidVolume(
        `Volume status must be ${from.join(' or ')} and must not be migrating, attached, belong to a group, have snapshots, awaiting a transfer, or be disassociated from snapshots after volume transfer.`,
      )
    }
    await tx.work.cancel(tx, id)
    await volumeUnmanageSaga.begin(tx, { volumeId: id, projectId: row.project_id, host: row.host, reference: fileOf(id) })
  })
}

export interface SnapshotManageDraft {
  volumeId: string
  reference: unknown
  name: string | null
  description: string | null
  metadata: Record<string, string>
}

export async function snapshotManage(ctx: Context, draft: SnapshotManageDraft): Promise<SnapshotRow> {
  checkMetadata(draft.metadata)
  return ctx.transaction(async (tx) => {
    const volume = await volumeRowGet(tx, draft.volumeId, 'snapshot_extension:snapshot_manage')
    const named = nameIn(draft.reference)
    const name = named === null ? null : (/^_?snapshot-([0-9a-f-]{36})$/.exec(named)?.[1] ?? named)
    if (name === null) throw invalidInput('Reference must contain source-name element.')
    const host = await serviceForHost(tx, volume.host ?? '')
    if (!['available', 'in-use'].includes(volume.status))
      throw invalidVolume(`Volume ${volume.id} status must be available or in-use, but current status is: ${volume.status}.`)
    await quotaCheck(tx, { projectId: volume.project_id, typeId: volume.volume_type_id, snapshots: 1, gib: volume.size })
    const row = await snapshotRowCreate(tx, volume, draft)
    await snapshotManageSaga.begin(tx, { snapshotId: row.id, volumeId: volume.id, host, projectId: volume.project_id, name })
    return row
  })
}

export async function snapshotUnmanage(ctx: Context, id: string): Promise<void> {
  await ctx.transaction(async (tx) => {
    const row = await snapshotRowGet(tx, id, 'snapshot_extension:snapshot_unmanage')
    const volume = await volumeRows.fetch(tx.db, row.volume_id)
    const change = { status: 'unmanaging', updated_at: isoMillis(tx.clock.nowMs()) }
    if (
      row.group_snapshot_id !== null ||
      !volume?.host ||
      !(await snapshotRows.advance(tx.db, { id, status: ['available', 'error'] }, change))
    ) {
      throw invalidSnapshot('Snapshot status must be available or error and must not be part of a group.')
    }
    await tx.work.cancel(tx, id)
    await snapshotUnmanageSaga.begin(tx, { snapshotId: id, volumeId: row.volume_id, host: volume.host, projectId: row.project_id })
  })
}

export interface Manageable {
  reference: { 'source-name': string }
  size: number
  safe_to_manage: boolean
  reason_not_safe: string | null
  cinder_id: string | null
  extra_info: null
  source_reference?: { 'source-name': string }
}

const already = { safe_to_manage: false, reason_not_safe: 'already managed', extra_info: null }

/** All that lies in a host's pool: what is a volume already, and what could become one. */
export async function manageableVolumes(ctx: Context, hostText: string): Promise<Manageable[]> {
  ctx.authorize()
  const { volumes } = ctx.hosts.get(await serviceForHost(ctx, hostText))
  const known = (await volumes.list())
    .filter(({ sizeGib }) => sizeGib > 0)
    .map(({ volumeId, sizeGib }) => ({ reference: { 'source-name': fileOf(volumeId) }, size: sizeGib, ...already, cinder_id: volumeId }))
  const files = (await volumes.strangers()).files.map(({ reference, sizeGib, fault }) => ({
    reference: { 'source-name': reference },
    size: sizeGib,
    safe_to_manage: fault === null,
    reason_not_safe: fault,
    cinder_id: null,
    extra_info: null,
  }))
  return [...known, ...files]
}

export async function manageableSnapshots(ctx: Context, hostText: string): Promise<Manageable[]> {
  ctx.authorize()
  const { volumes } = ctx.hosts.get(await serviceForHost(ctx, hostText))
  const known: Manageable[] = []
  for (const { volumeId, snapshotIds } of await volumes.list()) {
    for (const id of snapshotIds) {
      const size = (await snapshotRows.fetch(ctx.db, id))?.size ?? 0
      known.push({
        reference: { 'source-name': snapshotReference(id) },
        size,
        ...already,
        cinder_id: id,
        source_reference: { 'source-name': fileOf(volumeId) },
      })
    }
  }
  const strange = (await volumes.strangers()).snapshots.map(({ volumeId, name, sizeGib }) => ({
    reference: { 'source-name': snapshotReference(name) },
    size: sizeGib,
    safe_to_manage: true,
    reason_not_safe: null,
    cinder_id: null,
    extra_info: null,
    source_reference: { 'source-name': fileOf(volumeId) },
  }))
  return [...known, ...strange]
}

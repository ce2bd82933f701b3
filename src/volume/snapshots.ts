// Snapshots of volumes.
import { isoMillis } from '../platform/clock.ts'
import { lookup, ofProject } from '../platform/api/lookup.ts'
import type { Context } from '../platform/context.ts'
import { defined } from '../platform/defined.ts'
import { eventAppend } from '../platform/events.ts'
import { table } from '../platform/table.ts'
import { invalidSnapshot, invalidVolume, snapshotNotFound } from './errors.ts'
import { quotaCheck } from './quota.ts'
import { snapshotRows, type SnapshotRow } from './store/snapshots.ts'
import { volumeRows, type VolumeRow } from './store/volumes.ts'
import { checkMetadata, volumeRowGet, type VolumeChange } from './volumes.ts'
import { snapshotCreateSaga } from './work/snapshot-create.ts'
import { snapshotDeleteSaga } from './work/snapshot-delete.ts'

export type { SnapshotRow } from './store/snapshots.ts'

/** The snapshot, if this actor may do to it what `rule` says; another project's is not found. */
export const snapshotRowGet = lookup<SnapshotRow>({
  find: (ctx, id) => snapshotRows.fetch(ctx.db, id),
  target: ({ project_id, user_id }) => ({ project_id, user_id }),
  knows: ofProject,
  missing: snapshotNotFound,
})

export interface SnapshotDraft {
  volumeId: string
  name: string | null
  description: string | null
  metadata: Record<string, string>
  /** also of a volume in use */
  force: boolean
}

export async function snapshotCreate(ctx: Context, draft: SnapshotDraft): Promise<SnapshotRow> {
  checkMetadata(draft.metadata)
  return ctx.transaction(async (tx) => {
    const volume = await volumeRowGet(tx, draft.volumeId, 'volume:create_snapshot')
    const allowed = draft.force ? ['available', 'in-use', 'uploading'] : ['available']
    if (!allowed.includes(volume.status)) {
      throw invalidVolume(`Volume ${volume.id} status must be ${allowed.join(' or ')}, but current status is: ${volume.status}.`)
    }
    await quotaCheck(tx, { projectId: volume.project_id, typeId: volume.volume_type_id, snapshots: 1, gib: volume.size })
    const row = await snapshotRowCreate(tx, volume, draft)
    await snapshotCreateSaga.begin(tx, { snapshotId: row.id, volumeId: volume.id, host: volume.host ?? '', projectId: volume.project_id })
    return row
  })
}

/** Writes the row alone; the caller queues the work. */
export async function snapshotRowCreate(
  tx: Context,
  volume: VolumeRow,
  draft: Pick<SnapshotDraft, 'name' | 'description' | 'metadata'> & { groupSnapshotId?: string },
): Promise<SnapshotRow> {
  const row: SnapshotRow = {
    id: tx.ids.uuid(),
    project_id: volume.project_id,
    user_id: tx.actor.userId,
    volume_id: volume.id,
    name: draft.name,
    description: draft.description,
    status: 'creating',
    progress: '0%',
    size: volume.size,
    volume_type_id: volume.volume_type_id,
    metadata: draft.metadata,
    group_snapshot_id: draft.groupSnapshotId ?? null,
    reason: null,
    created_at: isoMillis(tx.clock.nowMs()),
    updated_at: null,
  }
  await snapshotRows.insert(tx.db, row)
  return row
}

export async function snapshotUpdate(ctx: Context, id: string, { name, description, metadata }: VolumeChange): Promise<SnapshotRow> {
  return ctx.transaction(async (tx) => {
    const row = await snapshotRowGet(tx, id, 'volume:update_snapshot')
    const changed = { ...defined({ name, description, metadata }), updated_at: isoMillis(tx.clock.nowMs()) }
    await snapshotRows.update(tx.db, id, changed)
    return { ...row, ...changed }
  })
}

/** Starts the deletion; `force` in any state, for the rule of admins. */
export async function snapshotDelete(ctx: Context, id: string, { force = false }: { force?: boolean } = {}): Promise<void> {
  await ctx.transaction(async (tx) => {
    const row = await snapshotRowGet(tx, id, force ? 'volume_extension:snapshot_admin_actions:force_delete' : 'volume:delete_snapshot')
    if (row.group_snapshot_id !== null)
      throw invalidSnapshot('Snapshot status must be available or error and must not belong to a group snapshot.')
    const from = force ? [row.status] : ['available', 'error', 'error_deleting']
    const change = { status: 'deleting', updated_at: isoMillis(tx.clock.nowMs()) }
    if (!(await snapshotRows.advance(tx.db, { id, status: from }, change)))
      throw invalidSnapshot(`Snapshot status must be available or error, but current status is: ${row.status}.`)
    await tx.work.cancel(tx, id)
    const volume = await volumeRows.fetch(tx.db, row.volume_id)
    await snapshotDeleteSaga.begin(tx, { snapshotId: id, volumeId: row.volume_id, host: volume?.host ?? null, projectId: row.project_id })
  })
}

export const snapshotStatuses = [
  'available',
  'creating',
  'deleting',
  'error',
  'error_deleting',
  'backing-up',
  'restoring',
  'unmanaging',
  'deleted',
] as const

/** os-reset_status: for admins, to leave a state that nothing leaves. */
export async function snapshotResetStatus(ctx: Context, id: string, status: string): Promise<void> {
  await ctx.transaction(async (tx) => {
    const row = await snapshotRowGet(tx, id)
    await tx.work.cancel(tx, id)
    await snapshotRows.update(tx.db, id, { status, updated_at: isoMillis(tx.clock.nowMs()) })
    await eventAppend(tx, {
      resourceType: 'snapshot',
      resourceId: id,
      projectId: row.project_id,
      action: 'reset-status',
      result: 'success',
      details: { from: row.status, to: status },
    })
  })
}

/** os-update_snapshot_status: a driver outside reports progress. */
export async function snapshotUpdateStatus(
  ctx: Context,
  id: string,
  { status, progress }: { status: string; progress: string | undefined },
): Promise<void> {
  await ctx.transaction(async (tx) => {
    const row = await snapshotRowGet(tx, id)
    const allowed: Record<string, string[]> = table({
      creating: ['creating', 'available', 'error'],
      deleting: ['deleting', 'error_deleting'],
    })
    if (!(allowed[row.status] ?? []).includes(status))
      throw invalidSnapshot(`Provided snapshot status ${status} not allowed for snapshot with status ${row.status}.`)
    await snapshotRows.update(tx.db, id, { status, ...defined({ progress }), updated_at: isoMillis(tx.clock.nowMs()) })
  })
}

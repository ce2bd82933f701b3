// Volumes as records: look-ups with their permission, changes of name and metadata, deletion. Creation: volume-create.ts; actions:
// volume-actions.ts.
import { isoMillis } from '../platform/clock.ts'
import { lookup, ofProject } from '../platform/api/lookup.ts'
import type { Context } from '../platform/context.ts'
import { defined } from '../platform/defined.ts'
import { badRequest } from '../platform/errors.ts'
import { eventAppend } from '../platform/events.ts'
import { invalidVolume, volumeNotFound } from './errors.ts'
import { attachmentsOfVolume } from './store/attachments.ts'
import { snapshotsOfVolume, snapshotRows } from './store/snapshots.ts'
import { volumeRows, volumeDeleteWithAttachments, type VolumeRow } from './store/volumes.ts'
import { volumeDeleteSaga } from './work/volume-delete.ts'

export type { VolumeRow } from './store/volumes.ts'

export const volumeTarget = (row: Pick<VolumeRow, 'project_id' | 'user_id'>) => ({ project_id: row.project_id, user_id: row.user_id })

/** The volume, if this actor may do to it what `rule` says; another project's is not found. */
export const volumeRowGet = lookup<VolumeRow>({
  find: (ctx, id) => volumeRows.fetch(ctx.db, id),
  target: volumeTarget,
  knows: ofProject,
  missing: volumeNotFound,
})

export interface VolumeChange {
  name?: string | null | undefined
  description?: string | null | undefined
  metadata?: Record<string, string> | undefined
}

export async function volumeUpdate(ctx: Context, id: string, { name, description, metadata }: VolumeChange): Promise<VolumeRow> {
  return ctx.transaction(async (tx) => {
    const row = await volumeRowGet(tx, id, 'volume:update')
    const changed = { ...defined({ name, description, metadata }), updated_at: isoMillis(tx.clock.nowMs()) }
    await volumeRows.update(tx.db, id, changed)
    await eventAppend(tx, { resourceType: 'volume', resourceId: id, projectId: row.project_id, action: 'update', result: 'success' })
    return { ...row, ...changed }
  })
}

const deletableStatuses = ['available', 'error', 'error_restoring', 'error_extending', 'error_managing', 'error_deleting'] as const

export interface DeleteOptions {
  /** with all its snapshots */
  cascade?: boolean
  /** in any state; the rule 'volume:force_delete' */
  force?: boolean
}

/** Starts the deletion: the record goes when the data is gone. */
export async function volumeDelete(ctx: Context, id: string, { cascade = false, force = false }: DeleteOptions = {}): Promise<void> {
  await ctx.transaction(async (tx) => {
    const row = await volumeRowGet(tx, id, force ? 'volume:force_delete' : 'volume:delete')
    await volumeDeleteBegin(tx, row, { cascade, force })
  })
}

export async function volumeDeleteBegin(tx: Context, row: VolumeRow, options: DeleteOptions): Promise<void> {
  const keeps = await volumeDeleteUnlessKept(tx, row, options)
  if (keeps !== null) throw invalidVolume(keeps)
}

/** Begins, or says what keeps the volume. */
export async function volumeDeleteUnlessKept(
  tx: Context,
  row: VolumeRow,
  { cascade = false, force = false }: DeleteOptions,
): Promise<string | null> {
  const { id } = row
  if (row.status === 'deleting') return null
  // it never had data: its row goes at once, and with it the use of its type
  if (row.host === null) {
    await tx.work.cancel(tx, id)
    await volumeDeleteWithAttachments(tx.db, id)
    await eventAppend(tx, { resourceType: 'volume', resourceId: id, projectId: row.project_id, action: 'delete', result: 'success' })
    return null
  }
  if (row.migration_status !== null) return mustBe
  const attachments = await attachmentsOfVolume(tx.db, id)
  if (attachments.some(({ status, owned }) => status === 'attached' || owned)) return mustBe
  if (row.group_id !== null && !force) return mustBe
  const snapshots = await snapshotsOfVolume(tx.db, id)
  if (!cascade && snapshots.some(({ status }) => !force || status !== 'deleting')) return mustBe
  if (
    snapshots.some(
      ({ status, group_snapshot_id }) =>
        group_snapshot_id !== null || !['available', 'error', 'error_deleting', 'deleting'].includes(status),
    )
  ) {
    return 'Snapshots of the volume must be available or error to delete it with them.'
  }
  const change = { status: 'deleting', previous_status: row.status, growing_to: null, updated_at: isoMillis(tx.clock.nowMs()) }
  const taken = await volumeRows.advance(tx.db, { id, status: force ? [row.status] : deletableStatuses }, change)
  if (!taken) return mustBe
  // work that was under way for it (a create, an extend) is cancelled
  await tx.work.cancel(tx, id)
  for (const snapshot of snapshots) {
    await tx.work.cancel(tx, snapshot.id)
    await snapshotRows.update(tx.db, snapshot.id, { status: 'deleting' })
  }
  const data = { volumeId: id, host: row.host, projectId: row.project_id, snapshotIds: snapshots.map((snapshot) => snapshot.id) }
  await volumeDeleteSaga.begin(tx, data)
  return null
}

const mustBe =
  'Volume status must be available or error or error_restoring or error_extending or error_managing and must not be migrating, attached, belong to a ' +
  'group, have snapshots, awaiting a transfer, or be disassociated from snapshots after volume transfer.'

/** Metadata of a volume or a snapshot: at most 128 entries here too. */
export function checkMetadata(metadata: Record<string, string>): void {
  if (Object.keys(metadata).length > 128) throw badRequest('Metadata property count exceeds 128.')
}

// Volumes and snapshots that are said to be on their way: work must be under way for each.
import { isoMillis } from '../../platform/clock.ts'
import type { Context } from '../../platform/context.ts'
import type { Check, Finding, Repair } from '../../platform/fsck/check.ts'
import { pages } from '../../platform/fsck/pages.ts'
import { attachmentsOfVolumes } from '../store/attachments.ts'
import { groupSnapshotsInTransition, snapshotsInTransition, volumesInTransition } from '../store/checks.ts'
import { groupSnapshotRows } from '../store/groups.ts'
import { snapshotRows } from '../store/snapshots.ts'
import { volumeRows } from '../store/volumes.ts'
import { snapshotFailRepair, snapshotRemoveRepair, volumeFailRepair, volumeRemoveRepair } from './repairs.ts'

export const volumesRestingCheck: Check = { name: 'volumes-resting', invariant: 2, find }

const nobody = (status: string) => `it rests in ${status}, and nothing works on it`

async function* find(ctx: Context): AsyncGenerator<Finding> {
  for await (const rows of pages(
    (after, limit) => volumesInTransition(ctx.db, after, limit),
    ({ id }) => id,
  )) {
    // a server's rebuild works on its root volume
    const servers = Map.groupBy(
      await attachmentsOfVolumes(
        ctx.db,
        rows.map(({ id }) => id),
      ),
      ({ volume_id }) => volume_id,
    )
    for (const row of rows) {
      const concerns = (servers.get(row.id) ?? []).flatMap(({ server_id }) => server_id ?? [])
      yield { resourceType: 'volume', resourceId: row.id, concerns, message: nobody(row.status), repair: volumeRepair(row) }
    }
  }
  for await (const rows of pages(
    (after, limit) => snapshotsInTransition(ctx.db, after, limit),
    ({ id }) => id,
  )) {
    for (const { id, status, volume_id, group_snapshot_id } of rows) {
      const concerns = [volume_id, ...(group_snapshot_id === null ? [] : [group_snapshot_id])]
      yield { resourceType: 'snapshot', resourceId: id, concerns, message: nobody(status), repair: snapshotRepair(id, status) }
    }
  }
  for await (const rows of pages(
    (after, limit) => groupSnapshotsInTransition(ctx.db, after, limit),
    ({ id }) => id,
  )) {
    for (const { id, status } of rows)
      yield { resourceType: 'volume_group_snapshot', resourceId: id, message: nobody(status), repair: groupRepair(id) }
  }
}

function volumeRepair(row: { id: string; status: string; previous_status: string | null }): Repair {
  if (row.status === 'deleting') return volumeRemoveRepair(row.id)
  // an upload only reads: the volume is what it was
  if (row.status === 'uploading') return backRepair(row.id, row.status, row.previous_status ?? 'available')
  return volumeFailRepair(row, nobody(row.status))
}

const backRepair = (id: string, from: string, to: string): Repair => ({
  words: `set the volume back to ${to}`,
  run: async ({ ctx }) =>
    void (await volumeRows.advance(ctx.db, { id, status: [from] }, { status: to, updated_at: isoMillis(ctx.clock.nowMs()) })),
})

function snapshotRepair(id: string, status: string): Repair {
  if (status === 'deleting') return snapshotRemoveRepair(id)
  if (status !== 'restoring') return snapshotFailRepair(id, nobody(status))
  // reverting only reads the snapshot
  return {
    words: 'set the snapshot back to available',
    run: async ({ ctx }) => void (await snapshotRows.advance(ctx.db, { id, status: ['restoring'] }, { status: 'available' })),
  }
}

const groupRepair = (id: string): Repair => ({
  words: 'set the group snapshot to error',
  run: async ({ ctx }) => void (await ctx.transaction((tx) => groupSnapshotRows.update(tx.db, id, { status: 'error' }))),
})

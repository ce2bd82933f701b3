// Deletes a snapshot: at the host, then its record.
import { isoMillis } from '../../platform/clock.ts'
import { saga } from '../../platform/work/definition.ts'
import { eventAppend } from '../../platform/events.ts'
import { snapshotDelete, snapshotUpdate } from '../store/snapshots.ts'
import { failureRecord } from './failure-message.ts'
import { hostLimit } from './host-limit.ts'
import type { SnapshotData } from './snapshot-create.ts'

export const snapshotRemoveSaga = saga<Omit<SnapshotData, 'host'> & { host: string | null }>({
  name: 'snapshot-remove',
  deadlineMs: 600_000,
  limit: hostLimit,
  steps: [
    {
      name: 'remove',
      async run({ ctx, call }, { host, volumeId, snapshotId }) {
        if (host !== null) await ctx.hosts.get(host).volumes.removeSnapshot(volumeId, snapshotId, call)
      },
      async commit({ ctx }, { snapshotId, projectId }) {
        await snapshotDelete(ctx.db, snapshotId)
        await eventAppend(ctx, { resourceType: 'snapshot', resourceId: snapshotId, projectId, action: 'delete', result: 'success' })
      },
    },
  ],
  async failed({ ctx }, { snapshotId, projectId }, reason) {
    await snapshotUpdate(ctx.db, snapshotId, { status: 'error_deleting', reason, updated_at: isoMillis(ctx.clock.nowMs()) })
    await failureRecord(ctx, { resourceType: 'snapshot', resourceId: snapshotId, projectId, action: 'delete', reason })
  },
})

// Puts a snapshot's content back into its volume.
import { isoMillis } from '../../platform/clock.ts'
import { saga } from '../../platform/work/definition.ts'
import { eventAppend } from '../../platform/events.ts'
import { snapshotAdvance } from '../store/snapshots.ts'
import { volumeAdvance } from '../store/volumes.ts'
import { failureRecord } from './failure-message.ts'
import { hostLimit } from './host-limit.ts'
import type { SnapshotData } from './snapshot-create.ts'

export const volumeRevertSaga = saga<SnapshotData>({
  name: 'volume-revert',
  deadlineMs: 600_000,
  limit: hostLimit,
  steps: [
    {
      name: 'revert',
      run: ({ ctx, call }, { host, volumeId, snapshotId }) => ctx.hosts.get(host).volumes.revert(volumeId, snapshotId, call),
      async commit({ ctx }, { volumeId, snapshotId, projectId }) {
        const now = isoMillis(ctx.clock.nowMs())
        await volumeAdvance(ctx.db, volumeId, ['reverting'], { status: 'available', updated_at: now })
        await snapshotAdvance(ctx.db, snapshotId, ['restoring'], { status: 'available', updated_at: now })
        await eventAppend(ctx, {
          resourceType: 'volume',
          resourceId: volumeId,
          projectId,
          action: 'revert',
          result: 'success',
          details: { snapshotId },
        })
      },
    },
  ],
  async failed({ ctx }, { volumeId, snapshotId, projectId }, reason) {
    const now = isoMillis(ctx.clock.nowMs())
    await volumeAdvance(ctx.db, volumeId, ['reverting'], { status: 'error', reason, updated_at: now })
    await snapshotAdvance(ctx.db, snapshotId, ['restoring'], { status: 'available', updated_at: now })
    await failureRecord(ctx, { resourceType: 'volume', resourceId: volumeId, projectId, action: 'revert', reason })
  },
})

// Takes a snapshot at the host that holds the volume.
import { isoMillis } from '../../platform/clock.ts'
import { saga } from '../../platform/work/definition.ts'
import { eventAppend } from '../../platform/events.ts'
import { snapshotAdvance } from '../store/snapshots.ts'
import { failureRecord } from './failure-message.ts'
import { hostLimit } from './host-limit.ts'

export interface SnapshotData {
  snapshotId: string
  volumeId: string
  host: string
  projectId: string
}

export const snapshotCreateSaga = saga<SnapshotData>({
  name: 'snapshot-create',
  deadlineMs: 600_000,
  limit: hostLimit,
  steps: [
    {
      name: 'snapshot',
      run: ({ ctx, call }, { host, volumeId, snapshotId }) => ctx.hosts.get(host).volumes.snapshot(volumeId, snapshotId, call),
      async commit({ ctx }, { snapshotId, projectId }) {
        await snapshotAdvance(ctx.db, snapshotId, ['creating'], {
          status: 'available',
          progress: '100%',
          updated_at: isoMillis(ctx.clock.nowMs()),
        })
        await eventAppend(ctx, { resourceType: 'snapshot', resourceId: snapshotId, projectId, action: 'create', result: 'success' })
      },
      undo: ({ ctx, call }, { host, volumeId, snapshotId }) => ctx.hosts.get(host).volumes.removeSnapshot(volumeId, snapshotId, call),
    },
  ],
  async failed({ ctx }, { snapshotId, projectId }, reason) {
    await snapshotAdvance(ctx.db, snapshotId, ['creating'], { status: 'error', reason, updated_at: isoMillis(ctx.clock.nowMs()) })
    await failureRecord(ctx, { resourceType: 'snapshot', resourceId: snapshotId, projectId, action: 'create', reason })
  },
})

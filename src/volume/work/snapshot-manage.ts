// Takes a snapshot that lies in a volume's file over as the volume's, and lets one go that stays there.
import { isoMillis } from '../../platform/clock.ts'
import { saga } from '../../platform/work/definition.ts'
import { eventAppend } from '../../platform/events.ts'
import { snapshotAdvance, snapshotDelete } from '../store/snapshots.ts'
import { failureRecord } from './failure-message.ts'
import { hostLimit } from './host-limit.ts'
import type { SnapshotData } from './snapshot-create.ts'

export const snapshotManageSaga = saga<SnapshotData & { name: string }>({
  name: 'snapshot-manage',
  deadlineMs: 600_000,
  limit: hostLimit,
  steps: [
    {
      name: 'adopt',
      run: ({ ctx, call }, { host, volumeId, snapshotId, name }) =>
        ctx.hosts.get(host).volumes.adoptSnapshot(volumeId, { snapshotId, name }, call),
      async commit({ ctx }, { snapshotId, projectId, name }) {
        await snapshotAdvance(ctx.db, snapshotId, ['creating'], {
          status: 'available',
          progress: '100%',
          updated_at: isoMillis(ctx.clock.nowMs()),
        })
        await eventAppend(ctx, {
          resourceType: 'snapshot',
          resourceId: snapshotId,
          projectId,
          action: 'manage',
          result: 'success',
          details: { name },
        })
      },
      undo: ({ ctx, call }, { host, volumeId, snapshotId }) => ctx.hosts.get(host).volumes.releaseSnapshot(volumeId, snapshotId, call),
    },
  ],
  async failed({ ctx }, { snapshotId, projectId }, reason) {
    await snapshotAdvance(ctx.db, snapshotId, ['creating'], { status: 'error', reason, updated_at: isoMillis(ctx.clock.nowMs()) })
    await failureRecord(ctx, { resourceType: 'snapshot', resourceId: snapshotId, projectId, action: 'create', reason })
  },
})

export const snapshotUnmanageSaga = saga<SnapshotData>({
  name: 'snapshot-unmanage',
  deadlineMs: 600_000,
  limit: hostLimit,
  steps: [
    {
      name: 'release',
      run: ({ ctx, call }, { host, volumeId, snapshotId }) => ctx.hosts.get(host).volumes.releaseSnapshot(volumeId, snapshotId, call),
      async commit({ ctx }, { snapshotId, projectId }) {
        await snapshotDelete(ctx.db, snapshotId)
        await eventAppend(ctx, { resourceType: 'snapshot', resourceId: snapshotId, projectId, action: 'unmanage', result: 'success' })
      },
    },
  ],
  async failed({ ctx }, { snapshotId, projectId }, reason) {
    await snapshotAdvance(ctx.db, snapshotId, ['unmanaging'], { status: 'error', reason, updated_at: isoMillis(ctx.clock.nowMs()) })
    await failureRecord(ctx, { resourceType: 'snapshot', resourceId: snapshotId, projectId, action: 'delete', reason })
  },
})

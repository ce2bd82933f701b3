// Deletes a volume: first its snapshots (a cascade), then the data at the host, then the records. Without undo: what
// failed to go stays 'error_deleting' with the reason, and may be deleted again.
import { isoMillis } from '../../platform/clock.ts'
import { saga } from '../../platform/work/definition.ts'
import { eventAppend } from '../../platform/events.ts'
import { snapshotDelete, snapshotUpdate } from '../store/snapshots.ts'
import { volumeForget, volumeUpdate } from '../store/volumes.ts'
import { failureRecord } from './failure-message.ts'
import { hostLimit } from './host-limit.ts'

export interface VolumeRemoveData {
  volumeId: string
  /** null: it never had a place */
  host: string | null
  projectId: string
  snapshotIds: string[]
}

export const volumeRemoveSaga = saga<VolumeRemoveData>({
  name: 'volume-remove',
  deadlineMs: 600_000,
  limit: hostLimit,
  steps: [
    {
      name: 'remove',
      async run({ ctx, call }, { volumeId, host, snapshotIds }) {
        if (host === null) return
        const { volumes } = ctx.hosts.get(host)
        for (const snapshotId of snapshotIds) await volumes.removeSnapshot(volumeId, snapshotId, call)
        await volumes.remove(volumeId, call)
      },
      async commit({ ctx }, { volumeId, projectId, snapshotIds, host }) {
        for (const snapshotId of snapshotIds) await snapshotDelete(ctx.db, snapshotId)
        await volumeForget(ctx.db, volumeId)
        await eventAppend(ctx, { resourceType: 'volume', resourceId: volumeId, projectId, action: 'delete', result: 'success', host })
      },
    },
  ],
  async failed({ ctx }, { volumeId, projectId, snapshotIds }, reason) {
    const now = isoMillis(ctx.clock.nowMs())
    await volumeUpdate(ctx.db, volumeId, { status: 'error_deleting', reason, updated_at: now })
    for (const snapshotId of snapshotIds) await snapshotUpdate(ctx.db, snapshotId, { status: 'error_deleting', reason, updated_at: now })
    await failureRecord(ctx, { resourceType: 'volume', resourceId: volumeId, projectId, action: 'delete', reason })
  },
})

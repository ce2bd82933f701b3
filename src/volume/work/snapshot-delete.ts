// Deletes a snapshot: at the host, then its record.
import { snapshotRows } from '../store/snapshots.ts'
import type { SnapshotData } from './snapshot-create.ts'
import { volumeSaga } from './volume-saga.ts'

export const snapshotDeleteSaga = volumeSaga<Omit<SnapshotData, 'host'> & { host: string | null }>({
  // as rows of earlier versions call it
  name: 'snapshot-remove',
  of: 'snapshot',
  action: 'delete',
  steps: [
    {
      name: 'remove',
      async run({ ctx, call }, { host, volumeId, snapshotId }) {
        if (host !== null) await ctx.hosts.get(host).volumes.removeSnapshot(volumeId, snapshotId, call)
      },
    },
  ],
  done: ({ db }, { snapshotId }) => snapshotRows.delete(db, snapshotId),
  failed: ({ db }, { snapshotId }, change) => snapshotRows.update(db, snapshotId, { ...change, status: 'error_deleting' }),
})

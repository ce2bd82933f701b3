// Takes a snapshot at the host that holds the volume.
import { snapshotRows } from '../store/snapshots.ts'
import { volumeSaga } from './volume-saga.ts'

export interface SnapshotData {
  snapshotId: string
  volumeId: string
  host: string
  projectId: string
}

export const snapshotCreateSaga = volumeSaga<SnapshotData>({
  name: 'snapshot-create',
  of: 'snapshot',
  action: 'create',
  steps: [
    {
      name: 'snapshot',
      run: ({ ctx, call }, { host, volumeId, snapshotId }) => ctx.hosts.get(host).volumes.snapshot(volumeId, snapshotId, call),
      undo: ({ ctx, call }, { host, volumeId, snapshotId }) => ctx.hosts.get(host).volumes.removeSnapshot(volumeId, snapshotId, call),
    },
  ],
  done: ({ db }, { snapshotId }, change) =>
    snapshotRows.advance(db, { id: snapshotId, status: ['creating'] }, { ...change, status: 'available', progress: '100%' }),
  failed: ({ db }, { snapshotId }, change) =>
    snapshotRows.advance(db, { id: snapshotId, status: ['creating'] }, { ...change, status: 'error' }),
})

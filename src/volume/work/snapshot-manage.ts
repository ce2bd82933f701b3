// Adopts a snapshot that lies in a volume's file as the volume's, and releases one that stays in the file.
import { snapshotRows } from '../store/snapshots.ts'
import type { SnapshotData } from './snapshot-create.ts'
import { volumeSaga } from './volume-saga.ts'

export const snapshotManageSaga = volumeSaga<SnapshotData & { name: string }>({
  name: 'snapshot-manage',
  of: 'snapshot',
  action: 'manage',
  message: () => 'create',
  details: ({ name }) => ({ name }),
  steps: [
    {
      name: 'adopt',
      run: ({ ctx, call }, { host, volumeId, snapshotId, name }) =>
        ctx.hosts.get(host).volumes.adoptSnapshot(volumeId, { snapshotId, name }, call),
      undo: ({ ctx, call }, { host, volumeId, snapshotId }) => ctx.hosts.get(host).volumes.releaseSnapshot(volumeId, snapshotId, call),
    },
  ],
  done: ({ db }, { snapshotId }, change) =>
    snapshotRows.advance(db, { id: snapshotId, status: ['creating'] }, { ...change, status: 'available', progress: '100%' }),
  failed: ({ db }, { snapshotId }, change) =>
    snapshotRows.advance(db, { id: snapshotId, status: ['creating'] }, { ...change, status: 'error' }),
})

export const snapshotUnmanageSaga = volumeSaga<SnapshotData>({
  name: 'snapshot-unmanage',
  of: 'snapshot',
  action: 'unmanage',
  message: () => 'delete',
  steps: [
    {
      name: 'release',
      run: ({ ctx, call }, { host, volumeId, snapshotId }) => ctx.hosts.get(host).volumes.releaseSnapshot(volumeId, snapshotId, call),
    },
  ],
  done: ({ db }, { snapshotId }) => snapshotRows.delete(db, snapshotId),
  failed: ({ db }, { snapshotId }, change) =>
    snapshotRows.advance(db, { id: snapshotId, status: ['unmanaging'] }, { ...change, status: 'error' }),
})

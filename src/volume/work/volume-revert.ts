// Puts a snapshot's content back into its volume.
import { snapshotRows } from '../store/snapshots.ts'
import { volumeRows } from '../store/volumes.ts'
import type { SnapshotData } from './snapshot-create.ts'
import { volumeSaga } from './volume-saga.ts'

export const volumeRevertSaga = volumeSaga<SnapshotData>({
  name: 'volume-revert',
  of: 'volume',
  action: 'revert',
  details: ({ snapshotId }) => ({ snapshotId }),
  steps: [
    {
      name: 'revert',
      run: ({ ctx, call }, { host, volumeId, snapshotId }) => ctx.hosts.get(host).volumes.revert(volumeId, snapshotId, call),
    },
  ],
  async done({ db }, { volumeId, snapshotId }, change) {
    await volumeRows.advance(db, { id: volumeId, status: ['reverting'] }, { ...change, status: 'available' })
    await snapshotRows.advance(db, { id: snapshotId, status: ['restoring'] }, { ...change, status: 'available' })
  },
  async failed({ db }, { volumeId, snapshotId }, { reason, updated_at }) {
    await volumeRows.advance(db, { id: volumeId, status: ['reverting'] }, { status: 'error', reason, updated_at })
    await snapshotRows.advance(db, { id: snapshotId, status: ['restoring'] }, { status: 'available', updated_at })
  },
})

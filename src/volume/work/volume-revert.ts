// Puts a snapshot's content back into its volume.
import { snapshotAdvance } from '../store/snapshots.ts'
import { volumeAdvance } from '../store/volumes.ts'
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
    await volumeAdvance(db, volumeId, ['reverting'], { ...change, status: 'available' })
    await snapshotAdvance(db, snapshotId, ['restoring'], { ...change, status: 'available' })
  },
  async failed({ db }, { volumeId, snapshotId }, { reason, updated_at }) {
    await volumeAdvance(db, volumeId, ['reverting'], { status: 'error', reason, updated_at })
    await snapshotAdvance(db, snapshotId, ['restoring'], { status: 'available', updated_at })
  },
})

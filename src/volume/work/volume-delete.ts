// Deletes a volume: first its snapshots (a cascade), then the data at the host, then the records. Without undo: what
// failed to go stays 'error_deleting' with the reason, and may be deleted again.
import { snapshotRows } from '../store/snapshots.ts'
import { volumeDeleteWithAttachments, volumeRows } from '../store/volumes.ts'
import { volumeSaga } from './volume-saga.ts'

export interface VolumeDeleteData {
  volumeId: string
  /** null: it never had a place */
  host: string | null
  projectId: string
  snapshotIds: string[]
}

export const volumeDeleteSaga = volumeSaga<VolumeDeleteData>({
  // as rows of earlier versions call it
  name: 'volume-remove',
  of: 'volume',
  action: 'delete',
  steps: [
    {
      name: 'remove',
      async run({ ctx, call }, { volumeId, host, snapshotIds }) {
        if (host === null) return
        const { volumes } = ctx.hosts.get(host)
        for (const snapshotId of snapshotIds) await volumes.removeSnapshot(volumeId, snapshotId, call)
        await volumes.remove(volumeId, call)
      },
    },
  ],
  async done({ db }, { volumeId, snapshotIds }) {
    for (const snapshotId of snapshotIds) await snapshotRows.delete(db, snapshotId)
    await volumeDeleteWithAttachments(db, volumeId)
  },
  async failed({ db }, { volumeId, snapshotIds }, change) {
    await volumeRows.update(db, volumeId, { ...change, status: 'error_deleting' })
    for (const snapshotId of snapshotIds) await snapshotRows.update(db, snapshotId, { ...change, status: 'error_deleting' })
  },
})

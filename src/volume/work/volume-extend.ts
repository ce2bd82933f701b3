// Grows a volume at its host; a guest that has it is notified, and sees the new size.
import { attachmentsOfVolume } from '../store/attachments.ts'
import { volumeRows, volumeReturn } from '../store/volumes.ts'
import { volumeWatchers } from '../watchers.ts'
import { volumeSaga } from './volume-saga.ts'

export interface VolumeExtendData {
  volumeId: string
  host: string
  projectId: string
  sizeGib: number
}

export const volumeExtendSaga = volumeSaga<VolumeExtendData>({
  name: 'volume-extend',
  of: 'volume',
  action: 'extend',
  details: ({ sizeGib }) => ({ sizeGib }),
  steps: [
    {
      name: 'extend',
      run: ({ ctx, call }, { host, volumeId, sizeGib }) => ctx.hosts.get(host).volumes.extend(volumeId, sizeGib, call),
    },
  ],
  async done(tx, { volumeId, sizeGib }, change) {
    await volumeReturn(tx.db, volumeId, 'extending', { ...change, size: sizeGib })
    for (const { server_id } of await attachmentsOfVolume(tx.db, volumeId)) {
      if (server_id !== null)
        for (const watcher of volumeWatchers(tx)) await watcher.extended(tx, { volumeId, serverId: server_id, sizeGib })
    }
  },
  failed: ({ db }, { volumeId }, change) =>
    volumeRows.advance(db, { id: volumeId, status: ['extending'] }, { ...change, status: 'error_extending', growing_to: null }),
})

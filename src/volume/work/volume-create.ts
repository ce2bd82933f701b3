// Makes a volume's data at its host, blank or from a source. The record was written 'creating' with the intent.
import type { VolumeSource } from '../../contract/volumes.ts'
import { volumeRows } from '../store/volumes.ts'
import { volumeSaga } from './volume-saga.ts'

export interface VolumeCreateData {
  volumeId: string
  projectId: string
  host: string
  sizeGib: number
  source: VolumeSource
  bootable: boolean
  fate: Record<string, string>
}

const during = ['creating', 'downloading']

export const volumeCreateSaga = volumeSaga<VolumeCreateData>({
  name: 'volume-create',
  deadlineMs: 1_800_000,
  of: 'volume',
  action: 'create',
  message: ({ source }) => (source.kind === 'image' ? 'copy' : 'create'),
  steps: [
    {
      name: 'create',
      async run({ ctx, call }, { volumeId, host, sizeGib, source, fate }) {
        await ctx.hosts.get(host).volumes.create({ volumeId, sizeGib, source, fate }, call)
      },
      undo: ({ ctx, call }, { volumeId, host }) => ctx.hosts.get(host).volumes.remove(volumeId, call),
    },
  ],
  done: ({ db }, { volumeId, bootable }, change) =>
    volumeRows.advance(
      db,
      { id: volumeId, status: during },
      { ...change, status: 'available', bootable: bootable, launched_at: change.updated_at },
    ),
  failed: ({ db }, { volumeId }, change) => volumeRows.advance(db, { id: volumeId, status: during }, { ...change, status: 'error' }),
})

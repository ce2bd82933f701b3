// Copies a volume's bytes into an image that was reserved with the intent.
import { imageRemove, imagesByIds, imageUploadAccepted } from '../../image/index.ts'
import { volumeReturn } from '../store/volumes.ts'
import { volumeSaga } from './volume-saga.ts'

export interface VolumeUploadData {
  volumeId: string
  host: string
  projectId: string
  imageId: string
  diskFormat: 'raw' | 'qcow2'
}

export const volumeUploadSaga = volumeSaga<VolumeUploadData>({
  name: 'volume-upload',
  deadlineMs: 3_600_000,
  of: 'volume',
  action: 'upload',
  details: ({ imageId }) => ({ imageId }),
  steps: [
    {
      name: 'upload',
      async run({ ctx, call }, { host, volumeId, imageId, diskFormat }) {
        const image = (await imagesByIds(ctx, [imageId])).get(imageId)
        if (image?.status === 'active') return
        // an attempt that died is queued again by the image store's reconciler
        if (image?.status === 'saving') throw new Error('the image is still being written')
        const { stream } = await ctx.hosts.get(host).volumes.read(volumeId, diskFormat, call)
        await imageUploadAccepted(ctx, imageId, stream)
      },
      undo: ({ ctx }, { imageId }) => imageRemove(ctx, imageId),
    },
  ],
  done: ({ db }, { volumeId }, change) => volumeReturn(db, volumeId, 'uploading', change),
  failed: ({ db }, { volumeId }, { updated_at }) => volumeReturn(db, volumeId, 'uploading', { updated_at }),
})

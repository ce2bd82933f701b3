// Copies a volume's bytes into an image that was reserved with the intent.
import { imageRemove, imagesByIds, imageUploadAccepted } from '../../image/index.ts'
import { isoMillis } from '../../platform/clock.ts'
import { saga } from '../../platform/work/definition.ts'
import { eventAppend } from '../../platform/events.ts'
import { volumeReturn } from '../store/volumes.ts'
import { failureRecord } from './failure-message.ts'
import { hostLimit } from './host-limit.ts'

export interface VolumeUploadData {
  volumeId: string
  host: string
  projectId: string
  imageId: string
  diskFormat: 'raw' | 'qcow2'
}

export const volumeUploadSaga = saga<VolumeUploadData>({
  name: 'volume-upload',
  deadlineMs: 3_600_000,
  limit: hostLimit,
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
      async commit({ ctx }, { volumeId, projectId, imageId }) {
        await volumeReturn(ctx.db, volumeId, 'uploading', { updated_at: isoMillis(ctx.clock.nowMs()) })
        await eventAppend(ctx, {
          resourceType: 'volume',
          resourceId: volumeId,
          projectId,
          action: 'upload',
          result: 'success',
          details: { imageId },
        })
      },
      undo: ({ ctx }, { imageId }) => imageRemove(ctx, imageId),
    },
  ],
  async failed({ ctx }, { volumeId, projectId }, reason) {
    await volumeReturn(ctx.db, volumeId, 'uploading', { updated_at: isoMillis(ctx.clock.nowMs()) })
    await failureRecord(ctx, { resourceType: 'volume', resourceId: volumeId, projectId, action: 'upload', reason })
  },
})

// Reads a guest's root disk at one moment and uploads it as an image. A volume-backed server's image has no bytes.
import { Readable } from 'node:stream'
import { imageRemove, imageUploadAccepted, imagesByIds, imagesOfServer } from '../../../image/index.ts'
import { PermanentError, type WorkContext } from '../../../platform/work/definition.ts'
import { serverChange } from '../store/servers.ts'
import { hostOf, serverOfWork } from '../guest/steps/apply.ts'
import { serverSaga } from '../guest/steps/server-saga.ts'

interface ImageData {
  serverId: string
  imageId: string
  action: 'createImage' | 'createBackup'
  empty: boolean
  rotation: { backupType: string; keep: number } | null
}

const hour = 3_600_000

/** Uploads the guest's root disk; an upload that was done before the answer was lost is not done again. */
export async function uploadRootDisk(
  work: WorkContext,
  { serverId, imageId, empty }: Pick<ImageData, 'serverId' | 'imageId' | 'empty'>,
): Promise<void> {
  const image = (await imagesByIds(work.ctx, [imageId])).get(imageId)
  if (!image) throw new PermanentError(`The image ${imageId} was deleted.`)
  if (image.status === 'active') return
  if (empty) return void (await imageUploadAccepted(work.ctx, imageId, Readable.from([])))
  const server = await serverOfWork(work.ctx, serverId)
  const { stream } = await hostOf(work.ctx, server).guests.snapshot(serverId, work.call)
  try {
    await imageUploadAccepted(work.ctx, imageId, stream)
  } finally {
    stream.destroy()
  }
}

export const serverImageSaga = serverSaga<ImageData>({
  name: 'server-image',
  action: ({ action }) => action,
  deadlineMs: 2 * hour,
  steps: [
    {
      name: 'begun',
      commit: async ({ ctx }, { serverId }) => void (await serverChange(ctx.db, serverId, { task_state: 'image_uploading' })),
      // the image's record was made with the request
      undo: (work, { imageId }) => imageRemove(work.ctx, imageId),
    },
    {
      name: 'upload',
      run: uploadRootDisk,
    },
    {
      name: 'rotate',
      applies: ({ rotation }) => rotation !== null,
      async run(work, { serverId, rotation }) {
        if (!rotation) return
        const server = await serverOfWork(work.ctx, serverId)
        const backups = await imagesOfServer(work.ctx, { id: serverId, projectId: server.project_id }, rotation.backupType)
        for (const old of backups.slice(rotation.keep)) await imageRemove(work.ctx, old.id)
      },
    },
    { name: 'end' },
  ],
  done: () => ({ pending_image_id: null }),
  failed: () => ({ pending_image_id: null }),
})

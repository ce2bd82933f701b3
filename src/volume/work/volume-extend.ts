// Grows a volume at its host; a guest that has it is told, and sees the new size.
import { isoMillis } from '../../platform/clock.ts'
import { saga } from '../../platform/work/definition.ts'
import { eventAppend } from '../../platform/events.ts'
import { attachmentsOfVolume } from '../store/attachments.ts'
import { volumeAdvance, volumeReturn } from '../store/volumes.ts'
import { volumeWatchers } from '../watchers.ts'
import { failureRecord } from './failure-message.ts'
import { hostLimit } from './host-limit.ts'

export interface VolumeExtendData {
  volumeId: string
  host: string
  projectId: string
  sizeGib: number
}

export const volumeExtendSaga = saga<VolumeExtendData>({
  name: 'volume-extend',
  deadlineMs: 600_000,
  limit: hostLimit,
  steps: [
    {
      name: 'extend',
      run: ({ ctx, call }, { host, volumeId, sizeGib }) => ctx.hosts.get(host).volumes.extend(volumeId, sizeGib, call),
      async commit({ ctx }, { volumeId, projectId, sizeGib }) {
        await volumeReturn(ctx.db, volumeId, 'extending', { size: sizeGib, updated_at: isoMillis(ctx.clock.nowMs()) })
        await eventAppend(ctx, {
          resourceType: 'volume',
          resourceId: volumeId,
          projectId,
          action: 'extend',
          result: 'success',
          details: { sizeGib },
        })
        for (const { server_id } of await attachmentsOfVolume(ctx.db, volumeId)) {
          if (server_id !== null)
            for (const watcher of volumeWatchers(ctx)) await watcher.extended(ctx, { volumeId, serverId: server_id, sizeGib })
        }
      },
    },
  ],
  async failed({ ctx }, { volumeId, projectId }, reason) {
    await volumeAdvance(ctx.db, volumeId, ['extending'], {
      status: 'error_extending',
      growing_to: null,
      reason,
      updated_at: isoMillis(ctx.clock.nowMs()),
    })
    await failureRecord(ctx, { resourceType: 'volume', resourceId: volumeId, projectId, action: 'extend', reason })
  },
})

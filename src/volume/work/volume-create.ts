// Makes a volume's data at its host, blank or from a source. The record was written 'creating' with the intent.
import type { VolumeSource } from '../../host/contract.ts'
import { isoMillis } from '../../platform/clock.ts'
import { saga } from '../../platform/work/definition.ts'
import { eventAppend } from '../../platform/events.ts'
import { volumeAdvance } from '../store/volumes.ts'
import { failureRecord } from './failure-message.ts'
import { hostLimit } from './host-limit.ts'

export interface VolumeCreateData {
  volumeId: string
  projectId: string
  host: string
  sizeGib: number
  source: VolumeSource
  bootable: boolean
  fate: Record<string, string>
}

export const volumeCreateSaga = saga<VolumeCreateData>({
  name: 'volume-create',
  deadlineMs: 1_800_000,
  limit: hostLimit,
  steps: [
    {
      name: 'create',
      async run({ ctx, call }, { volumeId, host, sizeGib, source, fate }) {
        await ctx.hosts.get(host).volumes.create({ volumeId, sizeGib, source, fate }, call)
      },
      async commit({ ctx }, { volumeId, projectId, host, bootable }) {
        const now = isoMillis(ctx.clock.nowMs())
        await volumeAdvance(ctx.db, volumeId, ['creating', 'downloading'], {
          status: 'available',
          bootable: bootable ? 1 : 0,
          launched_at: now,
          updated_at: now,
        })
        await eventAppend(ctx, { resourceType: 'volume', resourceId: volumeId, projectId, action: 'create', result: 'success', host })
      },
      undo: ({ ctx, call }, { volumeId, host }) => ctx.hosts.get(host).volumes.remove(volumeId, call),
    },
  ],
  async failed({ ctx }, { volumeId, projectId, source }, reason) {
    await volumeAdvance(ctx.db, volumeId, ['creating', 'downloading'], {
      status: 'error',
      reason,
      updated_at: isoMillis(ctx.clock.nowMs()),
    })
    await failureRecord(ctx, {
      resourceType: 'volume',
      resourceId: volumeId,
      projectId,
      action: source.kind === 'image' ? 'copy' : 'create',
      reason,
    })
  },
})

// Takes a file of a host's pool over as a volume. How large it is, is known only there: then it must fit the quota.
import { isoMillis } from '../../platform/clock.ts'
import { ApiError } from '../../platform/errors.ts'
import { PermanentError, saga } from '../../platform/work/definition.ts'
import { eventAppend } from '../../platform/events.ts'
import { quotaCheck } from '../quota.ts'
import { volumeAdvance, volumeFetch, volumeForget, volumeUpdate } from '../store/volumes.ts'
import { failureRecord } from './failure-message.ts'
import { hostLimit } from './host-limit.ts'

export interface VolumeManageData {
  volumeId: string
  projectId: string
  host: string
  reference: string
  bootable: boolean
  fate: Record<string, string>
  sizeGib?: number
}

export const volumeManageSaga = saga<VolumeManageData>({
  name: 'volume-manage',
  deadlineMs: 1_800_000,
  limit: hostLimit,
  steps: [
    {
      name: 'measure',
      async run({ ctx }, { host, reference }) {
        const file = (await ctx.hosts.get(host).volumes.strangers()).files.find((each) => each.reference === reference)
        if (!file)
          throw new PermanentError(`Manage existing volume failed due to invalid backend reference ${reference}: there is no such file.`)
        if (file.fault !== null)
          throw new PermanentError(`Manage existing volume failed due to invalid backend reference ${reference}: ${file.fault}.`)
        return { sizeGib: file.sizeGib }
      },
      async commit({ ctx }, { volumeId, projectId, sizeGib = 0 }) {
        const row = await volumeFetch(ctx.db, volumeId)
        if (!row) throw new PermanentError(`The volume ${volumeId} is gone.`)
        await quotaCheck(ctx, { projectId, typeId: row.volume_type_id, gib: sizeGib, volumeGib: sizeGib }).catch((error: unknown) => {
          throw error instanceof ApiError ? new PermanentError(error.message) : error
        })
        await volumeUpdate(ctx.db, volumeId, { size: sizeGib })
      },
      undoCommit: async ({ ctx }, { volumeId }) => void (await volumeUpdate(ctx.db, volumeId, { size: 0 })),
    },
    {
      name: 'adopt',
      run: async ({ ctx, call }, { host, volumeId, reference, fate }) =>
        void (await ctx.hosts.get(host).volumes.adopt({ volumeId, reference, fate }, call)),
      async commit({ ctx }, { volumeId, projectId, host, reference, bootable }) {
        const now = isoMillis(ctx.clock.nowMs())
        await volumeAdvance(ctx.db, volumeId, ['managing'], {
          status: 'available',
          bootable: bootable ? 1 : 0,
          launched_at: now,
          updated_at: now,
        })
        await eventAppend(ctx, {
          resourceType: 'volume',
          resourceId: volumeId,
          projectId,
          action: 'manage',
          result: 'success',
          host,
          details: { reference },
        })
      },
      undo: ({ ctx, call }, { host, volumeId, reference }) => ctx.hosts.get(host).volumes.release(volumeId, reference, call),
    },
  ],
  async failed({ ctx }, { volumeId, projectId }, reason) {
    await volumeAdvance(ctx.db, volumeId, ['managing'], {
      status: 'error_managing',
      reason,
      size: 0,
      updated_at: isoMillis(ctx.clock.nowMs()),
    })
    await failureRecord(ctx, { resourceType: 'volume', resourceId: volumeId, projectId, action: 'manage', reason })
  },
})

export type VolumeUnmanageData = Pick<VolumeManageData, 'volumeId' | 'projectId' | 'host' | 'reference'>

/** The record goes; what it was about stays at the host, as a file of the pool. */
export const volumeUnmanageSaga = saga<VolumeUnmanageData>({
  name: 'volume-unmanage',
  deadlineMs: 600_000,
  limit: hostLimit,
  steps: [
    {
      name: 'release',
      run: ({ ctx, call }, { host, volumeId, reference }) => ctx.hosts.get(host).volumes.release(volumeId, reference, call),
      async commit({ ctx }, { volumeId, projectId, host, reference }) {
        await volumeForget(ctx.db, volumeId)
        await eventAppend(ctx, {
          resourceType: 'volume',
          resourceId: volumeId,
          projectId,
          action: 'unmanage',
          result: 'success',
          host,
          details: { reference },
        })
      },
    },
  ],
  async failed({ ctx }, { volumeId, projectId }, reason) {
    await volumeAdvance(ctx.db, volumeId, ['unmanaging'], { status: 'error', reason, updated_at: isoMillis(ctx.clock.nowMs()) })
    await failureRecord(ctx, { resourceType: 'volume', resourceId: volumeId, projectId, action: 'unmanage', reason })
  },
})

// Adopts a file of a host's pool as a volume. Its size is known only there, and only then can be held against the quota.
import { ApiError } from '../../platform/errors.ts'
import { PermanentError } from '../../platform/work/definition.ts'
import { quotaCheck } from '../quota.ts'
import { volumeRows, volumeDeleteWithAttachments } from '../store/volumes.ts'
import { volumeSaga } from './volume-saga.ts'

export interface VolumeManageData {
  volumeId: string
  projectId: string
  host: string
  reference: string
  bootable: boolean
  fate: Record<string, string>
  sizeGib?: number
}

export const volumeManageSaga = volumeSaga<VolumeManageData>({
  name: 'volume-manage',
  deadlineMs: 1_800_000,
  of: 'volume',
  action: 'manage',
  details: ({ reference }) => ({ reference }),
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
        const row = await volumeRows.fetch(ctx.db, volumeId)
        if (!row) throw new PermanentError(`The volume ${volumeId} is gone.`)
        await quotaCheck(ctx, { projectId, typeId: row.volume_type_id, gib: sizeGib, volumeGib: sizeGib }).catch((error: unknown) => {
          throw error instanceof ApiError ? new PermanentError(error.message) : error
        })
        await volumeRows.update(ctx.db, volumeId, { size: sizeGib })
      },
      undoCommit: async ({ ctx }, { volumeId }) => void (await volumeRows.update(ctx.db, volumeId, { size: 0 })),
    },
    {
      name: 'adopt',
      run: async ({ ctx, call }, { host, volumeId, reference, fate }) =>
        void (await ctx.hosts.get(host).volumes.adopt({ volumeId, reference, fate }, call)),
      undo: ({ ctx, call }, { host, volumeId, reference }) => ctx.hosts.get(host).volumes.release(volumeId, reference, call),
    },
  ],
  done: ({ db }, { volumeId, bootable }, change) =>
    volumeRows.advance(
      db,
      { id: volumeId, status: ['managing'] },
      {
        ...change,
        status: 'available',
        bootable: bootable,
        launched_at: change.updated_at,
      },
    ),
  failed: ({ db }, { volumeId }, change) =>
    volumeRows.advance(db, { id: volumeId, status: ['managing'] }, { ...change, status: 'error_managing', size: 0 }),
})

/** The record goes; what it was about stays at the host, as a file of the pool. */
export const volumeUnmanageSaga = volumeSaga<Pick<VolumeManageData, 'volumeId' | 'projectId' | 'host' | 'reference'>>({
  name: 'volume-unmanage',
  of: 'volume',
  action: 'unmanage',
  details: ({ reference }) => ({ reference }),
  steps: [
    {
      name: 'release',
      run: ({ ctx, call }, { host, volumeId, reference }) => ctx.hosts.get(host).volumes.release(volumeId, reference, call),
    },
  ],
  done: ({ db }, { volumeId }) => volumeDeleteWithAttachments(db, volumeId),
  failed: ({ db }, { volumeId }, change) =>
    volumeRows.advance(db, { id: volumeId, status: ['unmanaging'] }, { ...change, status: 'error' }),
})

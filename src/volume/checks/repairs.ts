// How fsck mends volumes. It never removes what might be somebody's data; a volume or snapshot whose data is lost says so.
import type { Host } from '../../contract/host.ts'
import { isoMillis } from '../../platform/clock.ts'
import type { Context } from '../../platform/context.ts'
import type { Repair } from '../../platform/fsck/check.ts'
import { snapshotRows, snapshotsOfVolume } from '../store/snapshots.ts'
import { volumeRows } from '../store/volumes.ts'
import { failureRecord } from '../work/failure-message.ts'
import { snapshotDeleteSaga } from '../work/snapshot-delete.ts'
import { volumeDeleteSaga } from '../work/volume-delete.ts'
import { refuseHeld } from './holders.ts'

const now = (ctx: Context) => isoMillis(ctx.clock.nowMs())

/** Removes data whose volume is provably deleted, or was never finished. */
export const dataRemoveRepair = (host: Host, { volumeId, attachmentId }: { volumeId: string; attachmentId: string | null }): Repair => ({
  words: 'remove the data',
  async run({ ctx, call }) {
    if (await volumeRows.fetch(ctx.db, volumeId)) return
    await refuseHeld(ctx, volumeId)
    if (attachmentId !== null) await host.volumes.disconnect(volumeId, call, attachmentId)
    await host.volumes.remove(volumeId, call)
  },
})

export const volumeFailRepair = ({ id, status }: { id: string; status: string }, reason: string): Repair => ({
  words: 'set the volume to error with this as its reason',
  async run({ ctx }) {
    await ctx.transaction(async (tx) => {
      const row = await volumeRows.advance(tx.db, { id, status: [status] }, { status: 'error', reason, updated_at: now(tx) })
      if (row) await failureRecord(tx, { resourceType: 'volume', resourceId: id, projectId: row.project_id, action: 'fsck', reason })
    })
  },
})

export const snapshotFailRepair = (id: string, reason: string): Repair => ({
  words: 'set the snapshot to error with this as its reason',
  async run({ ctx }) {
    await ctx.transaction(async (tx) => {
      const row = await snapshotRows.fetch(tx.db, id)
      if (!row) return
      await snapshotRows.update(tx.db, id, { status: 'error', reason, updated_at: now(tx) })
      await failureRecord(tx, { resourceType: 'snapshot', resourceId: id, projectId: row.project_id, action: 'fsck', reason })
    })
  },
})

export const snapshotDataRemoveRepair = (host: Host, volumeId: string, snapshotId: string): Repair => ({
  words: 'remove it from the volume',
  run: ({ call }) => host.volumes.removeSnapshot(volumeId, snapshotId, call),
})

export const extendRepair = (host: Host, { id, size }: { id: string; size: number }): Repair => ({
  words: `grow the data to ${size} GiB`,
  run: ({ call }) => host.volumes.extend(id, size, call),
})

/** Data never shrinks: the row follows it. */
export const sizeRepair = ({ id }: { id: string }, sizeGib: number): Repair => ({
  words: `write ${sizeGib} GiB into the row`,
  run: async ({ ctx }) => void (await ctx.transaction((tx) => volumeRows.update(tx.db, id, { size: sizeGib, updated_at: now(tx) }))),
})

/** '' stands for an attachment of many, which hosts do not tell apart. */
export const disconnectRepair = (host: Host, volumeId: string, attachmentId: string): Repair => ({
  words: 'take the connection back',
  async run({ ctx, call }) {
    await refuseHeld(ctx, volumeId)
    await host.volumes.disconnect(volumeId, call, attachmentId)
  },
})

export const connectRepair = (host: Host, volumeId: string, attachmentId: string): Repair => ({
  words: 'serve it again',
  run: async ({ call }) => void (await host.volumes.connect(volumeId, call, attachmentId)),
})

/** Queues the deletion again that was accepted once. */
export const volumeRemoveRepair = (id: string): Repair => ({
  words: 'queue its deletion again',
  async run({ ctx }) {
    await ctx.transaction(async (tx) => {
      const row = await volumeRows.fetch(tx.db, id)
      if (row?.status !== 'deleting') return
      const snapshotIds = (await snapshotsOfVolume(tx.db, id)).map((snapshot) => snapshot.id)
      await volumeDeleteSaga.begin(tx, { volumeId: id, host: row.host, projectId: row.project_id, snapshotIds })
    })
  },
})

export const snapshotRemoveRepair = (id: string): Repair => ({
  words: 'queue its deletion again',
  async run({ ctx }) {
    await ctx.transaction(async (tx) => {
      const row = await snapshotRows.fetch(tx.db, id)
      if (row?.status !== 'deleting') return
      const host = (await volumeRows.fetch(tx.db, row.volume_id))?.host ?? null
      await snapshotDeleteSaga.begin(tx, { snapshotId: id, volumeId: row.volume_id, host, projectId: row.project_id })
    })
  },
})

// Takes and deletes the snapshots of a group: each at the host of its volume.
import type { Context } from '../../platform/context.ts'
import type { WorkContext } from '../../platform/work/definition.ts'
import { groupSnapshotRows } from '../store/groups.ts'
import { snapshotRows } from '../store/snapshots.ts'
import { volumeSaga } from './volume-saga.ts'

export interface GroupSnapshotData {
  groupSnapshotId: string
  projectId: string
  parts: { snapshotId: string; volumeId: string; host: string }[]
}

/** a group lies on one host, as a rule */
const hostOf = ({ parts }: GroupSnapshotData) => parts[0]?.host ?? null

async function removeAll({ ctx, call }: WorkContext, { parts }: GroupSnapshotData): Promise<void> {
  for (const { host, volumeId, snapshotId } of parts)
    if (host !== '') await ctx.hosts.get(host).volumes.removeSnapshot(volumeId, snapshotId, call)
}

async function failAll(
  { db }: Context,
  { groupSnapshotId, parts }: GroupSnapshotData,
  change: { reason: string; updated_at: string },
): Promise<void> {
  await groupSnapshotRows.update(db, groupSnapshotId, { status: 'error' })
  for (const { snapshotId } of parts) await snapshotRows.update(db, snapshotId, { ...change, status: 'error' })
}

const common = { of: 'volume_group_snapshot', deadlineMs: 1_800_000, hostOf, failed: failAll } as const

export const groupSnapshotCreateSaga = volumeSaga<GroupSnapshotData>({
  ...common,
  name: 'group-snapshot-create',
  action: 'snapshot',
  steps: [
    {
      name: 'snapshot',
      async run({ ctx, call }, { parts }) {
        for (const { host, volumeId, snapshotId } of parts) await ctx.hosts.get(host).volumes.snapshot(volumeId, snapshotId, call)
      },
      undo: removeAll,
    },
  ],
  async done({ db }, { groupSnapshotId, parts }, change) {
    for (const { snapshotId } of parts) await snapshotRows.update(db, snapshotId, { ...change, status: 'available', progress: '100%' })
    await groupSnapshotRows.update(db, groupSnapshotId, { status: 'available' })
  },
})

export const groupSnapshotDeleteSaga = volumeSaga<GroupSnapshotData>({
  ...common,
  // as rows of earlier versions call it
  name: 'group-snapshot-remove',
  action: 'delete',
  steps: [{ name: 'remove', run: removeAll }],
  async done({ db }, { groupSnapshotId, parts }) {
    for (const { snapshotId } of parts) await snapshotRows.delete(db, snapshotId)
    await groupSnapshotRows.delete(db, groupSnapshotId)
  },
})

// Takes and deletes the snapshots of a group: each at the host of its volume.
import { isoMillis } from '../../platform/clock.ts'
import type { Context } from '../../platform/context.ts'
import { saga, type WorkContext } from '../../platform/work/definition.ts'
import { eventAppend } from '../../platform/events.ts'
import { groupSnapshotDelete, groupSnapshotUpdate } from '../store/groups.ts'
import { snapshotDelete, snapshotUpdate } from '../store/snapshots.ts'
import { hostLimit } from './host-limit.ts'

export interface GroupSnapshotData {
  groupSnapshotId: string
  projectId: string
  parts: { snapshotId: string; volumeId: string; host: string }[]
}

/** a group lies on one host, as a rule */
const ofFirst = (ctx: Context, { parts }: GroupSnapshotData) => hostLimit(ctx, { host: parts[0]?.host ?? null })

async function removeAll({ ctx, call }: WorkContext, { parts }: GroupSnapshotData): Promise<void> {
  for (const { host, volumeId, snapshotId } of parts)
    if (host !== '') await ctx.hosts.get(host).volumes.removeSnapshot(volumeId, snapshotId, call)
}

async function markAll(
  { ctx }: WorkContext,
  { groupSnapshotId, projectId, parts }: GroupSnapshotData,
  failed: { status: string; reason: string },
): Promise<void> {
  await groupSnapshotUpdate(ctx.db, groupSnapshotId, { status: failed.status })
  for (const { snapshotId } of parts) await snapshotUpdate(ctx.db, snapshotId, { ...failed, updated_at: isoMillis(ctx.clock.nowMs()) })
  await eventAppend(ctx, {
    resourceType: 'volume_group_snapshot',
    resourceId: groupSnapshotId,
    projectId,
    action: 'snapshot',
    result: 'error',
    message: failed.reason,
  })
}

export const groupSnapshotCreateSaga = saga<GroupSnapshotData>({
  name: 'group-snapshot-create',
  deadlineMs: 1_800_000,
  limit: ofFirst,
  steps: [
    {
      name: 'snapshot',
      async run({ ctx, call }, { parts }) {
        for (const { host, volumeId, snapshotId } of parts) await ctx.hosts.get(host).volumes.snapshot(volumeId, snapshotId, call)
      },
      async commit({ ctx }, { groupSnapshotId, projectId, parts }) {
        const now = isoMillis(ctx.clock.nowMs())
        for (const { snapshotId } of parts)
          await snapshotUpdate(ctx.db, snapshotId, { status: 'available', progress: '100%', updated_at: now })
        await groupSnapshotUpdate(ctx.db, groupSnapshotId, { status: 'available' })
        await eventAppend(ctx, {
          resourceType: 'volume_group_snapshot',
          resourceId: groupSnapshotId,
          projectId,
          action: 'snapshot',
          result: 'success',
        })
      },
      undo: removeAll,
    },
  ],
  failed: (work, data, reason) => markAll(work, data, { status: 'error', reason }),
})

export const groupSnapshotRemoveSaga = saga<GroupSnapshotData>({
  name: 'group-snapshot-remove',
  deadlineMs: 1_800_000,
  limit: ofFirst,
  steps: [
    {
      name: 'remove',
      run: removeAll,
      async commit({ ctx }, { groupSnapshotId, projectId, parts }) {
        for (const { snapshotId } of parts) await snapshotDelete(ctx.db, snapshotId)
        await groupSnapshotDelete(ctx.db, groupSnapshotId)
        await eventAppend(ctx, {
          resourceType: 'volume_group_snapshot',
          resourceId: groupSnapshotId,
          projectId,
          action: 'delete',
          result: 'success',
        })
      },
    },
  ],
  failed: (work, data, reason) => markAll(work, data, { status: 'error', reason }),
})

// Snapshots of groups: one of each volume, taken one after another (not at one moment: no backend here promises that).
import { isoMillis } from '../platform/clock.ts'
import { lookup, ofProject } from '../platform/api/lookup.ts'
import type { Context } from '../platform/context.ts'
import { badRequest, notFound } from '../platform/errors.ts'
import { eventAppend } from '../platform/events.ts'
import { groupRowGet } from './groups.ts'
import { pageOf, plainFilters, projectOf, type ListQuery } from './listing.ts'
import { quotaCheck } from './quota.ts'
import { snapshotRowCreate } from './snapshots.ts'
import { groupSnapshotRows, groupSnapshotsPage, type GroupSnapshotRow } from './store/groups.ts'
import { snapshotsOfGroupSnapshot, snapshotRows } from './store/snapshots.ts'
import { volumeRows, volumesOfGroup } from './store/volumes.ts'
import { groupSnapshotCreateSaga, groupSnapshotDeleteSaga, type GroupSnapshotData } from './work/group-snapshot.ts'

export type { GroupSnapshotRow } from './store/groups.ts'

export const groupSnapshotGet = lookup<GroupSnapshotRow>({
  find: (ctx, id) => groupSnapshotRows.fetch(ctx.db, id),
  target: ({ project_id }) => ({ project_id }),
  knows: ofProject,
  missing: (id) => notFound(`GroupSnapshot ${id} could not be found.`),
})

export async function groupSnapshotsList(ctx: Context, query: ListQuery): Promise<GroupSnapshotRow[]> {
  ctx.authorize()
  const page = await pageOf(query, (id) => groupSnapshotGet(ctx, id))
  const columns = plainFilters(ctx, query, {
    resource: 'group_snapshot',
    columns: ['id', 'name', 'description', 'status', 'group_id', 'group_type_id', 'user_id', 'project_id'],
  })
  return groupSnapshotsPage(ctx.db, { projectId: projectOf(ctx, query), columns }, page)
}

export async function groupSnapshotCreate(
  ctx: Context,
  { groupId, name, description }: { groupId: string; name: string | null; description: string | null },
): Promise<GroupSnapshotRow> {
  return ctx.transaction(async (tx) => {
    const group = await groupRowGet(tx, groupId)
    const volumes = await volumesOfGroup(tx.db, groupId)
    if (volumes.length === 0) throw badRequest('Invalid Group: Source group is empty. No group snapshot will be created.')
    const busy = volumes.find(({ status }) => !['available', 'in-use'].includes(status))
    if (busy) throw badRequest(`Invalid volume: Snapshot cannot be created because volume ${busy.id} is ${busy.status}.`)
    const row: GroupSnapshotRow = {
      id: tx.ids.uuid(),
      project_id: group.project_id,
      user_id: tx.actor.userId,
      group_id: groupId,
      group_type_id: group.group_type_id,
      name,
      description,
      status: 'creating',
      created_at: isoMillis(tx.clock.nowMs()),
    }
    await groupSnapshotRows.insert(tx.db, row)
    const parts: GroupSnapshotData['parts'] = []
    for (const volume of volumes) {
      await quotaCheck(tx, { projectId: volume.project_id, typeId: volume.volume_type_id, snapshots: 1, gib: volume.size })
      const snapshot = await snapshotRowCreate(tx, volume, { name, description, metadata: {}, groupSnapshotId: row.id })
      await eventAppend(tx, {
        resourceType: 'snapshot',
        resourceId: snapshot.id,
        projectId: row.project_id,
        action: 'create',
        result: 'start',
      })
      parts.push({ snapshotId: snapshot.id, volumeId: volume.id, host: volume.host ?? '' })
    }
    await groupSnapshotCreateSaga.begin(tx, { groupSnapshotId: row.id, projectId: row.project_id, parts })
    return row
  })
}

export async function groupSnapshotDelete(ctx: Context, id: string): Promise<void> {
  await ctx.transaction(async (tx) => {
    const row = await groupSnapshotGet(tx, id)
    if (!['available', 'error'].includes(row.status))
      throw badRequest(`Invalid GroupSnapshot: GroupSnapshot status must be available or error, but current status is: ${row.status}`)
    await groupSnapshotRows.update(tx.db, id, { status: 'deleting' })
    const parts: GroupSnapshotData['parts'] = []
    for (const snapshot of await snapshotsOfGroupSnapshot(tx.db, id)) {
      await snapshotRows.update(tx.db, snapshot.id, { status: 'deleting' })
      parts.push({
        snapshotId: snapshot.id,
        volumeId: snapshot.volume_id,
        host: (await volumeRows.fetch(tx.db, snapshot.volume_id))?.host ?? '',
      })
    }
    await groupSnapshotDeleteSaga.begin(tx, { groupSnapshotId: id, projectId: row.project_id, parts })
  })
}

export async function groupSnapshotResetStatus(ctx: Context, id: string, status: string): Promise<void> {
  await ctx.transaction(async (tx) => {
    await groupSnapshotGet(tx, id)
    await groupSnapshotRows.update(tx.db, id, { status })
  })
}

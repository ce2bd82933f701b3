// Volume groups: volumes that are kept, snapshotted and deleted together. A group's state is that of its volumes.
import { isoMillis } from '../platform/clock.ts'
import { knowsProject, lookup, ofProject } from '../platform/api/lookup.ts'
import type { Context } from '../platform/context.ts'
import { badRequest, notFound } from '../platform/errors.ts'
import { eventAppend } from '../platform/events.ts'
import { quotaLimits } from '../platform/quota.ts'
import { overLimit } from './errors.ts'
import { groupForVolume, groupNotFound } from './group-membership.ts'
import { groupTypeMayBeUsed } from './group-types.ts'
import { volumeQuotas } from './quota.ts'
import { groupCount, groupRows, groupSnapshotRows, groupsPage, volumesOfGroups, type GroupRow } from './store/groups.ts'
import { snapshotsOfGroupSnapshot } from './store/snapshots.ts'
import { volumesOfGroup, volumeRows } from './store/volumes.ts'
import { pageOf, plainFilters, projectOf, type ListQuery } from './listing.ts'
import { availabilityZone, volumeCreate } from './volume-create.ts'
import { typeMayBeUsed } from './volume-types.ts'
import { volumeDeleteBegin, volumeRowGet } from './volumes.ts'

export type { GroupRow } from './store/groups.ts'

/** A group with what its views show. */
export interface Group {
  row: GroupRow
  status: string
  volumeIds: string[]
}

const now = (ctx: Context) => isoMillis(ctx.clock.nowMs())
const invalidGroup = (reason: string) => badRequest(`Invalid Group: ${reason}`)

export const groupRowGet = lookup<GroupRow>({
  find: (ctx, id) => groupRows.fetch(ctx.db, id),
  target: ({ project_id }) => ({ project_id }),
  knows: ofProject,
  missing: groupNotFound,
})

async function groupsComplete(ctx: Context, rows: GroupRow[]): Promise<Group[]> {
  const volumes =
    rows.length === 0
      ? []
      : await volumesOfGroups(
          ctx.db,
          rows.map(({ id }) => id),
        )
  return rows.map((row) => {
    const own = volumes.filter((volume) => volume.group_id === row.id)
    const pending = row.status === 'available' && own.some(({ status }) => status === 'creating')
    const broken = row.status === 'available' && row.group_snapshot_id !== null && own.some(({ status }) => status === 'error')
    return { row, status: pending ? 'creating' : broken ? 'error' : row.status, volumeIds: own.map(({ id }) => id) }
  })
}

export async function groupGet(ctx: Context, id: string): Promise<Group> {
  return (await groupsComplete(ctx, [await groupRowGet(ctx, id)]))[0] as Group
}

const groupFilters = [
  'id',
  'name',
  'description',
  'status',
  'availability_zone',
  'group_type_id',
  'group_snapshot_id',
  'source_group_id',
  'user_id',
  'project_id',
]

export async function groupsList(ctx: Context, query: ListQuery): Promise<Group[]> {
  ctx.authorize()
  const page = await pageOf(query, (id) => groupRowGet(ctx, id))
  const columns = plainFilters(ctx, query, { resource: 'group', columns: groupFilters })
  return groupsComplete(ctx, await groupsPage(ctx.db, { projectId: projectOf(ctx, query), columns }, page))
}

export interface GroupDraft {
  name: string | null
  description: string | null
  groupType: string
  /** names or ids */
  volumeTypes: string[]
  availabilityZone: string | null
}

export async function groupCreate(ctx: Context, draft: GroupDraft): Promise<GroupRow> {
  ctx.authorize()
  return ctx.transaction(async (tx) => {
    const type = await groupTypeMayBeUsed(tx, draft.groupType)
    const volumeTypes: string[] = []
    for (const each of draft.volumeTypes) volumeTypes.push((await typeMayBeUsed(tx, each)).id)
    if (draft.availabilityZone && draft.availabilityZone !== availabilityZone)
      throw badRequest(`Availability zone '${draft.availabilityZone}' is invalid.`)
    return insert(tx, { ...draft, typeId: type.id, volumeTypes })
  })
}

type NewGroup = Pick<GroupDraft, 'name' | 'description' | 'volumeTypes'> & {
  typeId: string
  groupSnapshotId?: string | null
  sourceGroupId?: string | null
}

async function insert(tx: Context, draft: NewGroup): Promise<GroupRow> {
  const limit = (await quotaLimits(tx.db, 'volume', tx.projectId, volumeQuotas))['groups'] ?? -1
  if (limit >= 0 && (await groupCount(tx.db, tx.projectId)) >= limit)
    throw overLimit(`GroupLimitExceeded: Maximum number of groups allowed (${limit}) exceeded`)
  const row: GroupRow = {
    id: tx.ids.uuid(),
    project_id: tx.projectId,
    user_id: tx.actor.userId,
    name: draft.name,
    description: draft.description,
    status: 'available',
    group_type_id: draft.typeId,
    volume_types: draft.volumeTypes,
    availability_zone: availabilityZone,
    group_snapshot_id: draft.groupSnapshotId ?? null,
    source_group_id: draft.sourceGroupId ?? null,
    created_at: now(tx),
  }
  await groupRows.insert(tx.db, row)
  await eventAppend(tx, { resourceType: 'volume_group', resourceId: row.id, action: 'create', result: 'success' })
  return row
}

export interface GroupSource {
  name: string | null
  description: string | null
  groupSnapshotId: string | undefined
  sourceGroupId: string | undefined
}

/** A new group with a copy of each volume, from a group snapshot or from the group itself. */
export async function groupCreateFromSource(ctx: Context, source: GroupSource): Promise<GroupRow> {
  ctx.authorize()
  return ctx.transaction(async (tx) => {
    const snapshot = source.groupSnapshotId === undefined ? undefined : await groupSnapshotRows.fetch(tx.db, source.groupSnapshotId)
    if (source.groupSnapshotId !== undefined && (!snapshot || !knowsProject(tx, snapshot.project_id)))
      throw notFound(`GroupSnapshot ${source.groupSnapshotId} could not be found.`)
    const origin = await groupRowGet(tx, snapshot?.group_id ?? source.sourceGroupId ?? '', 'group:get')
    const row = await insert(tx, {
      name: source.name,
      description: source.description,
      typeId: origin.group_type_id,
      volumeTypes: origin.volume_types,
      groupSnapshotId: snapshot?.id ?? null,
      sourceGroupId: snapshot ? null : origin.id,
    })
    const parts = snapshot
      ? (await snapshotsOfGroupSnapshot(tx.db, snapshot.id)).map(({ id, volume_type_id }) => ({
          snapshotId: id,
          volumeType: volume_type_id,
        }))
      : (await volumesOfGroup(tx.db, origin.id)).map(({ id, volume_type_id }) => ({ sourceVolumeId: id, volumeType: volume_type_id }))
    if (parts.length === 0) throw invalidGroup('Source Group is empty. No group will be created.')
    for (const part of parts) await volumeCreate(tx, { sizeGib: null, groupId: row.id, ...part })
    return row
  })
}

export interface GroupChange {
  name?: string | null | undefined
  description?: string | null | undefined
  addVolumes: string[]
  removeVolumes: string[]
}

export async function groupUpdate(ctx: Context, id: string, change: GroupChange): Promise<void> {
  await ctx.transaction(async (tx) => {
    const row = await groupRowGet(tx, id)
    for (const volumeId of change.removeVolumes) {
      const volume = await volumeRowGet(tx, volumeId, 'volume:get')
      if (volume.group_id !== id)
        throw badRequest(`Invalid volume: Cannot remove volume ${volumeId} from group ${id} because it is not in the group.`)
      await volumeRows.update(tx.db, volumeId, { group_id: null })
    }
    for (const volumeId of change.addVolumes) {
      const volume = await volumeRowGet(tx, volumeId, 'volume:get')
      if (volume.group_id !== null)
        throw badRequest(`Invalid volume: Cannot add volume ${volumeId} to group ${id} because it is already in group ${volume.group_id}.`)
      if (!['available', 'in-use'].includes(volume.status))
        throw badRequest(`Invalid volume: Cannot add volume ${volumeId} to group ${id} because its state is ${volume.status}.`)
      await groupForVolume(tx, id, volume.volume_type_id)
      await volumeRows.update(tx.db, volumeId, { group_id: id })
    }
    await groupRows.update(tx.db, id, {
      name: change.name === undefined ? row.name : change.name,
      description: change.description === undefined ? row.description : change.description,
    })
  })
}

/** With its volumes, when asked to; else it must be empty. */
export async function groupDelete(ctx: Context, id: string, { volumes: withVolumes }: { volumes: boolean }): Promise<void> {
  await ctx.transaction(async (tx) => {
    await groupRowGet(tx, id)
    const volumes = await volumesOfGroup(tx.db, id)
    if (volumes.length > 0 && !withVolumes)
      throw invalidGroup(`Group ${id} still contains volumes. The delete-volumes flag is required to delete it.`)
    if ((await groupSnapshotRows.list(tx.db, { group_id: id })).length > 0)
      throw invalidGroup(`Group ${id} has group snapshots: delete them first.`)
    for (const volume of volumes) {
      await volumeRows.update(tx.db, volume.id, { group_id: null })
      await volumeDeleteBegin(tx, { ...volume, group_id: null }, {})
    }
    await groupRows.delete(tx.db, id)
    await eventAppend(tx, { resourceType: 'volume_group', resourceId: id, action: 'delete', result: 'success' })
  })
}

export async function groupResetStatus(ctx: Context, id: string, status: string): Promise<void> {
  await ctx.transaction(async (tx) => {
    await groupRowGet(tx, id)
    await groupRows.update(tx.db, id, { status })
  })
}

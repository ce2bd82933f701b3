// /groups (since 3.13), /group_snapshots (since 3.14) and their actions.
import { Type } from '../../platform/api/type.ts'
import type { Context } from '../../platform/context.ts'
import { badRequest } from '../../platform/errors.ts'
import type { RawQuery } from '../../platform/api/schema.ts'
import { lenientBoolean } from '../../platform/api/words.ts'
import type { Operation } from '../../platform/api/operation.ts'
import {
  groupSnapshotCreate,
  groupSnapshotDelete,
  groupSnapshotGet,
  groupSnapshotsList,
  groupSnapshotResetStatus,
  type GroupSnapshotRow,
} from '../group-snapshots.ts'
import {
  groupUpdate,
  groupCreate,
  groupCreateFromSource,
  groupDelete,
  groupGet,
  groupsList,
  groupResetStatus,
  groupRowGet,
  type Group,
} from '../groups.ts'
import { micros } from '../views/texts.ts'
import { closed, description, flag, maybeText, name, optional, trimmed, uuid, wrapped } from './bodies.ts'
import { isTrue, listOf, listQuery, one, nextLink, readListQuery } from './list-query.ts'
import { groupSnapshots, groups } from './resources.ts'

const since = (version: string): [string, null] => [version, null]
const sortRules = { keys: ['id', 'name', 'status', 'created_at', 'group_id', 'group_type_id'], nullAs: { name: '' } }
const statuses = ['creating', 'available', 'error', 'deleting', 'error_deleting', 'updating', 'error_updating', 'deleted']
const status = Type.Object({ status: Type.String({ minLength: 1, maxLength: 255 }) }, closed)

const snapshotList = { key: 'group_snapshots', links: 'group_snapshot', sorts: sortRules, list: groupSnapshotsList }
const named = ({ id, name: text }: { id: string; name: string | null }) => ({ id, name: text })

const groupView = (ctx: Context, { row, status: state, volumeIds }: Group, withVolumes: boolean) => ({
  id: row.id,
  status: state,
  availability_zone: row.availability_zone,
  created_at: micros(row.created_at),
  name: row.name,
  description: row.description,
  group_type: row.group_type_id,
  volume_types: row.volume_types,
  ...(ctx.microversion.atLeast('3.14') ? { group_snapshot_id: row.group_snapshot_id, source_group_id: row.source_group_id } : {}),
  ...(withVolumes ? { volumes: volumeIds } : {}),
  ...(ctx.microversion.atLeast('3.38') ? { replication_status: 'disabled' } : {}),
  ...(ctx.microversion.atLeast('3.58') && ctx.isAdmin ? { project_id: row.project_id } : {}),
})

const snapshotView = (ctx: Context, row: GroupSnapshotRow) => ({
  id: row.id,
  group_id: row.group_id,
  group_type_id: row.group_type_id,
  status: row.status,
  created_at: micros(row.created_at),
  name: row.name,
  description: row.description,
  ...(ctx.microversion.atLeast('3.58') && ctx.isAdmin ? { project_id: row.project_id } : {}),
})

const withVolumes = (ctx: Context, query: RawQuery): boolean =>
  ctx.microversion.atLeast('3.25') && isTrue('list_volume', one(query, 'list_volume'))
const splitIds = (text: string | null | undefined): string[] =>
  (text ?? '')
    .split(',')
    .map((each) => each.trim())
    .filter(Boolean)

function checkStatus(wanted: string): string {
  if (!statuses.includes(wanted.toLowerCase()))
    throw badRequest(`Group status: ${wanted} is invalid, valid statuses are: ${statuses.join(', ')}.`)
  return wanted.toLowerCase()
}

const replication = (name_: string, rule: string) =>
  groups.action(name_, {
    summary: `${name_} (refused: nothing is replicated)`,
    policy: rule,
    versions: since('3.38'),
    async handler(ctx, id) {
      await groupRowGet(ctx, id)
      throw badRequest(`Invalid Group: Group ${id} does not have a replication type.`)
    },
  })

export const groupOperations: Operation[] = [
  ...['', '/detail'].map((path) =>
    groups.beside(path, {
      query: listQuery,
      async handler(ctx, request) {
        const query = readListQuery(ctx, request.query, sortRules)
        query.filters.delete('list_volume')
        const volumes = withVolumes(ctx, request.query)
        const found = await groupsList(ctx, query)
        return {
          groups: found.map((group) => (path === '' ? named(group.row) : groupView(ctx, group, volumes))),
          ...nextLink(ctx, 'group', { url: request.url, limit: query.limit, rows: found.map(({ row }) => row) }),
        }
      },
    }),
  ),
  groups.create({
    body: wrapped('group', {
      name: optional(name),
      description: optional(description),
      group_type: Type.String({ minLength: 1, maxLength: 255 }),
      volume_types: Type.Array(Type.String({ maxLength: 255 }), { minItems: 1, uniqueItems: true }),
      availability_zone: optional(maybeText),
    }),
    async handler(ctx, { body }) {
      const { group } = body
      const row = await groupCreate(ctx, {
        name: trimmed(group.name) ?? null,
        description: trimmed(group.description) ?? null,
        groupType: group.group_type,
        volumeTypes: group.volume_types,
        availabilityZone: group.availability_zone ?? null,
      })
      return { group: named(row) }
    },
  }),
  groups.beside('/action', {
    method: 'POST',
    action: 'create-from-src',
    summary: 'Create a group from another or a snapshot',
    policy: 'group:create',
    versions: since('3.14'),
    status: 202,
    body: Type.Unsafe<{ name?: string | null; description?: string | null; group_snapshot_id?: string; source_group_id?: string }>({
      ...Type.Object(
        { name: optional(name), description: optional(description), group_snapshot_id: optional(uuid), source_group_id: optional(uuid) },
        closed,
      ),
      oneOf: [{ required: ['group_snapshot_id'] }, { required: ['source_group_id'] }],
    }),
    async handler(ctx, { body }) {
      const row = await groupCreateFromSource(ctx, {
        name: trimmed(body.name) ?? null,
        description: trimmed(body.description) ?? null,
        groupSnapshotId: body.group_snapshot_id,
        sourceGroupId: body.source_group_id,
      })
      return { group: named(row) }
    },
  }),
  groups.show({
    query: listQuery,
    handler: async (ctx, id, request) => ({ group: groupView(ctx, await groupGet(ctx, id), withVolumes(ctx, request.query)) }),
  }),
  groups.update({
    body: wrapped(
      'group',
      { name: optional(name), description: optional(description), add_volumes: optional(maybeText), remove_volumes: optional(maybeText) },
      { minProperties: 1 },
    ),
    async handler(ctx, id, request) {
      const { group } = request.body
      await groupUpdate(ctx, id, {
        name: trimmed(group.name),
        description: trimmed(group.description),
        addVolumes: splitIds(group.add_volumes),
        removeVolumes: splitIds(group.remove_volumes),
      })
    },
  }),
  groups.action('delete', {
    summary: 'Delete a group',
    policy: 'group:delete',
    body: Type.Object({ 'delete-volumes': optional(flag) }, closed),
    handler: (ctx, id, request) => groupDelete(ctx, id, { volumes: lenientBoolean(request.body['delete-volumes']) }),
  }),
  groups.action('reset_status', {
    summary: 'Reset the status of a group',
    policy: 'group:reset_status',
    versions: since('3.20'),
    body: status,
    handler: (ctx, id, request) => groupResetStatus(ctx, id, checkStatus(request.body.status)),
  }),
  replication('enable_replication', 'group:enable_replication'),
  replication('disable_replication', 'group:disable_replication'),
  replication('failover_replication', 'group:failover_replication'),
  groups.action('list_replication_targets', {
    summary: 'List replication targets',
    policy: 'group:list_replication_targets',
    versions: since('3.38'),
    status: 200,
    async handler(ctx, id) {
      await groupRowGet(ctx, id)
      return { replication_targets: [] }
    },
  }),
  listOf(groupSnapshots, snapshotList, (_ctx, row) => named(row)),
  listOf(groupSnapshots, snapshotList, snapshotView, { path: '/detail' }),
  groupSnapshots.create({
    body: wrapped('group_snapshot', { group_id: uuid, name: optional(name), description: optional(description) }),
    async handler(ctx, { body }) {
      const wanted = body.group_snapshot
      const row = await groupSnapshotCreate(ctx, {
        groupId: wanted.group_id,
        name: trimmed(wanted.name) ?? null,
        description: trimmed(wanted.description) ?? null,
      })
      return { group_snapshot: { ...named(row), group_type_id: row.group_type_id } }
    },
  }),
  groupSnapshots.show({ handler: async (ctx, id) => ({ group_snapshot: snapshotView(ctx, await groupSnapshotGet(ctx, id)) }) }),
  groupSnapshots.delete({ handler: (ctx, id) => groupSnapshotDelete(ctx, id) }),
  groupSnapshots.action('reset_status', {
    summary: 'Reset the status of a group snapshot',
    policy: 'group:reset_group_snapshot_status',
    versions: since('3.19'),
    body: status,
    handler: (ctx, id, request) => groupSnapshotResetStatus(ctx, id, checkStatus(request.body.status)),
  }),
]

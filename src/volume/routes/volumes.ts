// /volumes: create, lists, show, update, delete.
import { Type } from '../../platform/api/type.ts'
import type { Context } from '../../platform/context.ts'
import { badRequest, notFound } from '../../platform/errors.ts'
import { lenientBoolean } from '../../platform/api/words.ts'
import type { Operation } from '../../platform/api/operation.ts'
import { volumeCreate } from '../volume-create.ts'
import type { ListQuery } from '../listing.ts'
import { volumeComplete, volumesList, volumesComplete, volumeSummary } from '../volume-listing.ts'
import { volumeDelete, volumeUpdate, volumeRowGet } from '../volumes.ts'
import { volumeDetailView, volumeSummaryView, volumeView } from '../views/volumes.ts'
import {
  description,
  flag,
  maybeMetadata,
  maybeSize,
  maybeText,
  maybeUuid,
  metadata as pairs,
  name,
  optional,
  trimmed,
  without,
  wrapped,
} from './bodies.ts'
import { isTrue, listOf, listQuery, readListQuery, type SortRules } from './list-query.ts'
import { volumes } from './resources.ts'

const sortRules: SortRules = {
  keys: [
    'id',
    'name',
    'display_name',
    'display_description',
    'status',
    'migration_status',
    'size',
    'availability_zone',
    'bootable',
    'multiattach',
    'host',
    'created_at',
    'updated_at',
    'launched_at',
    'volume_type_id',
    'snapshot_id',
    'source_volid',
    'group_id',
    'user_id',
    'project_id',
  ],
  nullAs: {
    name: '',
    description: '',
    host: '',
    updated_at: '',
    launched_at: '',
    migration_status: '',
    snapshot_id: '',
    source_volid: '',
    group_id: '',
  },
  alias: { display_name: 'name', display_description: 'description' },
}

const created = {
  name: optional(name),
  description: optional(description),
  display_name: optional(name),
  display_description: optional(description),
  volume_type: optional(maybeText),
  metadata: optional(maybeMetadata),
  snapshot_id: optional(maybeUuid),
  source_volid: optional(maybeUuid),
  consistencygroup_id: optional(maybeUuid),
  size: optional(maybeSize),
  availability_zone: optional(Type.Unsafe<string | null>({ type: ['string', 'null'], minLength: 1, maxLength: 255 })),
  multiattach: optional(Type.Union([Type.Null(), flag])),
  image_id: optional(maybeText),
  imageRef: optional(maybeText),
  group_id: optional(maybeText),
  backup_id: optional(maybeUuid),
}
const hints = { 'OS-SCH-HNT:scheduler_hints': optional(Type.Unsafe<object | null>({ type: ['object', 'null'] })) }

/** What a body may hold grows with the microversion; since 3.53 nothing else may be there. */
const create = (versions: [string, string | null], properties: typeof created, strict: boolean) =>
  volumes.create({
    versions,
    body: Type.Object({ volume: Type.Object(properties, { additionalProperties: !strict }), ...hints }, { additionalProperties: false }),
    async handler(ctx, { body }) {
      const { volume } = body
      if (lenientBoolean(volume.multiattach))
        throw badRequest(
          'multiattach parameter has been removed. The default behavior is to use multiattach enabled volume types. Contact your ' +
            'administrator to create a multiattach enabled volume type and use it to create multiattach volumes.',
        )
      if (volume.backup_id) throw badRequest('Volumes cannot be made from backups here.')
      if (volume.consistencygroup_id) throw notFound(`ConsistencyGroup ${volume.consistencygroup_id} could not be found.`)
      const row = await volumeCreate(ctx, {
        sizeGib: volume.size === undefined || volume.size === null ? null : Number(volume.size),
        name: trimmed(volume.name ?? volume.display_name),
        description: trimmed(volume.description ?? volume.display_description),
        volumeType: volume.volume_type,
        availabilityZone: volume.availability_zone,
        metadata: volume.metadata,
        imageId: volume.imageRef ?? volume.image_id,
        sourceVolumeId: volume.source_volid,
        snapshotId: volume.snapshot_id,
        groupId: volume.group_id,
      })
      return { volume: volumeView(ctx, await volumeComplete(ctx, row)) }
    },
  })

const changeable = {
  name: optional(name),
  description: optional(description),
  display_name: optional(name),
  display_description: optional(description),
  metadata: optional(pairs),
}
const update = (versions: [string, string | null], minProperties: number) =>
  volumes.update({
    versions,
    body: wrapped('volume', changeable, { minProperties }),
    async handler(ctx, id, request) {
      const { volume } = request.body
      const row = await volumeUpdate(ctx, id, {
        name: trimmed(volume.name ?? volume.display_name),
        description: trimmed(volume.description ?? volume.display_description),
        metadata: volume.metadata,
      })
      return { volume: volumeView(ctx, await volumeComplete(ctx, row)) }
    },
  })

const list = { key: 'volumes', sorts: sortRules, list: volumesList }
const detailedList = {
  ...list,
  async list(ctx: Context, query: ListQuery) {
    const { rows, count } = await volumesList(ctx, query)
    return { rows: await volumesComplete(ctx, rows), count }
  },
}

export const volumeOperations: Operation[] = [
  create(['3.0', '3.12'], without(created, 'group_id', 'backup_id'), false),
  create(['3.13', '3.46'], without(created, 'backup_id'), false),
  create(['3.47', '3.52'], created, false),
  create(['3.53', null], created, true),
  listOf(volumes, list, volumeSummaryView),
  listOf(volumes, detailedList, volumeDetailView, { path: '/detail', summary: 'List volumes with details' }),
  volumes.beside('/summary', {
    summary: 'Summarise volumes',
    versions: ['3.12', null],
    query: listQuery,
    async handler(ctx, { query }) {
      const { count, size, metadata: values } = await volumeSummary(ctx, readListQuery(ctx, query, sortRules))
      const metadata = Object.fromEntries([...values].map(([name, set]) => [name, [...set]]))
      return { 'volume-summary': { total_count: count, total_size: size, ...(ctx.microversion.atLeast('3.36') ? { metadata } : {}) } }
    },
  }),
  volumes.show({
    handler: async (ctx, id) => ({ volume: volumeDetailView(ctx, await volumeComplete(ctx, await volumeRowGet(ctx, id))) }),
  }),
  update(['3.0', '3.52'], 0),
  update(['3.53', null], 1),
  volumes.delete({
    query: Type.Object({ cascade: optional(Type.String()), force: optional(Type.String()) }),
    handler: (ctx, id, request) =>
      volumeDelete(ctx, id, {
        cascade: isTrue('cascade', request.query.cascade),
        force: ctx.microversion.atLeast('3.23') && isTrue('force', request.query.force),
      }),
  }),
  volumes.below('/encryption', {
    summary: 'Show what a volume is encrypted with',
    policy: 'volume_extension:volume_encryption_metadata',
    async handler(ctx, id) {
      await volumeRowGet(ctx, id)
      return { encryption_key_id: null }
    },
  }),
]

// /os-volumes and /os-snapshots: Cinder's, as Nova showed them until 2.35.
import type { Static } from 'typebox'
import { Type } from '../../platform/api/type.ts'
import { Reply, type Operation } from '../../platform/api/operation.ts'
import { lenientBoolean } from '../../platform/api/words.ts'
import type { Context } from '../../platform/context.ts'
import { defined } from '../../platform/defined.ts'
import type { Snapshot, Volume } from './answers.ts'
import { neighbour, proxied, translated } from './neighbours.ts'
import { novaResource } from '../routes/resource.ts'
import { boolean, closed, many, nonNegativeInteger, wrapped } from '../routes/schemas.ts'

function volumeView(volume: Volume) {
  const [attachment] = volume.attachments
  const attached = attachment && {
    id: volume.id,
    volumeId: volume.id,
    serverId: attachment.server_id,
    ...(attachment.device ? { device: attachment.device } : {}),
  }
  return {
    id: volume.id,
    status: volume.status,
    size: volume.size,
    availabilityZone: volume.availability_zone,
    createdAt: volume.created_at,
    attachments: [attached ?? {}],
    displayName: volume.name,
    displayDescription: volume.description,
    volumeType: volume.volume_type,
    snapshotId: volume.snapshot_id,
    metadata: volume.metadata,
  }
}

const snapshotView = (snapshot: Snapshot) => ({
  id: snapshot.id,
  volumeId: snapshot.volume_id,
  status: snapshot.status,
  size: snapshot.size,
  createdAt: snapshot.created_at,
  displayName: snapshot.name,
  displayDescription: snapshot.description,
})

interface Kind<Item> {
  path: string
  /** Cinder's word for one and for many */
  one: string
  many: string
  extension: string
  list(ctx: Context): Promise<Item[]>
  fetch(ctx: Context, id: string): Promise<Item>
  delete(ctx: Context, id: string): Promise<void>
  view(item: Item): object
}

const volumes: Kind<Volume> = {
  path: '/os-volumes',
  one: 'volume',
  many: 'volumes',
  extension: 'os-volumes',
  list: async (ctx) => (await neighbour(ctx, 'GET /volumes/detail')).volumes,
  fetch: async (ctx, id) => (await neighbour(ctx, 'GET /volumes/:id', { id })).volume,
  delete: (ctx, id) => neighbour(ctx, 'DELETE /volumes/:id', { id }),
  view: volumeView,
}
const snapshots: Kind<Snapshot> = {
  path: '/os-snapshots',
  one: 'snapshot',
  many: 'snapshots',
  extension: 'os-volumes:snapshots',
  list: async (ctx) => (await neighbour(ctx, 'GET /snapshots/detail')).snapshots,
  fetch: async (ctx, id) => (await neighbour(ctx, 'GET /snapshots/:id', { id })).snapshot,
  delete: (ctx, id) => neighbour(ctx, 'DELETE /snapshots/:id', { id }),
  view: snapshotView,
}

const declared = <Item>({ path, one, many: several, extension }: Kind<Item>, act = 'list') =>
  novaResource({
    extension,
    path: act === 'list' ? path : `${path}/${act}`,
    one: `a ${one}`,
    many: several,
    words: { list: act },
    status: { delete: 202 },
    versions: proxied,
  })

const text = Type.Optional(Type.String())
const page = Type.Object({ limit: many(nonNegativeInteger), offset: many(nonNegativeInteger) })

/** The list of Cinder, detailed, cut as Nova cuts. */
async function listed<Item>(ctx: Context, kind: Kind<Item>, asked: Static<typeof page>): Promise<object> {
  ctx.authorize()
  const found = await kind.list(ctx)
  const offset = Number(asked.offset?.at(-1) ?? 0)
  const limit = Number(asked.limit?.at(-1) ?? 0) || ctx.config.maxPageSize
  return { [kind.many]: found.slice(offset, offset + limit).map(kind.view) }
}

const shared = <Item>(kind: Kind<Item>): Operation[] => [
  declared(kind).list({ query: page, handler: (ctx, { query }) => listed(ctx, kind, query) }),
  declared(kind, 'detail').list({
    summary: `List ${kind.many} with details`,
    query: page,
    handler: (ctx, { query }) => listed(ctx, kind, query),
  }),
  declared(kind).show({
    async handler(ctx, id) {
      ctx.authorize()
      return { [kind.one]: kind.view(await kind.fetch(ctx, id)) }
    },
  }),
  declared(kind).delete({
    async handler(ctx, id) {
      ctx.authorize()
      await kind.delete(ctx, id)
    },
  }),
]

const newVolume = Type.Object(
  {
    volume_type: text,
    metadata: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
    snapshot_id: text,
    availability_zone: text,
    display_name: text,
    display_description: text,
    size: Type.Unsafe<number | string>({ type: ['integer', 'string'], pattern: '^[0-9]+$', minimum: 1 }),
  },
  closed,
)
const newSnapshot = Type.Object(
  { volume_id: Type.String(), force: Type.Optional(boolean), display_name: text, display_description: text },
  closed,
)

/** Nova's names in Cinder's: display_name is the name. */
function renamed(given: Record<string, unknown>): Record<string, unknown> {
  const { display_name: name, display_description: description, ...rest } = given
  return { ...rest, ...defined({ name, description }) }
}

export const oldVolumeOperations: Operation[] = [
  ...shared(volumes),
  ...shared(snapshots),
  declared(volumes).create({
    body: wrapped('volume', newVolume),
    async handler(ctx, request) {
      ctx.authorize()
      const given = request.body.volume
      const made = neighbour(ctx, 'POST /volumes', { body: { volume: { ...renamed(given), size: Number(given.size) } } })
      const { volume } = await translated(made, { too_large: 'forbidden' })
      return new Reply({ volume: volumeView(volume) }, { headers: { location: `${ctx.config.publicUrl}${request.url}/${volume.id}` } })
    },
  }),
  declared(snapshots).create({
    body: wrapped('snapshot', newSnapshot),
    async handler(ctx, request) {
      ctx.authorize()
      const given = request.body.snapshot
      const made = neighbour(ctx, 'POST /snapshots', {
        body: { snapshot: { ...renamed(given), force: lenientBoolean(given.force) } },
      })
      return { snapshot: snapshotView((await translated(made, { too_large: 'forbidden' })).snapshot) }
    },
  }),
]

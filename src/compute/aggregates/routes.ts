// /os-aggregates.
import type { Static, TSchema } from 'typebox'
import { Type } from '../../platform/api/type.ts'
import type { Operation } from '../../platform/api/operation.ts'
import type { Context } from '../../platform/context.ts'
import { defined } from '../../platform/defined.ts'
import { badRequest } from '../../platform/errors.ts'
import {
  aggregateAddHost,
  aggregateCreate,
  aggregateGet,
  aggregatesList,
  aggregateDelete,
  aggregateRemoveHost,
  aggregateUpdate,
  aggregateSetMetadata,
  type Aggregate,
} from './aggregates.ts'
import { aggregateCacheImages } from './images.ts'
import { aggregateCreatedView, aggregateListView, aggregateView } from './view.ts'
import { closed, hostName, metadataWithNull, name, nameWithSpaces, wrapped, zoneName } from '../routes/schemas.ts'
import { novaResource } from '../routes/resource.ts'

const aggregates = novaResource({ extension: 'os-aggregates', one: 'an aggregate', many: 'aggregates', status: { delete: 200 } })
const zone = Type.Union([zoneName, Type.Null()])
const saved = Type.Unsafe<{ name?: string; availability_zone?: string | null }>({
  ...Type.Object({ name: Type.Optional(nameWithSpaces), availability_zone: Type.Optional(zone) }, closed),
  anyOf: [{ required: ['name'] }, { required: ['availability_zone'] }],
})

function idOf(text: string): number {
  if (!/^-?\d{1,10}$/.test(text)) throw badRequest('Invalid input received: id must be an integer')
  return Number(text)
}

const action = <Body extends TSchema>(
  key: string,
  body: Body,
  change: (ctx: Context, id: number, given: Static<Body>) => Promise<Aggregate>,
) =>
  aggregates.action(key, {
    summary: `Aggregate: ${key}`,
    policy: `os_compute_api:os-aggregates:${key}`,
    status: 200,
    body,
    handler: async (ctx, id, request) => aggregateView(ctx, await change(ctx, idOf(id), request.body)),
  })

const host = Type.Object({ host: hostName }, closed)

export const aggregateOperations: Operation[] = [
  aggregates.list({ handler: async (ctx) => aggregateListView(ctx, await aggregatesList(ctx)) }),
  aggregates.create({
    body: wrapped('aggregate', Type.Object({ name, availability_zone: Type.Optional(zone) }, closed)),
    handler: async (ctx, { body: { aggregate } }) =>
      aggregateCreatedView(ctx, await aggregateCreate(ctx, aggregate.name.trim(), aggregate.availability_zone ?? null)),
  }),
  aggregates.show({ handler: async (ctx, id) => aggregateView(ctx, await aggregateGet(ctx, idOf(id))) }),
  aggregates.update({
    summary: 'Change an aggregate',
    body: wrapped('aggregate', saved),
    handler: async (ctx, id, { body: { aggregate } }) =>
      aggregateView(ctx, await aggregateUpdate(ctx, idOf(id), { ...aggregate, ...defined({ name: aggregate.name?.trim() }) })),
  }),
  aggregates.delete({ handler: (ctx, id) => aggregateDelete(ctx, idOf(id)) }),
  action('add_host', host, (ctx, aggregateId, given) => aggregateAddHost(ctx, aggregateId, given.host)),
  action('remove_host', host, (ctx, aggregateId, given) => aggregateRemoveHost(ctx, aggregateId, given.host)),
  action('set_metadata', Type.Object({ metadata: metadataWithNull }, closed), (ctx, aggregateId, given) =>
    aggregateSetMetadata(ctx, aggregateId, given.metadata),
  ),
  aggregates.below('/images', {
    method: 'POST',
    summary: 'Cache images on an aggregate’s hosts',
    policy: 'compute:aggregates:images',
    versions: ['2.81', null],
    status: 202,
    body: Type.Object(
      { cache: Type.Array(Type.Object({ id: Type.String({ format: 'uuid' }) }, closed), { minItems: 1, maxItems: 1000 }) },
      closed,
    ),
    handler: (ctx, id, { body }) =>
      aggregateCacheImages(
        ctx,
        idOf(id),
        body.cache.map((image) => image.id),
      ),
  }),
]

// /os-aggregates.
import Type, { type Static, type TSchema } from 'typebox'
import { operation, type Operation } from '../../platform/api/operation.ts'
import type { Context } from '../../platform/context.ts'
import { badRequest } from '../../platform/errors.ts'
import {
  aggregateAddHost,
  aggregateCreate,
  aggregateGet,
  aggregateList,
  aggregateRemove,
  aggregateRemoveHost,
  aggregateSave,
  aggregateSetMetadata,
  type Aggregate,
} from './aggregates.ts'
import { aggregateCacheImages } from './images.ts'
import { aggregateCreatedView, aggregateListView, aggregateView } from './view.ts'
import { closed, hostName, metadataWithNull, name, nameWithSpaces, wrapped, zoneName } from '../routes/schemas.ts'

const rule = (what: string) => `os_compute_api:os-aggregates:${what}`
const zone = Type.Union([zoneName, Type.Null()])
const saved = Type.Unsafe<{ name?: string; availability_zone?: string | null }>({
  ...Type.Object({ name: Type.Optional(nameWithSpaces), availability_zone: Type.Optional(zone) }, closed),
  anyOf: [{ required: ['name'] }, { required: ['availability_zone'] }],
})

function id({ params }: { params: Record<string, string> }): number {
  const text = params['id'] ?? ''
  if (!/^-?\d{1,10}$/.test(text)) throw badRequest('Invalid input received: id must be an integer')
  return Number(text)
}

const action = <Body extends TSchema>(
  key: string,
  body: Body,
  change: (ctx: Context, id: number, given: Static<Body>) => Promise<Aggregate>,
) =>
  operation({
    method: 'POST',
    path: '/os-aggregates/:id/action',
    action: key,
    summary: `Aggregate: ${key}`,
    policy: rule(key),
    status: 200,
    body,
    async handler(ctx, request) {
      return aggregateView(ctx, await change(ctx, id(request), request.body))
    },
  })

const host = Type.Object({ host: hostName }, closed)

export const aggregateOperations: Operation[] = [
  operation({
    method: 'GET',
    path: '/os-aggregates',
    summary: 'List aggregates',
    policy: rule('index'),
    status: 200,
    handler: async (ctx) => aggregateListView(ctx, await aggregateList(ctx)),
  }),
  operation({
    method: 'POST',
    path: '/os-aggregates',
    summary: 'Create an aggregate',
    policy: rule('create'),
    status: 200,
    body: wrapped('aggregate', Type.Object({ name, availability_zone: Type.Optional(zone) }, closed)),
    async handler(ctx, request) {
      const { aggregate } = request.body
      return aggregateCreatedView(ctx, await aggregateCreate(ctx, aggregate.name.trim(), aggregate.availability_zone ?? null))
    },
  }),
  operation({
    method: 'GET',
    path: '/os-aggregates/:id',
    summary: 'Show an aggregate',
    policy: rule('show'),
    status: 200,
    handler: async (ctx, request) => aggregateView(ctx, await aggregateGet(ctx, id(request))),
  }),
  operation({
    method: 'PUT',
    path: '/os-aggregates/:id',
    summary: 'Change an aggregate',
    policy: rule('update'),
    status: 200,
    body: wrapped('aggregate', saved),
    async handler(ctx, request) {
      const { aggregate } = request.body
      return aggregateView(
        ctx,
        await aggregateSave(ctx, id(request), { ...aggregate, ...(aggregate.name === undefined ? {} : { name: aggregate.name.trim() }) }),
      )
    },
  }),
  operation({
    method: 'DELETE',
    path: '/os-aggregates/:id',
    summary: 'Delete an aggregate',
    policy: rule('delete'),
    status: 200,
    handler: (ctx, request) => aggregateRemove(ctx, id(request)),
  }),
  action('add_host', host, (ctx, aggregateId, given) => aggregateAddHost(ctx, aggregateId, given.host)),
  action('remove_host', host, (ctx, aggregateId, given) => aggregateRemoveHost(ctx, aggregateId, given.host)),
  action('set_metadata', Type.Object({ metadata: metadataWithNull }, closed), (ctx, aggregateId, given) =>
    aggregateSetMetadata(ctx, aggregateId, given.metadata),
  ),
  operation({
    method: 'POST',
    path: '/os-aggregates/:id/images',
    summary: 'Cache images on an aggregate’s hosts',
    policy: 'compute:aggregates:images',
    versions: ['2.81', null],
    status: 202,
    body: Type.Object(
      { cache: Type.Array(Type.Object({ id: Type.String({ format: 'uuid' }) }, closed), { minItems: 1, maxItems: 1000 }) },
      closed,
    ),
    handler: (ctx, request) =>
      aggregateCacheImages(
        ctx,
        id(request),
        request.body.cache.map((image) => image.id),
      ),
  }),
]

// /v2/metadefs: namespaces and what they hold; and the schemas.
import { Type } from '../../platform/api/type.ts'
import { badRequest } from '../../platform/errors.ts'
import { pagePaths } from '../../platform/api/list.ts'
import { operation, type ApiRequest, type Operation } from '../../platform/api/operation.ts'
import { resource, type Act } from '../../platform/api/resource.ts'
import {
  itemCreate,
  itemUpdate,
  itemDelete,
  itemGet,
  itemList,
  itemsDelete,
  namespaceUpdate,
  namespaceCreate,
  namespaceDelete,
  namespaceGet,
  namespaceList,
  resourceTypeList,
  tagsReplace,
  type ItemKind,
  type ItemRow,
  type NamespaceBody,
} from '../metadefs.ts'
import { metadefBodies, metadefSchemas } from '../metadef-schemas.ts'
import { namespaceRowView, namespaceView, objectView, propertiesView, propertyView, resourceTypeView, tagView } from '../views/metadefs.ts'
import { seconds } from '../views/images.ts'
import { open } from './discovery.ts'
import { rulesOf } from './resources.ts'

const metadefs = resource({
  path: '/metadefs/namespaces',
  key: 'namespace',
  one: 'a namespace',
  many: 'namespaces',
  rule: rulesOf('metadef_namespace'),
})
const namespaceOf = (request: ApiRequest): string => request.params['namespace'] ?? ''
const nameOf = (request: ApiRequest): string => request.params['name'] ?? ''
const body = <T>(schema: object) => Type.Unsafe<T>(schema as never)
const optional = Type.Optional

/** Read-only parts of a body that was shown before are not kept. */
function withoutReadOnly<T extends object>(sent: T): T {
  const { created_at: _created, updated_at: _updated, self: _self, schema: _schema, ...rest } = sent as Record<string, unknown>
  return rest as T
}

interface Kind {
  kind: ItemKind
  segment: string
  rule(act: Act): string
  schema: object
  view(namespace: string, item: ItemRow): object
}

const kinds: Kind[] = [
  {
    kind: 'object',
    segment: 'objects',
    schema: metadefBodies.object,
    view: objectView,
    rule: rulesOf('metadef_object'),
  },
  {
    kind: 'property',
    segment: 'properties',
    schema: metadefBodies.property,
    view: (_namespace, item) => propertyView(item),
    rule: rulesOf('metadef_property', { many: 'metadef_properties', remove: 'remove' }),
  },
  {
    kind: 'tag',
    segment: 'tags',
    schema: metadefBodies.tag,
    view: (_namespace, item) => tagView(item),
    rule: rulesOf('metadef_tag'),
  },
]

function operationsOf({ kind, segment, rule, schema, view }: Kind): Operation[] {
  const path = `/metadefs/namespaces/:namespace/${segment}`
  const list = (namespace: string, items: ItemRow[]) =>
    kind === 'property'
      ? { properties: propertiesView(items) }
      : kind === 'tag'
        ? { tags: items.map(({ name }) => ({ name })) }
        : { objects: items.map((item) => view(namespace, item)), schema: 'v2/schemas/metadefs/objects' }
  const items = resource({
    path,
    key: 'name',
    one: `one of the ${segment} of a namespace`,
    many: `${segment} of a namespace`,
    rule,
  })
  return [
    items.list({ handler: async (ctx, request) => list(namespaceOf(request), await itemList(ctx, namespaceOf(request), kind)) }),
    items.show({
      handler: async (ctx, name, request) => view(namespaceOf(request), await itemGet(ctx, namespaceOf(request), kind, name)),
    }),
    items.update({
      body: body<{ name: string }>(schema),
      handler: async (ctx, name, request) =>
        view(namespaceOf(request), await itemUpdate(ctx, namespaceOf(request), kind, name, withoutReadOnly(request.body))),
    }),
    items.delete({ handler: (ctx, name, request) => itemDelete(ctx, namespaceOf(request), kind, name) }),
    metadefs.below(`/${segment}`, {
      method: 'DELETE',
      summary: `Delete all ${segment} of a namespace`,
      policy: kind === 'tag' ? 'delete_metadef_tags' : rule('delete'),
      status: 204,
      handler: (ctx, namespace) => itemsDelete(ctx, namespace, kind),
    }),
    ...(kind === 'tag'
      ? []
      : [
          items.create({
            summary: `Add to the ${segment} of a namespace`,
            body: body<{ name: string }>(schema),
            handler: async (ctx, request) =>
              view(namespaceOf(request), await itemCreate(ctx, namespaceOf(request), kind, withoutReadOnly(request.body))),
          }),
        ]),
  ]
}

const listQuery = Type.Object({
  limit: optional(Type.Integer({ minimum: 0 })),
  marker: optional(Type.String()),
  visibility: optional(Type.Union([Type.Literal('public'), Type.Literal('private')])),
  resource_types: optional(Type.String()),
  sort_key: optional(Type.String()),
  sort_dir: optional(Type.Union([Type.Literal('asc'), Type.Literal('desc')])),
})

export const metadefOperations: Operation[] = [
  ...Object.keys(metadefSchemas).map((name) =>
    open(`/schemas/metadefs/${name}`, `Show the schema '${name}' of metadata definitions`, () => metadefSchemas[name]),
  ),
  operation({
    method: 'GET',
    path: '/metadefs/resource_types',
    summary: 'List resource types',
    policy: 'list_metadef_resource_types',
    status: 200,
    handler: async (ctx) => ({
      resource_types: (await resourceTypeList(ctx)).map(({ name, createdAt }) => ({
        name,
        created_at: seconds(createdAt),
        updated_at: seconds(createdAt),
      })),
    }),
  }),
  metadefs.list({
    query: listQuery,
    async handler(ctx, { query }) {
      const sortKey = query.sort_key ?? 'created_at'
      if (!['namespace', 'created_at', 'updated_at'].includes(sortKey)) throw badRequest(`Invalid sort key: ${sortKey}.`)
      const limit = Math.min(query.limit ?? 25, ctx.config.maxPageSize)
      const sorts = [...new Set([sortKey, 'id'])].map((column) => ({ column, direction: query.sort_dir ?? ('desc' as const) }))
      const found = await namespaceList(
        ctx,
        { visibility: query.visibility, resourceTypes: query.resource_types?.split(',') },
        { sorts, limit, marker: query.marker },
      )
      return {
        namespaces: found.map(namespaceView),
        ...pagePaths('/v2/metadefs/namespaces', query, found.length === limit ? found.at(-1)?.row.namespace : undefined),
        schema: '/v2/schemas/metadefs/namespaces',
      }
    },
  }),
  metadefs.create({
    body: body<NamespaceBody>(metadefBodies.namespace),
    handler: async (ctx, request) => namespaceView(await namespaceCreate(ctx, withoutReadOnly(request.body))),
  }),
  metadefs.show({ handler: async (ctx, namespace) => namespaceView(await namespaceGet(ctx, namespace)) }),
  metadefs.update({
    body: body<NamespaceBody>(metadefBodies.namespace),
    handler: async (ctx, namespace, request) => namespaceRowView(await namespaceUpdate(ctx, namespace, withoutReadOnly(request.body))),
  }),
  metadefs.delete({ handler: (ctx, namespace) => namespaceDelete(ctx, namespace) }),
  ...kinds.flatMap(operationsOf),
  metadefs.below('/tags', {
    method: 'POST',
    summary: 'Set the tags of a namespace',
    policy: 'add_metadef_tags',
    body: body<{ tags: { name: string }[] }>(metadefBodies.tags),
    status: 201,
    async handler(ctx, namespace, request) {
      const append = String(request.headers['x-openstack-append'] ?? '').toLowerCase() === 'true'
      await tagsReplace(
        ctx,
        namespace,
        request.body.tags.map(({ name }) => name),
        { append },
      )
      return { tags: request.body.tags.map(({ name }) => ({ name })) }
    },
  }),
  metadefs.below('/tags/:name', {
    method: 'POST',
    summary: 'Add a tag to a namespace',
    policy: 'add_metadef_tag',
    status: 201,
    async handler(ctx, namespace, request) {
      if (nameOf(request).length > 80)
        throw badRequest("Provided object does not match schema 'tag': the name is longer than 80 characters")
      return tagView(await itemCreate(ctx, namespace, 'tag', { name: nameOf(request) }))
    },
  }),
  metadefs.below('/resource_types', {
    summary: 'List resource types of a namespace',
    policy: 'get_metadef_resource_type',
    handler: async (ctx, namespace) => ({
      resource_type_associations: (await itemList(ctx, namespace, 'resource_type')).map(resourceTypeView),
    }),
  }),
  metadefs.below('/resource_types', {
    method: 'POST',
    summary: 'Associate a namespace with a resource type',
    policy: 'add_metadef_resource_type_association',
    status: 201,
    body: body<{ name: string }>(metadefBodies.resourceType),
    handler: async (ctx, namespace, request) =>
      resourceTypeView(await itemCreate(ctx, namespace, 'resource_type', withoutReadOnly(request.body))),
  }),
  metadefs.below('/resource_types/:name', {
    method: 'DELETE',
    summary: 'Take a resource type from a namespace',
    policy: 'remove_metadef_resource_type_association',
    status: 204,
    handler: (ctx, namespace, request) => itemDelete(ctx, namespace, 'resource_type', nameOf(request)),
  }),
]

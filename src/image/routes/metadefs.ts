// /v2/metadefs: namespaces and what they hold; and the schemas.
import Type from 'typebox'
import { badRequest } from '../../platform/errors.ts'
import { operation, type ApiRequest, type Operation } from '../../platform/api/operation.ts'
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

const namespaces = '/metadefs/namespaces'
const one = `${namespaces}/:namespace`
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
  rules: { list: string; get: string; add: string; modify: string; remove: string }
  schema: object
  view(namespace: string, item: ItemRow): object
}

const kinds: Kind[] = [
  {
    kind: 'object',
    segment: 'objects',
    schema: metadefBodies.object,
    view: objectView,
    rules: {
      list: 'get_metadef_objects',
      get: 'get_metadef_object',
      add: 'add_metadef_object',
      modify: 'modify_metadef_object',
      remove: 'delete_metadef_object',
    },
  },
  {
    kind: 'property',
    segment: 'properties',
    schema: metadefBodies.property,
    view: (_namespace, item) => propertyView(item),
    rules: {
      list: 'get_metadef_properties',
      get: 'get_metadef_property',
      add: 'add_metadef_property',
      modify: 'modify_metadef_property',
      remove: 'remove_metadef_property',
    },
  },
  {
    kind: 'tag',
    segment: 'tags',
    schema: metadefBodies.tag,
    view: (_namespace, item) => tagView(item),
    rules: {
      list: 'get_metadef_tags',
      get: 'get_metadef_tag',
      add: 'add_metadef_tag',
      modify: 'modify_metadef_tag',
      remove: 'delete_metadef_tag',
    },
  },
]

function operationsOf({ kind, segment, rules, schema, view }: Kind): Operation[] {
  const path = `${one}/${segment}`
  const list = (namespace: string, items: ItemRow[]) =>
    kind === 'property'
      ? { properties: propertiesView(items) }
      : kind === 'tag'
        ? { tags: items.map(({ name }) => ({ name })) }
        : { objects: items.map((item) => view(namespace, item)), schema: 'v2/schemas/metadefs/objects' }
  return [
    operation({
      method: 'GET',
      path,
      summary: `List ${segment} of a namespace`,
      policy: rules.list,
      status: 200,
      handler: async (ctx, request) => list(namespaceOf(request), await itemList(ctx, namespaceOf(request), kind)),
    }),
    operation({
      method: 'GET',
      path: `${path}/:name`,
      summary: `Show one of the ${segment} of a namespace`,
      policy: rules.get,
      status: 200,
      handler: async (ctx, request) => view(namespaceOf(request), await itemGet(ctx, namespaceOf(request), kind, nameOf(request))),
    }),
    operation({
      method: 'PUT',
      path: `${path}/:name`,
      summary: `Update one of the ${segment} of a namespace`,
      policy: rules.modify,
      body: body<{ name: string }>(schema),
      status: 200,
      handler: async (ctx, request) =>
        view(namespaceOf(request), await itemUpdate(ctx, namespaceOf(request), kind, nameOf(request), withoutReadOnly(request.body))),
    }),
    operation({
      method: 'DELETE',
      path: `${path}/:name`,
      summary: `Delete one of the ${segment} of a namespace`,
      policy: rules.remove,
      status: 204,
      handler: (ctx, request) => itemDelete(ctx, namespaceOf(request), kind, nameOf(request)),
    }),
    operation({
      method: 'DELETE',
      path,
      summary: `Delete all ${segment} of a namespace`,
      policy: kind === 'tag' ? 'delete_metadef_tags' : rules.remove,
      status: 204,
      handler: (ctx, request) => itemsDelete(ctx, namespaceOf(request), kind),
    }),
    ...(kind === 'tag'
      ? []
      : [
          operation({
            method: 'POST',
            path,
            summary: `Add to the ${segment} of a namespace`,
            policy: rules.add,
            body: body<{ name: string }>(schema),
            status: 201,
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
    operation({
      method: 'GET',
      path: `/schemas/metadefs/${name}`,
      summary: `Show the schema '${name}' of metadata definitions`,
      policy: 'allow_all',
      status: 200,
      async handler(ctx) {
        ctx.authorize()
        return metadefSchemas[name]
      },
    }),
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
  operation({
    method: 'GET',
    path: namespaces,
    summary: 'List namespaces',
    policy: 'get_metadef_namespaces',
    query: listQuery,
    status: 200,
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
      const parameters = new URLSearchParams(
        Object.entries(query).flatMap(([name, value]) =>
          name === 'marker' || value === undefined ? [] : [[name, String(value)] as [string, string]],
        ),
      )
      const suffix = (more: string) =>
        parameters.size + more.length > 0 ? `?${[parameters.toString(), more].filter(Boolean).join('&')}` : ''
      const last = found.at(-1)
      return {
        namespaces: found.map(namespaceView),
        schema: '/v2/schemas/metadefs/namespaces',
        first: `/v2/metadefs/namespaces${suffix('')}`,
        ...(last && found.length === limit
          ? { next: `/v2/metadefs/namespaces${suffix(`marker=${encodeURIComponent(last.row.namespace)}`)}` }
          : {}),
      }
    },
  }),
  operation({
    method: 'POST',
    path: namespaces,
    summary: 'Create a namespace',
    policy: 'add_metadef_namespace',
    body: body<NamespaceBody>(metadefBodies.namespace),
    status: 201,
    handler: async (ctx, request) => namespaceView(await namespaceCreate(ctx, withoutReadOnly(request.body))),
  }),
  operation({
    method: 'GET',
    path: one,
    summary: 'Show a namespace',
    policy: 'get_metadef_namespace',
    status: 200,
    handler: async (ctx, request) => namespaceView(await namespaceGet(ctx, namespaceOf(request))),
  }),
  operation({
    method: 'PUT',
    path: one,
    summary: 'Update a namespace',
    policy: 'modify_metadef_namespace',
    body: body<NamespaceBody>(metadefBodies.namespace),
    status: 200,
    handler: async (ctx, request) => namespaceRowView(await namespaceUpdate(ctx, namespaceOf(request), withoutReadOnly(request.body))),
  }),
  operation({
    method: 'DELETE',
    path: one,
    summary: 'Delete a namespace',
    policy: 'delete_metadef_namespace',
    status: 204,
    handler: (ctx, request) => namespaceDelete(ctx, namespaceOf(request)),
  }),
  ...kinds.flatMap(operationsOf),
  operation({
    method: 'POST',
    path: `${one}/tags`,
    summary: 'Set the tags of a namespace',
    policy: 'add_metadef_tags',
    body: body<{ tags: { name: string }[] }>(metadefBodies.tags),
    status: 201,
    async handler(ctx, request) {
      const append = String(request.headers['x-openstack-append'] ?? '').toLowerCase() === 'true'
      await tagsReplace(
        ctx,
        namespaceOf(request),
        request.body.tags.map(({ name }) => name),
        { append },
      )
      return { tags: request.body.tags.map(({ name }) => ({ name })) }
    },
  }),
  operation({
    method: 'POST',
    path: `${one}/tags/:name`,
    summary: 'Add a tag to a namespace',
    policy: 'add_metadef_tag',
    status: 201,
    async handler(ctx, request) {
      if (nameOf(request).length > 80)
        throw badRequest("Provided object does not match schema 'tag': the name is longer than 80 characters")
      return tagView(await itemCreate(ctx, namespaceOf(request), 'tag', { name: nameOf(request) }))
    },
  }),
  operation({
    method: 'GET',
    path: `${one}/resource_types`,
    summary: 'List resource types of a namespace',
    policy: 'get_metadef_resource_type',
    status: 200,
    handler: async (ctx, request) => ({
      resource_type_associations: (await itemList(ctx, namespaceOf(request), 'resource_type')).map(resourceTypeView),
    }),
  }),
  operation({
    method: 'POST',
    path: `${one}/resource_types`,
    summary: 'Associate a namespace with a resource type',
    policy: 'add_metadef_resource_type_association',
    status: 201,
    body: body<{ name: string }>(metadefBodies.resourceType),
    handler: async (ctx, request) =>
      resourceTypeView(await itemCreate(ctx, namespaceOf(request), 'resource_type', withoutReadOnly(request.body))),
  }),
  operation({
    method: 'DELETE',
    path: `${one}/resource_types/:name`,
    summary: 'Take a resource type from a namespace',
    policy: 'remove_metadef_resource_type_association',
    status: 204,
    handler: (ctx, request) => itemDelete(ctx, namespaceOf(request), 'resource_type', nameOf(request)),
  }),
]

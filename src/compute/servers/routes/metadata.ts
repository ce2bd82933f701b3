// /servers/:id/metadata and /servers/:id/tags.
import { Type } from '../../../platform/api/type.ts'
import { Reply, type Operation } from '../../../platform/api/operation.ts'
import { badRequest } from '../../../platform/errors.ts'
import {
  serverMetadata,
  serverMetadataChange,
  serverMetadataItem,
  serverTagAdd,
  serverTagCheck,
  serverTagDelete,
  serverTags,
  serverTagsClear,
  serverTagsReplace,
} from '../metadata.ts'
import { mapOf } from '../../../platform/api/schema.ts'
import { novaResource } from '../../routes/resource.ts'
import { metadata, metadataKey, open } from '../../routes/schemas.ts'
import { maxTags, tag } from './schemas.ts'
import { id, servers } from './servers.ts'

const items = novaResource({
  extension: 'server-metadata',
  path: '/servers/:id/metadata',
  key: 'key',
  one: 'a metadata item',
  many: 'metadata',
})
const tags = novaResource({
  extension: 'os-server-tags',
  path: '/servers/:id/tags',
  key: 'tag',
  one: 'a tag',
  many: 'tags',
  versions: ['2.26', null],
})
const all = open({ metadata }, ['metadata'])
const one = open({ meta: mapOf(metadataKey, Type.String({ maxLength: 255 }), { minProperties: 1, maxProperties: 1 }) }, ['meta'])

const metadataOperations: Operation[] = [
  items.list({ handler: async (ctx, request) => ({ metadata: await serverMetadata(ctx, id(request)) }) }),
  items.create({
    summary: 'Create or update metadata items',
    body: all,
    handler: async (ctx, request) => ({
      metadata: await serverMetadataChange(ctx, id(request), 'create metadata', (was) => ({ ...was, ...request.body.metadata })),
    }),
  }),
  servers.below('/metadata', {
    method: 'PUT',
    summary: 'Replace metadata',
    policy: 'os_compute_api:server-metadata:update_all',
    body: all,
    status: 200,
    handler: async (ctx, serverId, { body }) => ({
      metadata: await serverMetadataChange(ctx, serverId, 'update all metadata', () => body.metadata),
    }),
  }),
  items.show({ handler: async (ctx, key, request) => ({ meta: { [key]: await serverMetadataItem(ctx, id(request), key) } }) }),
  items.update({
    summary: 'Create or update a metadata item',
    body: one,
    async handler(ctx, key, request) {
      const { meta } = request.body
      if (!Object.hasOwn(meta, key)) throw badRequest('Request body and URI mismatch')
      await serverMetadataChange(ctx, id(request), 'update metadata', (was) => ({ ...was, ...meta }))
      return { meta }
    },
  }),
  items.delete({
    async handler(ctx, key, request) {
      await serverMetadataItem(ctx, id(request), key)
      await serverMetadataChange(ctx, id(request), 'delete metadata', (was) =>
        Object.fromEntries(Object.entries(was).filter(([name]) => name !== key)),
      )
    },
  }),
]

const tagOperations: Operation[] = [
  tags.list({ handler: async (ctx, request) => ({ tags: await serverTags(ctx, id(request)) }) }),
  servers.below('/tags', {
    method: 'PUT',
    summary: 'Replace tags',
    policy: 'os_compute_api:os-server-tags:update_all',
    versions: ['2.26', null],
    body: open({ tags: Type.Array(tag, { maxItems: maxTags }) }, ['tags']),
    status: 200,
    handler: async (ctx, serverId, { body }) => ({ tags: await serverTagsReplace(ctx, serverId, body.tags) }),
  }),
  servers.below('/tags', {
    method: 'DELETE',
    summary: 'Delete all tags',
    policy: 'os_compute_api:os-server-tags:delete_all',
    versions: ['2.26', null],
    status: 204,
    handler: (ctx, serverId) => serverTagsClear(ctx, serverId),
  }),
  tags.show({ summary: 'Check a tag', status: 204, handler: (ctx, name, request) => serverTagCheck(ctx, id(request), name) }),
  tags.update({
    summary: 'Add a tag',
    body: Type.Null(),
    bodyOptional: true,
    status: 201,
    async handler(ctx, name, request) {
      if (name.length > 60) throw badRequest(`Tag '${name}' is too long. Maximum length of a tag is 60`)
      if (/[,/]/.test(name))
        throw badRequest(
          `Tag '${name}' is invalid. It must be a non empty string without characters '/' and ','. Validation error message: '${name}' does not match '^[^,/]*$'`,
        )
      const added = await serverTagAdd(ctx, id(request), name)
      return new Reply(undefined, {
        status: added ? 201 : 204,
        ...(added
          ? { headers: { location: `${ctx.config.publicUrl}/compute/v2.1/servers/${id(request)}/tags/${encodeURIComponent(name)}` } }
          : {}),
      })
    },
  }),
  tags.delete({ handler: (ctx, name, request) => serverTagDelete(ctx, id(request), name) }),
]

export const serverMetadataOperations: Operation[] = [...metadataOperations, ...tagOperations]

// /servers/:id/metadata and /servers/:id/tags.
import Type from 'typebox'
import { operation, Reply, type Operation } from '../../../platform/api/operation.ts'
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
import { metadata, metadataKey, open } from '../../routes/schemas.ts'
import { maxTags, tag } from './schemas.ts'
import { id } from './servers.ts'

const rule = (name: string) => `os_compute_api:server-metadata:${name}`
const tagRule = (name: string) => `os_compute_api:os-server-tags:${name}`
const all = open({ metadata }, ['metadata'])
const one = open(
  {
    meta: Type.Unsafe<Record<string, string>>({
      type: 'object',
      patternProperties: { [metadataKey]: { type: 'string', maxLength: 255 } },
      additionalProperties: false,
      minProperties: 1,
      maxProperties: 1,
    }),
  },
  ['meta'],
)
const since = ['2.26', null] as [string, null]

const metadataOperations: Operation[] = [
  operation({
    method: 'GET',
    path: '/servers/:id/metadata',
    summary: 'List metadata',
    policy: rule('index'),
    status: 200,
    handler: async (ctx, request) => ({ metadata: await serverMetadata(ctx, id(request)) }),
  }),
  operation({
    method: 'POST',
    path: '/servers/:id/metadata',
    summary: 'Create or update metadata items',
    policy: rule('create'),
    body: all,
    status: 200,
    handler: async (ctx, request) => ({
      metadata: await serverMetadataChange(ctx, id(request), 'create metadata', (was) => ({ ...was, ...request.body.metadata })),
    }),
  }),
  operation({
    method: 'PUT',
    path: '/servers/:id/metadata',
    summary: 'Replace metadata',
    policy: rule('update_all'),
    body: all,
    status: 200,
    handler: async (ctx, request) => ({
      metadata: await serverMetadataChange(ctx, id(request), 'update all metadata', () => request.body.metadata),
    }),
  }),
  operation({
    method: 'GET',
    path: '/servers/:id/metadata/:key',
    summary: 'Show a metadata item',
    policy: rule('show'),
    status: 200,
    async handler(ctx, request) {
      const key = request.params['key'] ?? ''
      return { meta: { [key]: await serverMetadataItem(ctx, id(request), key) } }
    },
  }),
  operation({
    method: 'PUT',
    path: '/servers/:id/metadata/:key',
    summary: 'Create or update a metadata item',
    policy: rule('update'),
    body: one,
    status: 200,
    async handler(ctx, request) {
      const { meta } = request.body
      if (!Object.hasOwn(meta, request.params['key'] ?? '')) throw badRequest('Request body and URI mismatch')
      await serverMetadataChange(ctx, id(request), 'update metadata', (was) => ({ ...was, ...meta }))
      return { meta }
    },
  }),
  operation({
    method: 'DELETE',
    path: '/servers/:id/metadata/:key',
    summary: 'Delete a metadata item',
    policy: rule('delete'),
    status: 204,
    async handler(ctx, request) {
      const key = request.params['key'] ?? ''
      await serverMetadataItem(ctx, id(request), key)
      await serverMetadataChange(ctx, id(request), 'delete metadata', (was) =>
        Object.fromEntries(Object.entries(was).filter(([name]) => name !== key)),
      )
    },
  }),
]

const tagOperations: Operation[] = [
  operation({
    method: 'GET',
    path: '/servers/:id/tags',
    summary: 'List tags',
    policy: tagRule('index'),
    versions: since,
    status: 200,
    handler: async (ctx, request) => ({ tags: await serverTags(ctx, id(request)) }),
  }),
  operation({
    method: 'PUT',
    path: '/servers/:id/tags',
    summary: 'Replace tags',
    policy: tagRule('update_all'),
    versions: since,
    body: open({ tags: Type.Array(tag, { maxItems: maxTags }) }, ['tags']),
    status: 200,
    handler: async (ctx, request) => ({ tags: await serverTagsReplace(ctx, id(request), request.body.tags) }),
  }),
  operation({
    method: 'DELETE',
    path: '/servers/:id/tags',
    summary: 'Delete all tags',
    policy: tagRule('delete_all'),
    versions: since,
    status: 204,
    handler: (ctx, request) => serverTagsClear(ctx, id(request)),
  }),
  operation({
    method: 'GET',
    path: '/servers/:id/tags/:tag',
    summary: 'Check a tag',
    policy: tagRule('show'),
    versions: since,
    status: 204,
    handler: (ctx, request) => serverTagCheck(ctx, id(request), request.params['tag'] ?? ''),
  }),
  operation({
    method: 'PUT',
    path: '/servers/:id/tags/:tag',
    summary: 'Add a tag',
    policy: tagRule('update'),
    versions: since,
    body: Type.Null(),
    bodyOptional: true,
    status: 201,
    async handler(ctx, request) {
      const name = request.params['tag'] ?? ''
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
  operation({
    method: 'DELETE',
    path: '/servers/:id/tags/:tag',
    summary: 'Delete a tag',
    policy: tagRule('delete'),
    versions: since,
    status: 204,
    handler: (ctx, request) => serverTagDelete(ctx, id(request), request.params['tag'] ?? ''),
  }),
]

export const serverMetadataOperations: Operation[] = [...metadataOperations, ...tagOperations]

// Version documents, /v2/schemas, /v2/info and /v2/tasks.
import { Type } from '../../platform/api/type.ts'
import type { Context } from '../../platform/context.ts'
import { defined } from '../../platform/defined.ts'
import { badRequest, forbidden, notFound } from '../../platform/errors.ts'
import { pagePaths } from '../../platform/api/list.ts'
import { operation, Reply, type Operation } from '../../platform/api/operation.ts'
import { versionDocument } from '../../platform/api/version-document.ts'
import { importMethods } from '../import-request.ts'
import { taskCreate, type TaskRequest } from '../imports.ts'
import { stores } from '../stores.ts'
import { taskGet, taskList } from '../tasks.ts'
import { checkedDraft } from './images.ts'
import { tasks } from './resources.ts'
import { schemas } from '../schemas.ts'
import { projectUsage } from '../usage.ts'
import { taskListView, taskView } from '../views/tasks.ts'

/** As Glance without an image cache, whose API are 2.14, 2.16 and 2.18; newest first. 2.17 is locations.ts. */
const versionIds = ['2.17', '2.15', '2.13', '2.12', '2.11', '2.10', '2.9', '2.8', '2.7', '2.6', '2.5', '2.4', '2.3', '2.2', '2.1', '2.0']

const versions = (publicUrl: string) => ({
  versions: versionIds.map((id, index) => ({
    id: `v${id}`,
    status: index === 0 ? 'CURRENT' : 'SUPPORTED',
    links: [{ rel: 'self', href: `${publicUrl}/image/v2/` }],
  })),
})

/** For whoever has a token. */
export const open = (path: string, summary: string, answer: (ctx: Context) => unknown) =>
  operation({
    method: 'GET',
    path,
    summary,
    policy: 'allow_all',
    status: 200,
    async handler(ctx) {
      ctx.authorize()
      return answer(ctx)
    },
  })

const taskQuery = Type.Object({
  limit: Type.Optional(Type.Integer({ minimum: 0 })),
  marker: Type.Optional(Type.String()),
  sort_key: Type.Optional(Type.String()),
  sort_dir: Type.Optional(Type.Union([Type.Literal('asc'), Type.Literal('desc')])),
  type: Type.Optional(Type.String()),
  status: Type.Optional(Type.String()),
})

const taskSortKeys = ['created_at', 'updated_at', 'id', 'status', 'type'] as const

export const discoveryOperations: Operation[] = [
  versionDocument('^', versions, 300),
  versionDocument('^/versions', versions),
  versionDocument('', versions, 300),
  ...Object.keys(schemas).map((name) => open(`/schemas/${name}`, `Show the schema '${name}'`, () => schemas[name])),
  open('/info/import', 'Import methods', () => ({
    'import-methods': { description: 'Import methods available.', type: 'array', value: importMethods },
  })),
  open('/info/stores', 'List stores', () => ({ stores })),
  operation({
    method: 'GET',
    path: '/info/stores/detail',
    summary: 'List stores with details',
    policy: 'stores_info_detail',
    status: 200,
    async handler(ctx) {
      if (!ctx.allows()) throw forbidden('You are not authorized to complete stores_info_detail action.')
      return { stores: stores.map((store) => ({ ...store, type: 'file', properties: {} })) }
    },
  }),
  open('/info/usage', 'Show quota usage', async (ctx) => ({ usage: await projectUsage(ctx) })),
  tasks.list({
    query: taskQuery,
    async handler(ctx, { query }) {
      const sortKey = taskSortKeys.find((key) => key === (query.sort_key ?? 'created_at'))
      if (!sortKey) throw badRequest(`Invalid sort key: ${query.sort_key}`)
      const filters = defined({ type: query.type, status: query.status })
      const limit = Math.min(query.limit ?? 25, ctx.config.maxPageSize)
      const rows = await taskList(ctx, {
        filters: filters as never,
        sortKey,
        direction: query.sort_dir ?? 'desc',
        limit,
        marker: query.marker,
      })
      return {
        tasks: rows.map(taskListView),
        ...pagePaths('/v2/tasks', query, rows.length === limit ? rows.at(-1)?.id : undefined),
        schema: '/v2/schemas/tasks',
      }
    },
  }),
  tasks.show({ handler: async (ctx, id) => taskView(await taskGet(ctx, id)) }),
  tasks.create({
    body: Type.Unsafe<TaskRequest>({
      type: 'object',
      required: ['type', 'input'],
      properties: { type: { type: 'string', enum: ['import', 'api_image_import', 'location_import'] }, input: { type: 'object' } },
    }),
    async handler(ctx, { body }) {
      const task = await taskCreate(ctx, body, checkedDraft)
      return new Reply(taskView(task), { headers: { location: `/v2/tasks/${task.id}` } })
    },
  }),
  operation({
    method: 'GET',
    path: '/cache',
    summary: 'Query the cache',
    policy: 'manage_image_cache',
    status: 200,
    async handler(ctx) {
      if (!ctx.allows()) throw forbidden('You are not authorized to complete manage_image_cache action.')
      // as Glance without a cache in front of its stores
      throw notFound('Caching via API is not supported at this site.')
    },
  }),
  operation({
    method: 'DELETE',
    path: '/stores/:store/:id',
    summary: 'Delete an image from a store',
    policy: 'delete_image_location',
    status: 204,
    async handler(ctx) {
      ctx.authorize()
      return Promise.reject(forbidden('Cannot delete image data from the only store containing it. Consider deleting the image instead.'))
    },
  }),
]

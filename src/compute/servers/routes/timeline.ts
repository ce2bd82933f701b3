// /servers/:id/os-instance-actions: the timeline.
import type { Static } from 'typebox'
import { Type } from '../../../platform/api/type.ts'
import type { ApiRequest, Operation } from '../../../platform/api/operation.ts'
import { momentsOf } from '../../../platform/api/shown-time.ts'
import type { Context } from '../../../platform/context.ts'
import { defined } from '../../../platform/defined.ts'
import { badRequest } from '../../../platform/errors.ts'
import { nextLink } from '../../../platform/api/list.ts'
import { novaResource } from '../../routes/resource.ts'
import { nonNegativeInteger, queryOf } from '../../routes/schemas.ts'
import { serverActionGet, serverActionList } from '../timeline.ts'
import { actionShowView, actionView } from '../views/timeline.ts'
import { id } from './servers.ts'

const actions = novaResource({
  extension: 'os-instance-actions',
  path: '/servers/:id/os-instance-actions',
  key: 'request',
  one: 'a server’s action',
  many: 'a server’s actions',
  words: { list: 'list' },
})
const time = Type.Optional(Type.String({ format: 'date-time' }))
const page = { limit: Type.Optional(nonNegativeInteger), marker: Type.Optional(Type.String()), 'changes-since': time }

const bounded = { ...page, 'changes-before': time }
type ListQuery = Static<ReturnType<typeof queryOf<typeof bounded>>>

async function list(ctx: Context, request: ApiRequest<ListQuery>): Promise<object> {
  const { query } = request
  const { actions: listed, serverId } = await serverActionList(ctx, id(request))
  const since = momentsOf(query['changes-since'] ?? '')?.firstMs ?? -Infinity
  const before = momentsOf(query['changes-before'] ?? '')?.lastMs ?? Infinity
  if (before < since) throw badRequest('The value of changes-since must be less than or equal to changes-before.')
  const all = listed.filter(({ updatedAt }) => Date.parse(updatedAt) >= since && Date.parse(updatedAt) <= before)
  const from = query.marker === undefined ? 0 : all.findIndex(({ requestId }) => requestId === query.marker) + 1
  if (query.marker !== undefined && from === 0) throw badRequest(`marker [${query.marker}] not found`)
  const limit = Math.min(query.limit === undefined ? ctx.config.maxPageSize : Number(query.limit), ctx.config.maxPageSize)
  const shown = all.slice(from, from + limit)
  const more =
    limit > 0 && from + limit < all.length
      ? nextLink(ctx, '', { url: request.url, limit, rows: shown.length, marker: shown.at(-1)?.requestId })
      : {}
  const links = (more as Record<string, unknown>)['_links']
  return { instanceActions: shown.map((action) => actionView(ctx, serverId, action)), ...defined({ links }) }
}

export const serverTimelineOperations: Operation[] = [
  actions.list({
    versions: ['2.1', '2.57'],
    async handler(ctx, request) {
      const { actions: all, serverId } = await serverActionList(ctx, id(request))
      return { instanceActions: all.map((action) => actionView(ctx, serverId, action)) }
    },
  }),
  actions.list({ versions: ['2.58', '2.65'], query: queryOf(page, 'refused'), handler: list }),
  actions.list({ versions: ['2.66', null], query: queryOf(bounded, 'refused'), handler: list }),
  actions.show({
    async handler(ctx, requestId, request) {
      const { action, serverId, projectId } = await serverActionGet(ctx, id(request), requestId)
      return { instanceAction: actionShowView(ctx, { serverId, projectId, action }) }
    },
  }),
]

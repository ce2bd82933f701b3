// /os-hypervisors.
import type { Static } from 'typebox'
import { Type } from '../../platform/api/type.ts'
import { operation, type Operation } from '../../platform/api/operation.ts'
import { lenientBoolean } from '../../platform/api/words.ts'
import type { Context } from '../../platform/context.ts'
import { badRequest } from '../../platform/errors.ts'
import { hypervisorGet, hypervisorList, withLoad, type Hypervisor } from './hypervisors.ts'
import { hypervisorBrief, hypervisorListView, hypervisorStatisticsView, hypervisorUptimeView, hypervisorView } from './hypervisors.view.ts'
import { nextLink, pageLimit } from '../../platform/api/list.ts'
import { novaResource } from '../routes/resource.ts'
import { boolean, closed, hostName, last, nonNegativeInteger } from '../routes/schemas.ts'

const at = (path: string, list: string) =>
  novaResource({ extension: 'os-hypervisors', path, one: 'a hypervisor', many: 'hypervisors', words: { list } })
const hypervisors = at('/os-hypervisors', 'list')
const rule = (what: string) => `os_compute_api:os-hypervisors:${what}`
const single = (items: object) => Type.Optional(Type.Unsafe<string[]>({ type: 'array', items, maxItems: 1 }))
const paging = { limit: single(nonNegativeInteger), marker: single({ type: 'string' }) }
const query253 = Type.Object({ ...paging, hypervisor_hostname_pattern: single(hostName), with_servers: single(boolean) }, closed)

/** 2.1: everything; 2.33: pages; 2.53: by pattern and with servers. */
const list = (path: string, what: string, versions: [string | null, string | null]) => {
  const [since] = versions
  return at(path, what).list({
    versions,
    query: since === null ? Type.Object({}) : since === '2.33' ? Type.Object(paging) : query253,
    async handler(ctx, request) {
      const asked = (since === null ? {} : request.query) as Static<typeof query253>
      const pattern = last(asked.hypervisor_hostname_pattern)
      if (pattern !== undefined && (asked.limit ?? asked.marker)) {
        throw badRequest('Paging over hypervisors with the hypervisor_hostname_pattern query parameter is not supported.')
      }
      const limit = pageLimit(ctx, asked.limit === undefined ? undefined : Number(last(asked.limit)))
      const withServers = lenientBoolean(last(asked.with_servers))
      const found = await hypervisorList(ctx, { pattern, withServers, limit, marker: last(asked.marker) })
      const end = found.at(-1)
      const marker = end && String(hypervisorBrief(ctx, end).id)
      const more =
        since === null || pattern !== undefined ? {} : nextLink(ctx, 'hypervisors', { url: request.url, limit, rows: found.length, marker })
      const detailed = path.endsWith('detail')
      return { ...hypervisorListView(ctx, detailed ? await shown(ctx, found) : found, detailed), ...more }
    },
  })
}

/** Since 2.88 the details have the uptime, which only the machine itself knows. */
const shown = (ctx: Context, found: Hypervisor[]): Promise<Hypervisor[]> | Hypervisor[] =>
  ctx.microversion.atLeast('2.88') ? withLoad(ctx, found) : found

async function show(ctx: Context, id: string, withServers: boolean): Promise<object> {
  const found = await hypervisorGet(ctx, id, withServers)
  const [asked = found] = await shown(ctx, [found])
  return hypervisorView(ctx, asked)
}

const versions: [string | null, string | null][] = [
  [null, '2.32'],
  ['2.33', '2.52'],
  ['2.53', null],
]

const byPattern = (what: 'search' | 'servers') =>
  hypervisors.below(`/${what}`, {
    method: 'GET',
    summary: 'Find hypervisors by a part of their name',
    policy: rule(what),
    versions: [null, '2.52'],
    status: 200,
    handler: async (ctx, pattern) =>
      hypervisorListView(ctx, await hypervisorList(ctx, { pattern, withServers: what === 'servers' }), false),
  })

export const hypervisorOperations: Operation[] = [
  ...versions.map((range) => list('/os-hypervisors', 'list', range)),
  ...versions.map((range) => list('/os-hypervisors/detail', 'list-detail', range)),
  operation({
    method: 'GET',
    path: '/os-hypervisors/statistics',
    summary: 'Sums over all hypervisors',
    policy: rule('statistics'),
    versions: [null, '2.87'],
    status: 200,
    handler: async (ctx) => hypervisorStatisticsView(await hypervisorList(ctx, {})),
  }),
  hypervisors.show({ versions: [null, '2.52'], handler: (ctx, id) => show(ctx, id, false) }),
  hypervisors.show({
    versions: ['2.53', null],
    query: Type.Object({ with_servers: single(boolean) }, closed),
    handler: (ctx, id, { query }) => show(ctx, id, lenientBoolean(last(query.with_servers))),
  }),
  hypervisors.below('/uptime', {
    method: 'GET',
    summary: 'Show a hypervisor’s uptime',
    policy: rule('uptime'),
    versions: [null, '2.87'],
    status: 200,
    async handler(ctx, id) {
      const found = await hypervisorGet(ctx, id)
      if (!found.alive) throw badRequest(`Compute service of ${found.node.host} is unavailable at this time.`)
      const [asked = found] = await withLoad(ctx, [found])
      return hypervisorUptimeView(ctx, asked)
    },
  }),
  byPattern('search'),
  byPattern('servers'),
]

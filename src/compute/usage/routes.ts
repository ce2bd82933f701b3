// /os-simple-tenant-usage (pages since 2.40) and the old audit log.
import type { Static } from 'typebox'
import { Type } from '../../platform/api/type.ts'
import type { ApiRequest, Operation } from '../../platform/api/operation.ts'
import type { Context } from '../../platform/context.ts'
import { auditLog } from './audit-log.ts'
import { spanOf, usages, type ProjectUsage, type Span } from './usage.ts'
import { usageView } from './view.ts'
import { nextLink, pageLimit } from '../../platform/api/list.ts'
import { novaResource } from '../routes/resource.ts'
import { last, many, nonNegativeInteger, queryOf } from '../routes/schemas.ts'

const text = many(Type.String())
const plain = { start: text, end: text, detailed: text }
const paged = { ...plain, limit: many(nonNegativeInteger), marker: text }
const queries = (others: 'ignored' | 'refused', properties: typeof plain | typeof paged = paged) =>
  queryOf<Partial<typeof paged>>(properties, others)
type Query = Static<ReturnType<typeof queries>>
type Range = [string | null, string | null]

const ranges: [Range, ReturnType<typeof queries>][] = [
  [[null, '2.39'], queries('ignored', plain)],
  [['2.40', '2.74'], queries('ignored')],
  [['2.75', null], queries('refused')],
]

interface Found {
  span: Span
  projects: ProjectUsage[]
  more: object
}

async function find(ctx: Context, request: ApiRequest<Query>, projectId: string | undefined): Promise<Found> {
  const { query } = request
  const span = spanOf(ctx, query.start?.[0], query.end?.[0])
  const pages = ctx.microversion.atLeast('2.40')
  const limit = pages ? pageLimit(ctx, Number(last(query.limit) ?? 0)) : ctx.config.maxPageSize
  const projects = await usages(ctx, span, { limit, marker: pages ? last(query.marker) : undefined, projectId })
  const servers = projects.flatMap((project) => project.servers).sort((a, b) => (a.server.created_at < b.server.created_at ? -1 : 1))
  const name = projectId === undefined ? 'tenant_usages' : 'tenant_usage'
  return {
    span,
    projects,
    more: pages ? nextLink(ctx, name, { url: request.url, limit, rows: servers.length, marker: servers.at(-1)?.server.id }) : {},
  }
}

const reports = novaResource({ extension: 'os-simple-tenant-usage', one: 'usage', many: 'usages', words: { list: 'list' } })
const audits = novaResource({
  extension: 'os-instance-usage-audit-log',
  path: '/os-instance_usage_audit_log',
  key: 'before',
  one: 'usage audits',
  many: 'usage audits',
  words: { list: 'list' },
})

export const usageOperations: Operation[] = [
  ...ranges.map(([versions, query]) =>
    reports.list({
      summary: 'Usage of all projects',
      versions,
      query,
      async handler(ctx, request) {
        ctx.authorize()
        const { span, projects, more } = await find(ctx, request, undefined)
        const detailed = request.query.detailed?.[0] === '1'
        return { tenant_usages: projects.map((project) => usageView(project, span, detailed)), ...more }
      },
    }),
  ),
  ...ranges.map(([versions, query]) =>
    reports.show({
      summary: 'Usage of a project',
      versions,
      query,
      async handler(ctx, projectId, request) {
        ctx.authorize({ project_id: projectId })
        const { span, projects, more } = await find(ctx, request, projectId)
        return { tenant_usage: projects[0] ? usageView(projects[0], span, true) : {}, ...more }
      },
    }),
  ),
  audits.list({
    summary: 'Usage audits of the last month',
    handler: async (ctx) => ({ instance_usage_audit_logs: await auditLog(ctx, undefined) }),
  }),
  audits.show({
    summary: 'Usage audits of the month before a time',
    handler: async (ctx, before) => ({ instance_usage_audit_log: await auditLog(ctx, before) }),
  }),
]

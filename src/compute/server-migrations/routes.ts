// /os-migrations: every move of a server between hosts. Pages and newest first since 2.59.
import { Type } from '../../platform/api/type.ts'
import type { Operation } from '../../platform/api/operation.ts'
import { momentsOf, type Moments } from '../../platform/api/shown-time.ts'
import { isoMillis } from '../../platform/clock.ts'
import { migrationList } from './list.ts'
import { migrationListView } from './view.ts'
import { nextLink, pageLimit } from '../../platform/api/list.ts'
import { novaResource } from '../routes/resource.ts'
import { last, many, nonNegativeInteger, queryOf } from '../routes/schemas.ts'

const migrations = novaResource({ extension: 'os-migrations', one: 'a migration', many: 'migrations' })
const text = many(Type.String())
const time = Type.Optional(Type.Array(Type.String({ format: 'date-time' }), { maxItems: 1 }))
const filters = { hidden: text, host: text, instance_uuid: text, source_compute: text, status: text, migration_type: text }
const paged = { ...filters, limit: many(nonNegativeInteger), marker: text, 'changes-since': time }
const bounded = { ...paged, 'changes-before': time }
const owned = { ...bounded, user_id: text, project_id: text }

const list = (versions: [string | null, string | null], query: ReturnType<typeof queryOf<typeof owned>>) =>
  migrations.list({
    versions,
    query,
    async handler(ctx, request) {
      const asked = request.query
      const pages = versions[0] !== null
      const when = (values: string[] | undefined, end: keyof Moments) => {
        const moments = pages ? momentsOf(values?.[0] ?? '') : null
        return moments ? isoMillis(moments[end]) : undefined
      }
      const limit = pages ? pageLimit(ctx, Number(last(asked.limit) ?? 0)) : ctx.config.maxPageSize
      const filter = {
        host: last(asked.host),
        status: last(asked.status),
        sourceHost: last(asked.source_compute),
        serverId: last(asked.instance_uuid),
        migrationType: last(asked.migration_type),
        userId: last(asked.user_id),
        projectId: last(asked.project_id),
        changesSince: when(asked['changes-since'], 'firstMs'),
        changesBefore: when(asked['changes-before'], 'lastMs'),
      }
      const rows = await migrationList(ctx, {
        filter,
        limit,
        order: pages ? 'desc' : 'asc',
        marker: pages ? last(asked.marker) : undefined,
      })
      return {
        ...migrationListView(ctx, rows),
        ...(pages ? nextLink(ctx, 'migrations', { url: request.url, limit, rows: rows.length, marker: rows.at(-1)?.id }) : {}),
      }
    },
  })

export const migrationOperations: Operation[] = [
  list([null, '2.58'], queryOf(filters, 'ignored')),
  list(['2.59', '2.65'], queryOf(paged, 'refused')),
  list(['2.66', '2.79'], queryOf(bounded, 'refused')),
  list(['2.80', null], queryOf(owned, 'refused')),
]

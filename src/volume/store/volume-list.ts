// SQL of lists of volumes: filters on columns and metadata, pages, counts, summary.
import { sql, type SelectQueryBuilder, type SqlBool } from 'kysely'
import { page, type PageRequest } from '../../platform/store/page.ts'
import type { Db } from '../../platform/store/store.ts'
import type { VolumeTables } from './tables.ts'
import type { VolumeRow } from './volumes.ts'

export type Comparison = '=' | '!=' | '<' | '<=' | '>' | '>=' | 'like'

export interface VolumeFilters {
  /** undefined: every project's */
  projectId: string | undefined
  comparisons: { column: keyof VolumeRow; comparison: Comparison; value: string | number | null }[]
  oneOf: { column: keyof VolumeRow; values: string[] }[]
  /** all of these pairs are in the metadata */
  metadata: Record<string, string>
  /** the same for the metadata of the image that it was made from */
  imageMetadata: Record<string, string>
}

type Query<O> = SelectQueryBuilder<VolumeTables, 'volumes', O>

function filtered<O>(start: Query<O>, filters: VolumeFilters): Query<O> {
  let query = start
  if (filters.projectId !== undefined) query = query.where('project_id', '=', filters.projectId)
  for (const { column, comparison, value } of filters.comparisons) {
    query = value === null ? query.where(column, 'is', null) : query.where(column, comparison, value)
  }
  for (const { column, values } of filters.oneOf) query = query.where(column, 'in', values)
  for (const [key, value] of Object.entries(filters.metadata)) query = query.where(holdsPair('metadata', key, value))
  for (const [key, value] of Object.entries(filters.imageMetadata)) query = query.where(holdsPair('image_metadata', key, value))
  return query
}

/** An unescaped `"key":"value"` stands in an object's JSON only where it is a pair: quotes inside texts are escaped. */
export function holdsPair(column: string, key: string, value: string) {
  const pair = `${JSON.stringify(key)}:${JSON.stringify(value)}`.replace(/[\\%_]/g, '\\$&')
  return sql<SqlBool>`${sql.ref(column)} like ${`%${pair}%`} escape '\\'`
}

export interface VolumePage extends PageRequest {
  offset?: number | undefined
}

export function volumesPage(db: Db, filters: VolumeFilters, request: VolumePage): Promise<VolumeRow[]> {
  const query = page(filtered(db.as<VolumeTables>().selectFrom('volumes').selectAll(), filters), request)
  return (request.offset ? query.offset(request.offset) : query).execute()
}

export async function volumesCount(db: Db, filters: VolumeFilters): Promise<number> {
  const row = await filtered(db.as<VolumeTables>().selectFrom('volumes').select(sql<number>`count(*)`.as('count')), filters).executeTakeFirstOrThrow()
  return Number(row.count)
}

export async function volumesSummary(db: Db, filters: VolumeFilters): Promise<{ count: number; size: number; metadata: string[] }> {
  const totals = db.as<VolumeTables>().selectFrom('volumes').select([sql<number>`count(*)`.as('count'), sql<number>`coalesce(sum(size), 0)`.as('size')])
  const row = await filtered(totals, filters).executeTakeFirstOrThrow()
  const metadata = await filtered(db.as<VolumeTables>().selectFrom('volumes').select('metadata').distinct(), filters).limit(10_000).execute()
  return { count: Number(row.count), size: Number(row.size), metadata: metadata.map((each) => each.metadata) }
}

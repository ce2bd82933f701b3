// SQL of lists of volumes: filters on columns and metadata, pages, counts, summary.
import { sql, type SelectQueryBuilder } from 'kysely'
import { page, type PageRequest } from '../../platform/store/page.ts'
import type { Db } from '../../platform/store/store.ts'
import { condition, holdsPair, type ColumnFilter } from './filters.ts'
import type { VolumeTables } from './tables.ts'
import type { VolumeRow } from './volumes.ts'

export interface VolumeFilters {
  /** undefined: every project's */
  projectId: string | undefined
  columns: ColumnFilter[]
  /** all of these pairs are in the metadata, or in what an operator's flags add to it */
  metadata: Map<string, string>
  /** the same for the metadata of the image that it was made from */
  imageMetadata: Map<string, string>
}

type Query<O> = SelectQueryBuilder<VolumeTables, 'volumes', O>

function filtered<O>(start: Query<O>, filters: VolumeFilters): Query<O> {
  let query = start
  if (filters.projectId !== undefined) query = query.where('project_id', '=', filters.projectId)
  for (const filter of filters.columns) query = query.where(condition(filter))
  for (const [key, value] of filters.metadata)
    query = query.where((e) => e.or([holdsPair('metadata', key, value), holdsPair('admin_metadata', key, value)]))
  for (const [key, value] of filters.imageMetadata) query = query.where(holdsPair('image_metadata', key, value))
  return query
}

export function volumesPage(db: Db, filters: VolumeFilters, request: PageRequest): Promise<VolumeRow[]> {
  return page(filtered(db.as<VolumeTables>().selectFrom('volumes').selectAll(), filters), request).execute()
}

export async function volumesCount(db: Db, filters: VolumeFilters): Promise<number> {
  const row = await filtered(
    db
      .as<VolumeTables>()
      .selectFrom('volumes')
      .select(sql<number>`count(*)`.as('count')),
    filters,
  ).executeTakeFirstOrThrow()
  return Number(row.count)
}

export async function volumesSummary(
  db: Db,
  filters: VolumeFilters,
): Promise<{ count: number; size: number; metadata: Record<string, string>[] }> {
  const totals = db
    .as<VolumeTables>()
    .selectFrom('volumes')
    .select([sql<number>`count(*)`.as('count'), sql<number>`coalesce(sum(size), 0)`.as('size')])
  const row = await filtered(totals, filters).executeTakeFirstOrThrow()
  const metadata = await filtered(db.as<VolumeTables>().selectFrom('volumes').select('metadata').distinct(), filters)
    .limit(10_000)
    .execute()
  return { count: Number(row.count), size: Number(row.size), metadata: metadata.map((each) => each.metadata) }
}

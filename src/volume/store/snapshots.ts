// SQL of volume snapshots.
import { sql, type SelectQueryBuilder } from 'kysely'
import { page, type PageRequest } from '../../platform/store/page.ts'
import { rows } from '../../platform/store/rows.ts'
import { shapedStatement, statement } from '../../platform/store/statement.ts'
import type { Db } from '../../platform/store/store.ts'
import { condition, holdsPair, type ColumnFilter } from './filters.ts'
import type { VolumeTables } from './tables.ts'
import type { Held } from './volumes.ts'

export interface SnapshotRow {
  id: string
  project_id: string
  user_id: string
  volume_id: string
  name: string | null
  description: string | null
  status: string
  progress: string | null
  /** GiB that the volume had */
  size: number
  volume_type_id: string
  metadata: Record<string, string>
  group_snapshot_id: string | null
  reason: string | null
  created_at: string
  updated_at: string | null
}

const q = (db: Db) => db.as<VolumeTables>()

export const snapshotRows = rows<SnapshotRow>('volume_snapshots')

const ofVolume = statement<VolumeTables, { volumeId: string }, SnapshotRow>((from, { volumeId }) =>
  from.selectFrom('volume_snapshots').selectAll().where('volume_id', '=', volumeId).orderBy('created_at').orderBy('id'),
)
/** oldest first */
export const snapshotsOfVolume = (db: Db, volumeId: string) => ofVolume.rows(db, { volumeId })

export const snapshotsOfGroupSnapshot = (db: Db, id: string) =>
  q(db).selectFrom('volume_snapshots').selectAll().where('group_snapshot_id', '=', id).orderBy('created_at').orderBy('id').execute()

export const snapshotsMove = (db: Db, volumeId: string, owner: Pick<SnapshotRow, 'project_id' | 'user_id'>) =>
  q(db).updateTable('volume_snapshots').set(owner).where('volume_id', '=', volumeId).execute()

/** They are of the volume's type, whatever it was when they were taken. */
export const snapshotsRetype = (db: Db, volumeId: string, typeId: string) =>
  q(db).updateTable('volume_snapshots').set({ volume_type_id: typeId }).where('volume_id', '=', volumeId).execute()

const usage = shapedStatement<VolumeTables, { projectId: string; typeId: string | undefined }, Held>((from, { projectId, typeId }) => {
  const query = from
    .selectFrom('volume_snapshots')
    .select([sql<number>`count(*)`.as('count'), sql<number>`coalesce(sum(size), 0)`.as('gib')])
    .where('project_id', '=', projectId)
  return typeId === undefined ? query : query.where('volume_type_id', '=', typeId)
})
/** What a project holds of snapshots, of all types or one. */
export async function snapshotUsage(db: Db, projectId: string, typeId?: string): Promise<Held> {
  const { count, gib } = await usage.one(db, { projectId, typeId })
  return { count: Number(count), gib: Number(gib) }
}

export interface SnapshotFilters {
  /** undefined: every project's */
  projectId: string | undefined
  columns: ColumnFilter[]
  metadata: Map<string, string>
}

function filtered<O>(start: SelectQueryBuilder<VolumeTables, 'volume_snapshots', O>, filters: SnapshotFilters) {
  let query = start
  if (filters.projectId !== undefined) query = query.where('project_id', '=', filters.projectId)
  for (const filter of filters.columns) query = query.where(condition(filter))
  for (const [key, value] of filters.metadata) query = query.where(holdsPair('metadata', key, value))
  return query
}

export function snapshotsPage(db: Db, filters: SnapshotFilters, request: PageRequest): Promise<SnapshotRow[]> {
  return page(filtered(q(db).selectFrom('volume_snapshots').selectAll(), filters), request).execute()
}

export async function snapshotsCount(db: Db, filters: SnapshotFilters): Promise<number> {
  const row = await filtered(
    q(db)
      .selectFrom('volume_snapshots')
      .select(sql<number>`count(*)`.as('count')),
    filters,
  ).executeTakeFirstOrThrow()
  return Number(row.count)
}

// SQL of volume snapshots.
import { sql, type SelectQueryBuilder } from 'kysely'
import { page, type PageRequest } from '../../platform/store/page.ts'
import type { Db } from '../../platform/store/store.ts'
import type { VolumeTables } from './tables.ts'
import { holdsPair } from './volume-list.ts'

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
  metadata: string
  group_snapshot_id: string | null
  reason: string | null
  created_at: string
  updated_at: string | null
}

const q = (db: Db) => db.as<VolumeTables>()

export const snapshotFetch = (db: Db, id: string) => q(db).selectFrom('volume_snapshots').selectAll().where('id', '=', id).executeTakeFirst()

export const snapshotInsert = (db: Db, row: SnapshotRow) => q(db).insertInto('volume_snapshots').values(row).execute()

export const snapshotUpdate = (db: Db, id: string, change: Partial<SnapshotRow>) => q(db).updateTable('volume_snapshots').set(change).where('id', '=', id).execute()

/** Compare and set on the status. */
export const snapshotAdvance = (db: Db, id: string, from: readonly string[], change: Partial<SnapshotRow>): Promise<SnapshotRow | undefined> =>
  q(db).updateTable('volume_snapshots').set(change).where('id', '=', id).where('status', 'in', from).returningAll().executeTakeFirst()

export const snapshotDelete = (db: Db, id: string) => q(db).deleteFrom('volume_snapshots').where('id', '=', id).execute()

/** oldest first */
export const snapshotsOfVolume = (db: Db, volumeId: string) =>
  q(db).selectFrom('volume_snapshots').selectAll().where('volume_id', '=', volumeId).orderBy('created_at').orderBy('id').execute()

export const snapshotsOfGroupSnapshot = (db: Db, id: string) =>
  q(db).selectFrom('volume_snapshots').selectAll().where('group_snapshot_id', '=', id).orderBy('created_at').orderBy('id').execute()

export const snapshotsMove = (db: Db, volumeId: string, owner: Pick<SnapshotRow, 'project_id' | 'user_id'>) =>
  q(db).updateTable('volume_snapshots').set(owner).where('volume_id', '=', volumeId).execute()

export async function snapshotUsage(db: Db, projectId: string, typeId?: string): Promise<{ count: number; gib: number }> {
  let query = q(db)
    .selectFrom('volume_snapshots')
    .select([sql<number>`count(*)`.as('count'), sql<number>`coalesce(sum(size), 0)`.as('gib')])
    .where('project_id', '=', projectId)
  if (typeId !== undefined) query = query.where('volume_type_id', '=', typeId)
  const row = await query.executeTakeFirstOrThrow()
  return { count: Number(row.count), gib: Number(row.gib) }
}

export interface SnapshotFilters {
  projectId: string | undefined
  columns: Partial<Record<'id' | 'name' | 'status' | 'volume_id' | 'project_id', string>>
  /** name~ since 3.31 */
  nameLike?: string | undefined
  metadata: Record<string, string>
}

function filtered<O>(start: SelectQueryBuilder<VolumeTables, 'volume_snapshots', O>, filters: SnapshotFilters) {
  let query = start
  if (filters.projectId !== undefined) query = query.where('project_id', '=', filters.projectId)
  for (const [column, value] of Object.entries(filters.columns)) query = query.where(column as 'id', '=', value)
  if (filters.nameLike !== undefined) query = query.where('name', 'like', `%${filters.nameLike}%`)
  for (const [key, value] of Object.entries(filters.metadata)) query = query.where(holdsPair('metadata', key, value))
  return query
}

export function snapshotsPage(db: Db, filters: SnapshotFilters, request: PageRequest & { offset?: number | undefined }): Promise<SnapshotRow[]> {
  const query = page(filtered(q(db).selectFrom('volume_snapshots').selectAll(), filters), request)
  return (request.offset ? query.offset(request.offset) : query).execute()
}

export async function snapshotsCount(db: Db, filters: SnapshotFilters): Promise<number> {
  const row = await filtered(q(db).selectFrom('volume_snapshots').select(sql<number>`count(*)`.as('count')), filters).executeTakeFirstOrThrow()
  return Number(row.count)
}

// SQL of volume groups, group types and group snapshots.
import { sql } from 'kysely'
import { page, type PageRequest } from '../../platform/store/page.ts'
import { idsIn } from '../../platform/store/ids-in.ts'
import { rows } from '../../platform/store/rows.ts'
import type { Db } from '../../platform/store/store.ts'
import { pagesOf } from './filters.ts'
import type { VolumeTables } from './tables.ts'

export interface GroupTypeRow {
  id: string
  name: string
  description: string | null
  is_public: boolean
  group_specs: Record<string, string>
  created_at: string
}

export interface GroupRow {
  id: string
  project_id: string
  user_id: string
  name: string | null
  description: string | null
  status: string
  group_type_id: string
  /** ids of the types that its volumes may have */
  volume_types: string[]
  availability_zone: string
  group_snapshot_id: string | null
  source_group_id: string | null
  created_at: string
}

export interface GroupSnapshotRow {
  id: string
  project_id: string
  user_id: string
  group_id: string
  group_type_id: string
  name: string | null
  description: string | null
  status: string
  created_at: string
}

const q = (db: Db) => db.as<VolumeTables>()

export const groupTypeRows = rows<GroupTypeRow>('volume_group_types')
export const groupRows = rows<GroupRow>('volume_groups')
export const groupSnapshotRows = rows<GroupSnapshotRow>('volume_group_snapshots')

export function groupTypesPage(db: Db, isPublic: boolean | undefined, request: PageRequest): Promise<GroupTypeRow[]> {
  let query = q(db).selectFrom('volume_group_types').selectAll()
  if (isPublic !== undefined) query = query.where('is_public', '=', isPublic)
  return page(query, request).execute()
}

export async function groupTypeInUse(db: Db, id: string): Promise<boolean> {
  return (await q(db).selectFrom('volume_groups').select('id').where('group_type_id', '=', id).limit(1).executeTakeFirst()) !== undefined
}

export const groupsPage = pagesOf(groupRows)
export const groupSnapshotsPage = pagesOf(groupSnapshotRows)

export async function groupCount(db: Db, projectId: string): Promise<number> {
  const row = await q(db)
    .selectFrom('volume_groups')
    .select(sql<number>`count(*)`.as('count'))
    .where('project_id', '=', projectId)
    .executeTakeFirstOrThrow()
  return Number(row.count)
}

/** The volumes of these groups, with their states: one query. */
export const volumesOfGroups = (db: Db, groupIds: string[]) =>
  q(db)
    .selectFrom('volumes')
    .select(['id', 'group_id', 'status'])
    .where(idsIn(db, 'group_id', groupIds))
    .orderBy('created_at')
    .orderBy('id')
    .execute()

// SQL of volume types, who may use the private ones, and projects' default types.
import { sql, type SqlBool } from 'kysely'
import { page, type PageRequest } from '../../platform/store/page.ts'
import { rows } from '../../platform/store/rows.ts'
import { statement } from '../../platform/store/statement.ts'
import type { Db } from '../../platform/store/store.ts'
import { condition, holdsPair, type ColumnFilter } from './filters.ts'
import type { VolumeTables } from './tables.ts'

export interface VolumeTypeRow {
  id: string
  name: string
  description: string | null
  is_public: number
  /** JSON object of text */
  extra_specs: string
  qos_specs_id: string | null
  /** JSON of EncryptionSpecs, or null */
  encryption: string | null
  created_at: string
  updated_at: string | null
}

export interface TypeAccessRow {
  volume_type_id: string
  project_id: string
}

export interface DefaultTypeRow {
  project_id: string
  volume_type_id: string
}

const q = (db: Db) => db.as<VolumeTables>()

const types = rows<VolumeTables['volume_types']>('volume_types')
export const typeFetch = types.fetch
export const typesFetch = types.many
export const typeInsert = types.insert
export const typeDelete = types.delete

const byName = statement<VolumeTables, { name: string }, VolumeTypeRow>((from, { name }) =>
  from.selectFrom('volume_types').selectAll().where('name', '=', name),
)
export const typeFetchByName = (db: Db, name: string) => byName.first(db, { name })

export const typesAll = (db: Db) => q(db).selectFrom('volume_types').selectAll().orderBy('created_at').limit(1000).execute()

export const typeUpdate = (db: Db, id: string, change: Partial<VolumeTypeRow>) =>
  q(db).updateTable('volume_types').set(change).where('id', '=', id).returningAll().executeTakeFirst()

export const typesOfQos = (db: Db, qosId: string) =>
  q(db).selectFrom('volume_types').selectAll().where('qos_specs_id', '=', qosId).orderBy('name').execute()

export interface TypeFilters {
  /** whose private types are among the public ones */
  projectId: string | null
  /** null: of both kinds, whosever they are */
  isPublic: boolean | null
  columns: ColumnFilter[]
  extraSpecs: Map<string, string>
}

export function typesPage(
  db: Db,
  { projectId, isPublic, columns, extraSpecs }: TypeFilters,
  request: PageRequest,
): Promise<VolumeTypeRow[]> {
  let query = q(db).selectFrom('volume_types').selectAll()
  if (isPublic === true)
    query = query.where(
      sql<SqlBool>`(is_public = 1 or exists (select 1 from volume_type_access a where a.volume_type_id = volume_types.id and a.project_id = ${projectId ?? ''}))`,
    )
  if (isPublic === false) query = query.where('is_public', '=', 0)
  for (const filter of columns) query = query.where(condition(filter))
  for (const [key, value] of extraSpecs) query = query.where(holdsPair('extra_specs', key, value))
  return page(query, request).execute()
}

export const typeAccessFetch = (db: Db, typeId: string, projectId: string) =>
  q(db)
    .selectFrom('volume_type_access')
    .selectAll()
    .where('volume_type_id', '=', typeId)
    .where('project_id', '=', projectId)
    .executeTakeFirst()

export const typeAccessList = (db: Db, typeId: string) =>
  q(db).selectFrom('volume_type_access').selectAll().where('volume_type_id', '=', typeId).orderBy('project_id').execute()

export const typeAccessInsert = (db: Db, row: TypeAccessRow) => q(db).insertInto('volume_type_access').values(row).execute()

export async function typeAccessDelete(db: Db, typeId: string, projectId: string): Promise<boolean> {
  const result = await q(db)
    .deleteFrom('volume_type_access')
    .where('volume_type_id', '=', typeId)
    .where('project_id', '=', projectId)
    .executeTakeFirst()
  return Number(result.numDeletedRows) === 1
}

const defaultType = statement<VolumeTables, { projectId: string }, DefaultTypeRow>((from, { projectId }) =>
  from.selectFrom('volume_default_types').selectAll().where('project_id', '=', projectId),
)
export const defaultTypeFetch = (db: Db, projectId: string) => defaultType.first(db, { projectId })

export const defaultTypesList = (db: Db) => q(db).selectFrom('volume_default_types').selectAll().orderBy('project_id').execute()

export const defaultTypeSet = (db: Db, row: DefaultTypeRow) =>
  q(db)
    .insertInto('volume_default_types')
    .values(row)
    .onConflict((c) => c.column('project_id').doUpdateSet({ volume_type_id: row.volume_type_id }))
    .execute()

export const defaultTypeDelete = (db: Db, projectId: string) =>
  q(db).deleteFrom('volume_default_types').where('project_id', '=', projectId).execute()

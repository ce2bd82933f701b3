// SQL of volume types, who may use the private ones, and projects' default types.
import { sql, type SqlBool } from 'kysely'
import { page, type PageRequest } from '../../platform/store/page.ts'
import { rows } from '../../platform/store/rows.ts'
import type { Db } from '../../platform/store/store.ts'
import { condition, holdsPair, type ColumnFilter } from './filters.ts'
import type { VolumeTables } from './tables.ts'

export interface VolumeTypeRow {
  id: string
  name: string
  description: string | null
  is_public: boolean
  extra_specs: Record<string, string>
  qos_specs_id: string | null
  encryption: EncryptionSpecs | null
  created_at: string
  updated_at: string | null
}

/** What a type says about encryption: kept and shown; nothing here encrypts. */
export interface EncryptionSpecs {
  encryption_id: string
  provider: string
  cipher: string | null
  key_size: number | null
  control_location: string
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

export const typeRows = rows<VolumeTypeRow>('volume_types')
export const typeAccessRows = rows<TypeAccessRow>('volume_type_access', 'project_id')
export const defaultTypeRows = rows<DefaultTypeRow>('volume_default_types', 'project_id')

export const typesAll = (db: Db) => q(db).selectFrom('volume_types').selectAll().orderBy('created_at').limit(1000).execute()

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
  if (isPublic === false) query = query.where('is_public', '=', false)
  for (const filter of columns) query = query.where(condition(filter))
  for (const [key, value] of extraSpecs) query = query.where(holdsPair('extra_specs', key, value))
  return page(query, request).execute()
}

export const defaultTypeSet = (db: Db, row: DefaultTypeRow) =>
  q(db)
    .insertInto('volume_default_types')
    .values(row)
    .onConflict((c) => c.column('project_id').doUpdateSet({ volume_type_id: row.volume_type_id }))
    .execute()

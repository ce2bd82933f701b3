// SQL of flavors and of who may use the private ones.
import { page, type Sort } from '../../platform/store/page.ts'
import { rows } from '../../platform/store/rows.ts'
import type { Db } from '../../platform/store/store.ts'
import { computeTables as q } from '../store/tables.ts'

export interface FlavorRow {
  id: string
  name: string
  description: string | null
  vcpus: number
  memory_mb: number
  root_gb: number
  ephemeral_gb: number
  swap: number
  rxtx_factor: number
  is_public: boolean
  disabled: boolean
  extra_specs: Record<string, string>
  created_at: string
  updated_at: string | null
}

export const flavors = rows<FlavorRow>('flavors')

export const flavorAccessClear = (db: Db, flavorId: string) => q(db).deleteFrom('flavor_access').where('flavor_id', '=', flavorId).execute()

export interface FlavorQuestion {
  /** public ones, private ones that the project may use, or all */
  seen: { kind: 'all' } | { kind: 'public'; orOf?: string } | { kind: 'private' }
  minRamMib?: number | undefined
  minDiskGib?: number | undefined
  sorts: Sort[]
  limit: number
  after?: FlavorRow | undefined
}

export function flavorsPage(db: Db, question: FlavorQuestion): Promise<FlavorRow[]> {
  const { seen } = question
  let query = q(db).selectFrom('flavors').selectAll()
  if (seen.kind === 'private') query = query.where('is_public', '=', false)
  if (seen.kind === 'public') {
    const { orOf } = seen
    query =
      orOf === undefined
        ? query.where('is_public', '=', true)
        : query.where((e) =>
            e.or([
              e('is_public', '=', true),
              e('id', 'in', e.selectFrom('flavor_access').select('flavor_id').where('project_id', '=', orOf)),
            ]),
          )
  }
  if (question.minRamMib !== undefined) query = query.where('memory_mb', '>=', question.minRamMib)
  if (question.minDiskGib !== undefined) query = query.where('root_gb', '>=', question.minDiskGib)
  return page(query, {
    sorts: question.sorts,
    limit: question.limit,
    after: question.after as Record<string, unknown> | undefined,
  }).execute()
}

export const flavorAccessList = (db: Db, flavorId: string) =>
  q(db).selectFrom('flavor_access').selectAll().where('flavor_id', '=', flavorId).orderBy('project_id').execute()

export const flavorAccessHas = async (db: Db, flavorId: string, projectId: string): Promise<boolean> =>
  (await q(db)
    .selectFrom('flavor_access')
    .select('flavor_id')
    .where('flavor_id', '=', flavorId)
    .where('project_id', '=', projectId)
    .executeTakeFirst()) !== undefined

export const flavorAccessInsert = (db: Db, flavorId: string, projectId: string) =>
  q(db).insertInto('flavor_access').values({ flavor_id: flavorId, project_id: projectId }).execute()

export async function flavorAccessDelete(db: Db, flavorId: string, projectId: string): Promise<boolean> {
  const result = await q(db)
    .deleteFrom('flavor_access')
    .where('flavor_id', '=', flavorId)
    .where('project_id', '=', projectId)
    .executeTakeFirst()
  return Number(result.numDeletedRows) > 0
}

// SQL of resource providers.
import type { Db } from '../../platform/store/store.ts'
import { placementTables as q, type ProviderRow } from './tables.ts'

export const providerFetch = (db: Db, id: string) => q(db).selectFrom('resource_providers').selectAll().where('id', '=', id).executeTakeFirst()

export const providerFetchByName = (db: Db, name: string) => q(db).selectFrom('resource_providers').selectAll().where('name', '=', name).executeTakeFirst()

export const providersFetch = (db: Db, ids: string[]): Promise<ProviderRow[]> =>
  ids.length === 0 ? Promise.resolve([]) : q(db).selectFrom('resource_providers').selectAll().where('id', 'in', ids).execute()

export interface ProviderFilter {
  id?: string | undefined
  name?: string | undefined
  rootId?: string | undefined
}

export function providersList(db: Db, filter: ProviderFilter): Promise<ProviderRow[]> {
  let query = q(db).selectFrom('resource_providers').selectAll()
  if (filter.id !== undefined) query = query.where('id', '=', filter.id)
  if (filter.name !== undefined) query = query.where('name', '=', filter.name)
  if (filter.rootId !== undefined) query = query.where('root_id', '=', filter.rootId)
  return query.orderBy('created_at').orderBy('id').execute()
}

export const providerInsert = (db: Db, row: ProviderRow) => q(db).insertInto('resource_providers').values(row).execute()

export const providerUpdate = (db: Db, id: string, change: Partial<ProviderRow>) => q(db).updateTable('resource_providers').set(change).where('id', '=', id).execute()

export const providerDelete = (db: Db, id: string) => q(db).deleteFrom('resource_providers').where('id', '=', id).execute()

export const providerChildren = (db: Db, id: string) => q(db).selectFrom('resource_providers').select('id').where('parent_id', '=', id).execute()

/** Moves the generation on if it is still the one that was read; false when somebody else was faster. */
export async function providerGenerationRaise(db: Db, row: Pick<ProviderRow, 'id' | 'generation'>, updatedAt: string): Promise<boolean> {
  const result = await q(db)
    .updateTable('resource_providers')
    .set({ generation: row.generation + 1, updated_at: updatedAt })
    .where('id', '=', row.id)
    .where('generation', '=', row.generation)
    .executeTakeFirst()
  return Number(result.numUpdatedRows) === 1
}

/** Moves on the generations of several, whatever they are: inside the transaction that changed what they hold. */
export const providersGenerationsRaise = (db: Db, ids: string[]) =>
  q(db)
    .updateTable('resource_providers')
    .set((e) => ({ generation: e('generation', '+', 1) }))
    .where('id', 'in', ids)
    .execute()

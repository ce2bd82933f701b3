// SQL of resource providers.
import type { UpdateResult } from 'kysely'
import { idList, inList } from '../../platform/store/ids-in.ts'
import { rows } from '../../platform/store/rows.ts'
import { statement } from '../../platform/store/statement.ts'
import type { Db } from '../../platform/store/store.ts'
import { placementTables as q, type PlacementTables, type ProviderRow } from './tables.ts'

export const providers = rows<ProviderRow>('resource_providers')

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

/** Moves the generation on if it is still the one that was read; false when somebody else was faster. */
export const providerGenerationRaise = async (db: Db, { id, generation }: Pick<ProviderRow, 'id' | 'generation'>, updatedAt: string) =>
  (await providers.update(db, { id, generation }, { generation: generation + 1, updated_at: updatedAt })) === 1

const raise = statement<PlacementTables, { list: string }, UpdateResult>((from, { list }, db) =>
  from
    .updateTable('resource_providers')
    .set((e) => ({ generation: e('generation', '+', 1) }))
    .where(inList(db, 'id', list)),
)
/** Moves on the generations of several, whatever they are: inside the transaction that changed what they hold. */
export const providersGenerationsRaise = (db: Db, ids: string[]) => raise.change(db, { list: idList(ids) })

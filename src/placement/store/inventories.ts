// SQL of inventories, and of what is used of them: always summed from the allocations, never stored.
import { sql, type Db } from '../../platform/store/store.ts'
import { idList, inList } from '../../platform/store/ids-in.ts'
import { rows } from '../../platform/store/rows.ts'
import { shapedStatement } from '../../platform/store/statement.ts'
import { placementTables as q, type InventoryRow, type PlacementTables } from './tables.ts'

export interface InventoryUsage extends InventoryRow {
  used: number
}

/** A provider's, in the order of their classes. */
export const inventories = rows<InventoryRow>('inventories', 'resource_class')

export const inventoryUpsert = (db: Db, row: InventoryRow) =>
  q(db)
    .insertInto('inventories')
    .values(row)
    .onConflict((c) => c.columns(['provider_id', 'resource_class']).doUpdateSet(row))
    .execute()

const used = sql<number>`(select coalesce(sum(a.used), 0) from allocations a where a.provider_id = inventories.provider_id and a.resource_class = inventories.resource_class)`

export interface UsageFilter {
  providerIds?: string[] | undefined
  resourceClasses?: string[] | undefined
}

const usages = shapedStatement<PlacementTables, { providers: string | undefined; classes: string | undefined }, InventoryUsage>(
  (from, { providers, classes }, db) => {
    let query = from.selectFrom('inventories').selectAll().select(used.as('used'))
    if (providers !== undefined) query = query.where(inList(db, 'provider_id', providers))
    if (classes !== undefined) query = query.where(inList(db, 'resource_class', classes))
    return query
  },
)

/** Inventories with what is used of them; the sum runs over an index for each row. */
export const inventoryUsages = (db: Db, { providerIds, resourceClasses }: UsageFilter): Promise<InventoryUsage[]> =>
  usages.rows(db, { providers: providerIds && idList(providerIds), classes: resourceClasses && idList(resourceClasses) })

// SQL of the integer ids that Nova gives beside uuids.
import { sql, type Db } from '../../platform/store/store.ts'
import { computeTables } from './tables.ts'

/** The next integer id of its kind; never given twice. In the transaction that uses it. */
export async function nextNumber(db: Db, name: 'service' | 'node' | 'aggregate' | 'migration'): Promise<number> {
  const row = await computeTables(db)
    .updateTable('compute_numbers')
    .set({ value: sql<number>`value + 1` })
    .where('name', '=', name)
    .returning('value')
    .executeTakeFirstOrThrow()
  return row.value
}

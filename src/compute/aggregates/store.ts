// SQL of host aggregates.
import { rows } from '../../platform/store/rows.ts'
import { statement } from '../../platform/store/statement.ts'
import type { Db } from '../../platform/store/store.ts'
import { computeTables as q, type ComputeTables } from '../store/tables.ts'

export interface AggregateRow {
  id: number
  uuid: string
  name: string
  /** availability_zone among it */
  metadata: Record<string, string>
  created_at: string
  updated_at: string | null
}

export const aggregates = rows<AggregateRow>('aggregates')

const hosts = statement<ComputeTables, object, ComputeTables['aggregate_hosts']>((from) =>
  from.selectFrom('aggregate_hosts').selectAll().orderBy('host'),
)
export const aggregateHosts = (db: Db) => hosts.rows(db, {})

export const aggregateHostInsert = (db: Db, aggregateId: number, host: string) =>
  q(db).insertInto('aggregate_hosts').values({ aggregate_id: aggregateId, host }).execute()

export async function aggregateHostDelete(db: Db, aggregateId: number, host: string): Promise<boolean> {
  const result = await q(db)
    .deleteFrom('aggregate_hosts')
    .where('aggregate_id', '=', aggregateId)
    .where('host', '=', host)
    .executeTakeFirst()
  return Number(result.numDeletedRows) > 0
}

export const aggregatesOfHost = (db: Db, host: string): Promise<AggregateRow[]> =>
  q(db)
    .selectFrom('aggregates')
    .innerJoin('aggregate_hosts', 'aggregate_hosts.aggregate_id', 'aggregates.id')
    .selectAll('aggregates')
    .where('aggregate_hosts.host', '=', host)
    .orderBy('aggregates.id')
    .execute()

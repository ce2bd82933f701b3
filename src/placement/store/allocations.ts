// SQL of consumers and their allocations.
import type { InsertResult } from 'kysely'
import { idsIn } from '../../platform/store/ids-in.ts'
import { rows } from '../../platform/store/rows.ts'
import { shapedStatement, statement } from '../../platform/store/statement.ts'
import type { Db } from '../../platform/store/store.ts'
import { placementTables as q, type AllocationRow, type ConsumerRow, type PlacementTables } from './tables.ts'

export const consumers = rows<ConsumerRow>('consumers')

export const consumersAfter = (db: Db, after: string, limit: number) =>
  q(db).selectFrom('consumers').select(['id', 'consumer_type']).where('id', '>', after).orderBy('id').limit(limit).execute()

const upsert = shapedStatement<PlacementTables, { row: ConsumerRow }, InsertResult>((from, { row }) =>
  from
    .insertInto('consumers')
    .values(row)
    .onConflict((c) =>
      c
        .column('id')
        .doUpdateSet({ project_id: row.project_id, user_id: row.user_id, generation: row.generation, consumer_type: row.consumer_type }),
    ),
)
export const consumerUpsert = (db: Db, row: ConsumerRow) => upsert.change(db, { row })

export const allocationsOfMany = (db: Db, consumerIds: string[]) =>
  q(db)
    .selectFrom('allocations')
    .selectAll()
    .where(idsIn(db, 'consumer_id', consumerIds))
    .execute()

export const allocationsFetch = (db: Db, consumerId: string) =>
  q(db)
    .selectFrom('allocations')
    .selectAll()
    .where('consumer_id', '=', consumerId)
    .orderBy('provider_id')
    .orderBy('resource_class')
    .execute()

export const allocationsOfProvider = (db: Db, providerId: string) =>
  q(db).selectFrom('allocations').selectAll().where('provider_id', '=', providerId).orderBy('consumer_id').execute()

const insert = shapedStatement<PlacementTables, { rows: AllocationRow[] }, InsertResult>((from, { rows }) =>
  from.insertInto('allocations').values(rows),
)
export const allocationsInsert = (db: Db, rows: AllocationRow[]) => insert.change(db, { rows })

const remove = statement<PlacementTables, { consumerId: string }, AllocationRow>((from, { consumerId }) =>
  from.deleteFrom('allocations').where('consumer_id', '=', consumerId).returningAll(),
)
export const allocationsDelete = (db: Db, consumerId: string) => remove.rows(db, { consumerId })

/** Taken from one and given to the other: the timelines of both tell it. */
export async function allocationsMove(db: Db, fromConsumerId: string, toConsumerId: string): Promise<void> {
  const rows = await allocationsDelete(db, fromConsumerId)
  if (rows.length > 0)
    await allocationsInsert(
      db,
      rows.map((row) => ({ ...row, consumer_id: toConsumerId })),
    )
}

/** resource classes of a provider that somebody holds something of */
export async function classesInUse(db: Db, providerId: string): Promise<string[]> {
  const rows = await q(db)
    .selectFrom('allocations')
    .select('resource_class')
    .distinct()
    .where('provider_id', '=', providerId)
    .orderBy('resource_class')
    .execute()
  return rows.map((row) => row.resource_class)
}

export interface UsageSum {
  consumer_type: string | null
  resource_class: string
  used: number
  consumers: number
}

/** What a project (and user) holds, by consumer type and class. */
export function usagesOfProject(db: Db, projectId: string, userId: string | undefined): Promise<UsageSum[]> {
  let query = q(db)
    .selectFrom('allocations as a')
    .innerJoin('consumers as c', 'c.id', 'a.consumer_id')
    .select((e) => [
      'c.consumer_type',
      'a.resource_class',
      e.fn.sum<number>('a.used').as('used'),
      e.fn.count<number>('a.consumer_id').distinct().as('consumers'),
    ])
    .where('c.project_id', '=', projectId)
  if (userId !== undefined) query = query.where('c.user_id', '=', userId)
  return query.groupBy(['c.consumer_type', 'a.resource_class']).orderBy('a.resource_class').execute()
}

/** consumers of a project by type, whatever classes they hold */
export function consumersOfProject(
  db: Db,
  projectId: string,
  userId: string | undefined,
): Promise<{ consumer_type: string | null; consumers: number }[]> {
  let query = q(db)
    .selectFrom('consumers')
    .select((e) => ['consumer_type', e.fn.countAll<number>().as('consumers')])
    .where('project_id', '=', projectId)
  if (userId !== undefined) query = query.where('user_id', '=', userId)
  return query.groupBy('consumer_type').execute()
}

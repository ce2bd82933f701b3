// SQL of traits and aggregates of providers, and of custom traits and resource classes.
import type { Db } from '../../platform/store/store.ts'
import { placementTables as q, type NamedRow } from './tables.ts'

type CustomTable = 'custom_traits' | 'custom_resource_classes'

export const customFetch = (db: Db, table: CustomTable, name: string): Promise<NamedRow | undefined> =>
  q(db).selectFrom(table).selectAll().where('name', '=', name).executeTakeFirst()

export const customList = (db: Db, table: CustomTable): Promise<NamedRow[]> => q(db).selectFrom(table).selectAll().orderBy('name').execute()

export const customNames = async (db: Db, table: CustomTable, names: string[]): Promise<string[]> =>
  names.length === 0 ? [] : (await q(db).selectFrom(table).select('name').where('name', 'in', names).execute()).map((row) => row.name)

export const customInsert = (db: Db, table: CustomTable, row: NamedRow) => q(db).insertInto(table).values(row).execute()

export const customEnsure = (db: Db, table: CustomTable, row: NamedRow) =>
  q(db)
    .insertInto(table)
    .values(row)
    .onConflict((c) => c.column('name').doNothing())
    .execute()

export const customDelete = (db: Db, table: CustomTable, name: string) => q(db).deleteFrom(table).where('name', '=', name).execute()

export const traitsOf = async (db: Db, providerId: string): Promise<string[]> =>
  (await q(db).selectFrom('provider_traits').select('trait').where('provider_id', '=', providerId).orderBy('trait').execute()).map(
    (row) => row.trait,
  )

export async function traitsReplace(db: Db, providerId: string, traits: string[]): Promise<void> {
  await q(db).deleteFrom('provider_traits').where('provider_id', '=', providerId).execute()
  if (traits.length > 0)
    await q(db)
      .insertInto('provider_traits')
      .values(traits.map((trait) => ({ provider_id: providerId, trait })))
      .execute()
}

export const traitInUse = async (db: Db, trait: string): Promise<boolean> =>
  (await q(db).selectFrom('provider_traits').select('trait').where('trait', '=', trait).limit(1).executeTakeFirst()) !== undefined

/** names that any provider has */
export const traitsAssociated = async (db: Db): Promise<string[]> =>
  (await q(db).selectFrom('provider_traits').select('trait').distinct().execute()).map((row) => row.trait)

/** provider's id → its traits */
export async function traitsByProvider(db: Db, providerIds?: string[]): Promise<Map<string, string[]>> {
  let query = q(db).selectFrom('provider_traits').selectAll()
  if (providerIds) query = query.where('provider_id', 'in', providerIds.length > 0 ? providerIds : [''])
  return grouped((await query.orderBy('trait').execute()).map((row) => [row.provider_id, row.trait]))
}

/** As they were given, in that order. */
export const aggregatesOf = async (db: Db, providerId: string): Promise<string[]> =>
  (
    await q(db)
      .selectFrom('provider_aggregates')
      .select('given')
      .where('provider_id', '=', providerId)
      .orderBy('ordinal')
      .orderBy('aggregate_id')
      .execute()
  ).map((row) => row.given)

/** `aggregates`: id → how it was spelt. */
export async function aggregatesReplace(db: Db, providerId: string, aggregates: ReadonlyMap<string, string>): Promise<void> {
  await q(db).deleteFrom('provider_aggregates').where('provider_id', '=', providerId).execute()
  if (aggregates.size === 0) return
  await q(db)
    .insertInto('provider_aggregates')
    .values([...aggregates].map(([aggregate_id, given], ordinal) => ({ provider_id: providerId, aggregate_id, given, ordinal })))
    .execute()
}

/** provider's id → its aggregates */
export async function aggregatesByProvider(db: Db, providerIds?: string[]): Promise<Map<string, string[]>> {
  let query = q(db).selectFrom('provider_aggregates').selectAll()
  if (providerIds) query = query.where('provider_id', 'in', providerIds.length > 0 ? providerIds : [''])
  return grouped((await query.execute()).map((row) => [row.provider_id, row.aggregate_id]))
}

function grouped(pairs: [string, string][]): Map<string, string[]> {
  const result = new Map<string, string[]>()
  for (const [key, value] of pairs) {
    const known = result.get(key)
    if (known) known.push(value)
    else result.set(key, [value])
  }
  return result
}

// SQL of traits and aggregates of providers, and of custom traits and resource classes.
import { rows } from '../../platform/store/rows.ts'
import type { Db } from '../../platform/store/store.ts'
import { placementTables as q, type NamedRow, type PlacementTables } from './tables.ts'

export const customTraits = rows<NamedRow>('custom_traits', 'name')
export const customClasses = rows<NamedRow>('custom_resource_classes', 'name')
const providerTraits = rows<PlacementTables['provider_traits']>('provider_traits', 'trait')
const providerAggregates = rows<PlacementTables['provider_aggregates']>('provider_aggregates', 'ordinal')

export const traitsOf = async (db: Db, providerId: string): Promise<string[]> =>
  (await providerTraits.list(db, { provider_id: providerId })).map(({ trait }) => trait)

export async function traitsReplace(db: Db, providerId: string, traits: string[]): Promise<void> {
  await providerTraits.delete(db, { provider_id: providerId })
  await providerTraits.insertMany(
    db,
    traits.map((trait) => ({ provider_id: providerId, trait })),
  )
}

export const traitInUse = async (db: Db, trait: string): Promise<boolean> => (await providerTraits.first(db, { trait })) !== undefined

/** names that any provider has */
export const traitsAssociated = async (db: Db): Promise<string[]> =>
  (await q(db).selectFrom('provider_traits').select('trait').distinct().execute()).map((row) => row.trait)

/** provider's id → its traits */
export async function traitsByProvider(db: Db, providerIds?: string[]): Promise<Map<string, string[]>> {
  const found = await providerTraits.list(db, { provider_id: providerIds })
  return grouped(found.map((row) => [row.provider_id, row.trait]))
}

/** As they were given, in that order. */
export const aggregatesOf = async (db: Db, providerId: string): Promise<string[]> =>
  (await providerAggregates.list(db, { provider_id: providerId })).map(({ given }) => given)

/** `aggregates`: id → how it was spelt. */
export async function aggregatesReplace(db: Db, providerId: string, aggregates: ReadonlyMap<string, string>): Promise<void> {
  await providerAggregates.delete(db, { provider_id: providerId })
  await providerAggregates.insertMany(
    db,
    [...aggregates].map(([aggregate_id, given], ordinal) => ({ provider_id: providerId, aggregate_id, given, ordinal })),
  )
}

/** provider's id → its aggregates */
export async function aggregatesByProvider(db: Db, providerIds?: string[]): Promise<Map<string, string[]>> {
  const found = await providerAggregates.list(db, { provider_id: providerIds })
  return grouped(found.map((row) => [row.provider_id, row.aggregate_id]))
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

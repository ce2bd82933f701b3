// Traits: what a provider is like. The standard ones are data, custom ones (CUSTOM_…) rows.
import { isoMillis } from '../platform/clock.ts'
import type { Context } from '../platform/context.ts'
import { badRequest, conflict, notFound } from '../platform/errors.ts'
import type { Db } from '../platform/store/store.ts'
import { isStandardTrait, standardTraits } from './data/standard-traits.ts'
import { concurrentUpdate, generationConflict } from './failures.ts'
import { providerChange, providerGet } from './providers.ts'
import type { ProviderRow } from './store/tables.ts'
import { customTraits, traitInUse, traitsAssociated, traitsOf, traitsReplace } from './store/traits.ts'

/** Those of the names that no trait has, sorted. */
export async function unknownTraits(db: Db, names: string[]): Promise<string[]> {
  const custom = [...new Set(names.filter((name) => !isStandardTrait(name)))]
  if (custom.length === 0) return []
  const known = new Set((await customTraits.list(db, { name: custom })).map((row) => row.name))
  return custom.filter((name) => !known.has(name)).sort()
}

export interface TraitFilter {
  names?: string[] | undefined
  prefix?: string | undefined
  associated?: boolean | undefined
}

export async function traitList(ctx: Context, filter: TraitFilter): Promise<string[]> {
  ctx.authorize()
  let names = [...standardTraits, ...(await customTraits.list(ctx.db)).map((row) => row.name)]
  if (filter.names) names = names.filter((name) => filter.names?.includes(name))
  if (filter.prefix !== undefined) names = names.filter((name) => name.startsWith(filter.prefix ?? ''))
  if (filter.associated === undefined) return names
  const associated = new Set(await traitsAssociated(ctx.db))
  return names.filter((name) => associated.has(name) === filter.associated)
}

export async function traitGet(ctx: Context, name: string): Promise<void> {
  ctx.authorize()
  if (!isStandardTrait(name) && !(await customTraits.first(ctx.db, { name: name }))) throw noSuchTrait(name)
}

const noSuchTrait = (name: string) => notFound(`No such trait(s): ${name}.`)

/** True when it was not there before. */
export async function traitEnsure(ctx: Context, name: string): Promise<boolean> {
  ctx.authorize()
  return ctx.transaction(async (tx) => {
    if (await customTraits.first(tx.db, { name: name })) return false
    await customTraits.insertMissing(tx.db, { name, created_at: isoMillis(tx.clock.nowMs()) })
    return true
  })
}

export async function traitDelete(ctx: Context, name: string): Promise<void> {
  await ctx.transaction(async (tx) => {
    await traitGet(tx, name)
    if (isStandardTrait(name)) throw badRequest(`Cannot delete standard trait ${name}.`)
    if (await traitInUse(tx.db, name)) throw conflict(`The trait ${name} is in use by a resource provider.`)
    if ((await customTraits.delete(tx.db, { name })) === 0) throw noSuchTrait(name)
  })
}

export async function providerTraits(ctx: Context, providerId: string): Promise<{ provider: ProviderRow; traits: string[] }> {
  const provider = await providerGet(ctx, providerId)
  return { provider, traits: await traitsOf(ctx.db, providerId) }
}

/** Replaces a provider's traits; the generation given must be the current one, undefined asks for no check. */
export async function providerTraitsUpdate(ctx: Context, providerId: string, traits: string[], generation?: number): Promise<ProviderRow> {
  return ctx.transaction(async (tx) => {
    const provider = await providerGet(tx, providerId)
    if (generation !== undefined && provider.generation !== generation) throw concurrentUpdate(generationConflict)
    const unknown = await unknownTraits(tx.db, traits)
    if (unknown.length > 0) throw badRequest(`No such trait ${unknown.join(', ')}`)
    await traitsReplace(tx.db, providerId, [...new Set(traits)])
    return providerChange(tx, provider)
  })
}

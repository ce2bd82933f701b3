// The list of providers, filtered: by name, tree, aggregates, traits and room.
import type { Context } from '../platform/context.ts'
import { badRequest } from '../platform/errors.ts'
import { fits } from './capacity.ts'
import { noSuchClass } from './failures.ts'
import type { AggregatesWanted, TraitsWanted } from './query.ts'
import { unknownClasses } from './resource-classes.ts'
import { inventoryUsages } from './store/inventories.ts'
import { providers, providersList } from './store/providers.ts'
import type { ProviderRow } from './store/tables.ts'
import { aggregatesByProvider, traitsByProvider } from './store/traits.ts'
import { unknownTraits } from './traits.ts'

export interface ProviderQuestion {
  name?: string | undefined
  uuid?: string | undefined
  inTree?: string | undefined
  aggregates?: AggregatesWanted | undefined
  traits?: TraitsWanted | undefined
  resources?: Record<string, number> | undefined
}

export async function providerList(ctx: Context, question: ProviderQuestion): Promise<ProviderRow[]> {
  ctx.authorize()
  const { inTree, aggregates, traits, resources } = question
  if (resources) {
    const [unknown] = await unknownClasses(ctx.db, Object.keys(resources))
    if (unknown !== undefined) throw badRequest(`Invalid resource class in resources parameter: ${noSuchClass(unknown)}`)
  }
  if (traits) {
    const unknown = await unknownTraits(ctx.db, [...traits.required.flat(), ...traits.forbidden])
    if (unknown.length > 0) throw badRequest(`Invalid trait(s) in "required" parameter: No such trait(s): ${unknown.join(', ')}.`)
  }
  const rootId = inTree === undefined ? undefined : (await providers.fetch(ctx.db, inTree))?.root_id
  if (inTree !== undefined && rootId === undefined) return []
  let rows = await providersList(ctx.db, { id: question.uuid, name: question.name, rootId })
  if (traits && rows.length > 0) rows = await withTraits(ctx, rows, traits)
  if (aggregates && rows.length > 0) rows = await withAggregates(ctx, rows, aggregates)
  if (resources && rows.length > 0) rows = await withRoom(ctx, rows, resources)
  return rows
}

async function withTraits(ctx: Context, rows: ProviderRow[], { required, forbidden }: TraitsWanted): Promise<ProviderRow[]> {
  const held = await traitsByProvider(ctx.db)
  return rows.filter(({ id }) => {
    const own = held.get(id) ?? []
    return required.every((any) => any.some((trait) => own.includes(trait))) && !forbidden.some((trait) => own.includes(trait))
  })
}

async function withAggregates(ctx: Context, rows: ProviderRow[], { memberOf, forbidden }: AggregatesWanted): Promise<ProviderRow[]> {
  const held = await aggregatesByProvider(ctx.db)
  return rows.filter(({ id }) => {
    const own = held.get(id) ?? []
    return (
      memberOf.every((any) => any.some((aggregate) => own.includes(aggregate))) && !forbidden.some((aggregate) => own.includes(aggregate))
    )
  })
}

async function withRoom(ctx: Context, rows: ProviderRow[], resources: Record<string, number>): Promise<ProviderRow[]> {
  const usages = await inventoryUsages(ctx.db, { resourceClasses: Object.keys(resources) })
  const room = new Set(
    usages
      .filter((row) => fits({ ...row, used: Number(row.used) }, resources[row.resource_class] ?? 0))
      .map((row) => `${row.provider_id}/${row.resource_class}`),
  )
  return rows.filter(({ id }) => Object.keys(resources).every((resourceClass) => room.has(`${id}/${resourceClass}`)))
}

// Lists of volume types: public ones, those that the project was let into and, for admins, the private ones.
import { publicFilter } from '../platform/api/words.ts'
import type { Context } from '../platform/context.ts'
import { badRequest } from '../platform/errors.ts'
import { knownFilters, nothing, pageOf, textFilter, type ListQuery } from './listing.ts'
import { readPairs } from './python-literal.ts'
import { typesPage, type TypeFilters, type VolumeTypeRow } from './store/types.ts'
import { typeGet, userVisibleSpecs } from './volume-types.ts'

export async function typesList(ctx: Context, query: ListQuery): Promise<VolumeTypeRow[]> {
  ctx.authorize()
  const filters = filtersOf(ctx, query)
  return typesPage(ctx.db, filters, await pageOf(query, (id) => typeGet(ctx, id)))
}

const texts = ['id', 'name', 'description', 'qos_specs_id']

function filtersOf(ctx: Context, query: ListQuery): TypeFilters {
  const asked = knownFilters(ctx, query, { resource: 'volume_type', before: ['is_public'], since: '3.52' })
  const isPublic = ctx.isAdmin ? publicFilter(asked.get('is_public')) : true
  const result: TypeFilters = { projectId: ctx.actor.projectId, isPublic, columns: [], extraSpecs: new Map() }
  for (const [name, value] of asked) {
    if (name === 'extra_specs') specsFilter(ctx, result, value)
    else if (name !== 'is_public') result.columns.push(texts.includes(name) ? textFilter(name, value) : nothing)
  }
  return result
}

function specsFilter(ctx: Context, filters: TypeFilters, value: string): void {
  const pairs = readPairs(value)
  if (!pairs) throw badRequest(`Invalid input received: extra_specs '${value}' is no dictionary.`)
  filters.extraSpecs = pairs
  // a user who may not see a spec learns nothing by filtering for it
  const hidden = [...pairs.keys()].some((key) => !userVisibleSpecs.has(key))
  if (hidden && !ctx.allows(undefined, 'volume_extension:types_extra_specs:read_sensitive')) filters.columns.push(nothing)
}

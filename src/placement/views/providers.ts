// ProviderRow → what the API shows: its place in the tree since 1.14, more links with each resource that came.
import type { Context } from '../../platform/context.ts'
import type { ProviderRow } from '../store/tables.ts'

export const providerPath = (id: string): string => `/placement/resource_providers/${id}`

function links(ctx: Context, id: string) {
  const rels = [
    'inventories',
    'usages',
    ...(ctx.microversion.atLeast('1.1') ? ['aggregates'] : []),
    ...(ctx.microversion.atLeast('1.6') ? ['traits'] : []),
    ...(ctx.microversion.atLeast('1.11') ? ['allocations'] : []),
  ]
  return [{ rel: 'self', href: providerPath(id) }, ...rels.map((rel) => ({ rel, href: `${providerPath(id)}/${rel}` }))]
}

export const providerView = (ctx: Context, row: ProviderRow) => ({
  uuid: row.id,
  name: row.name,
  generation: row.generation,
  links: links(ctx, row.id),
  ...(ctx.microversion.atLeast('1.14') ? { parent_provider_uuid: row.parent_id, root_provider_uuid: row.root_id } : {}),
})

// FlavorRow → what the API shows: description since 2.55, extra specs since 2.61, swap a number since 2.75,
// neither rxtx_factor nor disabled since 2.102.
import type { Context } from '../../platform/context.ts'
import type { FlavorRow } from './store.ts'
import { links } from '../views/links.ts'

const seesExtraSpecs = (ctx: Context): boolean =>
  ctx.microversion.atLeast('2.61') && ctx.allows(undefined, 'os_compute_api:os-flavor-extra-specs:index')

const brief = (ctx: Context, row: FlavorRow) => ({
  id: row.id,
  name: row.name,
  ...(ctx.microversion.atLeast('2.55') ? { description: row.description } : {}),
  links: links(ctx, 'flavors', row.id),
})

const detail = (ctx: Context, row: FlavorRow, withExtraSpecs: boolean) => ({
  id: row.id,
  name: row.name,
  ram: row.memory_mb,
  disk: row.root_gb,
  swap: row.swap === 0 && !ctx.microversion.atLeast('2.75') ? '' : row.swap,
  'OS-FLV-EXT-DATA:ephemeral': row.ephemeral_gb,
  vcpus: row.vcpus,
  'os-flavor-access:is_public': row.is_public,
  ...(ctx.microversion.atLeast('2.102') ? {} : { 'OS-FLV-DISABLED:disabled': row.disabled, rxtx_factor: row.rxtx_factor }),
  links: links(ctx, 'flavors', row.id),
  ...(ctx.microversion.atLeast('2.55') ? { description: row.description } : {}),
  ...(withExtraSpecs ? { extra_specs: row.extra_specs } : {}),
})

export const flavorListView = (ctx: Context, rows: FlavorRow[]) => ({ flavors: rows.map((row) => brief(ctx, row)) })

export function flavorDetailView(ctx: Context, rows: FlavorRow[]) {
  const withExtraSpecs = seesExtraSpecs(ctx)
  return { flavors: rows.map((row) => detail(ctx, row, withExtraSpecs)) }
}

export const flavorView = (ctx: Context, row: FlavorRow) => ({ flavor: detail(ctx, row, seesExtraSpecs(ctx)) })

// Volume types, their encryption and access → what Cinder shows.
import type { Context } from '../../platform/context.ts'
import { userVisibleSpecs, type VolumeTypeRow } from '../volume-types.ts'

export function typeView(ctx: Context, row: VolumeTypeRow): Record<string, unknown> {
  const mayReadSpecs = ctx.allows(undefined, 'volume_extension:access_types_extra_specs')
  return {
    id: row.id,
    name: row.name,
    is_public: row.is_public,
    description: row.description,
    ...(mayReadSpecs ? { extra_specs: visibleSpecs(ctx, row) } : {}),
    ...(ctx.allows(undefined, 'volume_extension:access_types_qos_specs_id') ? { qos_specs_id: row.qos_specs_id } : {}),
  }
}

/** As lists, shows and updates answer. */
export const typeDetailView = (ctx: Context, row: VolumeTypeRow): Record<string, unknown> => ({
  ...typeView(ctx, row),
  'os-volume-type-access:is_public': row.is_public,
})

export function visibleSpecs(ctx: Context, row: VolumeTypeRow): Record<string, string> {
  const specs = row.extra_specs
  if (ctx.allows(undefined, 'volume_extension:types_extra_specs:read_sensitive')) return specs
  return Object.fromEntries(Object.entries(specs).filter(([name]) => userVisibleSpecs.has(name)))
}

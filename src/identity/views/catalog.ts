// Rows of regions, services, endpoints and endpoint groups → what the API shows.
import type { Context } from '../../platform/context.ts'
import { urlOwn } from '../catalog.ts'
import { selfLink } from '../links.ts'
import type { EndpointGroupRow, EndpointRow, RegionRow, ServiceRow } from '../store/tables.ts'

export const regionView = (ctx: Context, row: RegionRow) => ({
  ...row.extra,
  id: row.id,
  description: row.description,
  parent_region_id: row.parent_region_id,
  links: selfLink(ctx, 'regions', row.id),
})

export const serviceView = (ctx: Context, row: ServiceRow) => ({
  ...row.extra,
  id: row.id,
  type: row.type,
  enabled: row.enabled,
  links: selfLink(ctx, 'services', row.id),
})

export const endpointView = (ctx: Context, row: EndpointRow) => ({
  ...row.extra,
  id: row.id,
  interface: row.interface,
  region_id: row.region_id,
  service_id: row.service_id,
  url: urlOwn(ctx.config, row.url),
  enabled: row.enabled,
  region: row.region_id,
  links: selfLink(ctx, 'endpoints', row.id),
})

export const endpointGroupView = (ctx: Context, row: EndpointGroupRow) => ({
  id: row.id,
  name: row.name,
  description: row.description,
  filters: row.filters,
  links: selfLink(ctx, 'OS-EP-FILTER', 'endpoint_groups', row.id),
})

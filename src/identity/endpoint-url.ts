// A service's endpoint in a region, as the catalog has it: for calls to another cloud on a user's behalf.
import type { Context } from '../platform/context.ts'
import { urlOwn } from './catalog.ts'
import { endpoints, services } from './store/tables.ts'

export interface EndpointWanted {
  type: string
  /** compared without case, as Glance does */
  region: string
  interface: string
}

/** null when the catalog has none, or only one that needs what nobody can fill in. */
export async function endpointUrl(ctx: Context, wanted: EndpointWanted): Promise<string | null> {
  const ofType = new Set((await services.list(ctx.db, { enabled: true })).filter(({ type }) => type === wanted.type).map(({ id }) => id))
  const found = (await endpoints.list(ctx.db, { enabled: true })).find(
    (endpoint) =>
      endpoint.interface === wanted.interface &&
      ofType.has(endpoint.service_id) &&
      endpoint.region_id?.toLowerCase() === wanted.region.toLowerCase(),
  )
  const url = found && urlOwn(ctx.config, found.url)
  return url === undefined || url.includes('(') ? null : url
}

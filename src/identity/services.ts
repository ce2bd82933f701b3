// Services of the catalog, and their endpoints.
import { Type } from '../platform/api/type.ts'
import type { Context } from '../platform/context.ts'
import { badRequest, forbidden } from '../platform/errors.ts'
import { extraMerged, extraOf } from './extra.ts'
import { sameId } from './found.ts'
import { permit, permitFound } from './permission.ts'
import { change } from './revision.ts'
import { flag, nameSchema, optional, text, type Body } from './schemas.ts'
import { registeredLimits } from './store/delegation-tables.ts'
import { referredDelete } from './store/references.ts'
import { endpoints, regions, services, type EndpointRow, type ServiceRow } from './store/tables.ts'

export const serviceProperties = {
  enabled: optional(flag),
  name: optional(nameSchema),
  type: Type.String({ minLength: 1, maxLength: 255 }),
}
export type ServiceBody = Body<typeof serviceProperties>

export const endpointProperties = {
  enabled: optional(flag),
  interface: Type.Enum(['admin', 'internal', 'public']),
  region_id: optional(text),
  region: optional(text),
  service_id: text,
  url: Type.String({ maxLength: 225, pattern: '^[a-zA-Z0-9+.-]+:.+' }),
}
export type EndpointBody = Body<typeof endpointProperties>

/** the name is kept among the further attributes */
const serviceAttributes = ['type', 'enabled']
const endpointAttributes = Object.keys(endpointProperties)

export function servicesList(ctx: Context): Promise<ServiceRow[]> {
  permit(ctx)
  return services.list(ctx.db)
}

export function endpointsList(ctx: Context): Promise<EndpointRow[]> {
  permit(ctx)
  return endpoints.list(ctx.db)
}

export async function serviceGet(ctx: Context, id: string): Promise<ServiceRow> {
  return permitFound(ctx, await services.fetch(ctx.db, id), { what: 'service', id })
}

export async function serviceCreate(ctx: Context, body: ServiceBody): Promise<ServiceRow> {
  permit(ctx)
  const extra = extraMerged({ name: '' }, body, serviceAttributes)
  const row: ServiceRow = { id: ctx.ids.hex(), type: body.type ?? '', enabled: body.enabled !== false, extra }
  await change(ctx, { type: 'service', id: row.id, action: 'create' }, (tx) => services.insert(tx.db, row))
  return row
}

export async function serviceUpdate(ctx: Context, id: string, body: ServiceBody): Promise<ServiceRow> {
  const row = await serviceGet(ctx, id)
  sameId(id, body['id'])
  const next = {
    type: body.type ?? row.type,
    enabled: body.enabled ?? row.enabled,
    extra: extraMerged(row.extra, body, serviceAttributes),
  }
  await change(ctx, { type: 'service', id, action: 'update' }, (tx) => services.update(tx.db, { id }, next))
  return { ...row, ...next }
}

/** Takes its endpoints along; not while limits are registered for it. */
export async function serviceDelete(ctx: Context, id: string): Promise<void> {
  await serviceGet(ctx, id)
  await change(ctx, { type: 'service', id, action: 'delete' }, async (tx) => {
    if (await registeredLimits.first(tx.db, { service_id: id }))
      throw forbidden(`Unable to delete service ${id} because limits are registered for it.`)
    for (const endpoint of await endpoints.list(tx.db, { service_id: id })) await referredDelete(tx.db, 'endpoint', endpoint.id)
    await referredDelete(tx.db, 'service', id)
  })
}

export async function endpointGet(ctx: Context, id: string): Promise<EndpointRow> {
  return permitFound(ctx, await endpoints.fetch(ctx.db, id), { what: 'endpoint', id })
}

export async function endpointCreate(ctx: Context, body: EndpointBody): Promise<EndpointRow> {
  permit(ctx)
  const row: EndpointRow = {
    id: ctx.ids.hex(),
    interface: body.interface ?? 'public',
    region_id: body.region_id ?? body.region ?? null,
    service_id: body.service_id ?? '',
    url: urlCheck(body.url ?? ''),
    enabled: body.enabled !== false,
    extra: extraOf(body, endpointAttributes),
  }
  await change(ctx, { type: 'endpoint', id: row.id, action: 'create' }, async (tx) => {
    await placeCheck(tx, row, body.region !== undefined && body.region_id === undefined)
    await endpoints.insert(tx.db, row)
  })
  return row
}

export async function endpointUpdate(ctx: Context, id: string, body: EndpointBody): Promise<EndpointRow> {
  const row = await endpointGet(ctx, id)
  sameId(id, body['id'])
  const next: EndpointRow = {
    ...row,
    interface: body.interface ?? row.interface,
    region_id: body.region_id ?? body.region ?? row.region_id,
    service_id: body.service_id ?? row.service_id,
    url: body.url === undefined ? row.url : urlCheck(body.url),
    enabled: body.enabled ?? row.enabled,
    extra: extraMerged(row.extra, body, endpointAttributes),
  }
  await change(ctx, { type: 'endpoint', id, action: 'update' }, async (tx) => {
    await placeCheck(tx, next, body.region !== undefined && body.region_id === undefined)
    await endpoints.update(tx.db, { id }, next)
  })
  return next
}

/** Service and region must exist; the old attribute `region` makes the region that it names. */
async function placeCheck(tx: Context, row: EndpointRow, makeRegion: boolean): Promise<void> {
  if (!(await services.fetch(tx.db, row.service_id))) throw badRequest(`Could not find service: ${row.service_id}.`)
  if (row.region_id === null) return
  if (makeRegion) await regions.insertMissing(tx.db, { id: row.region_id, description: '', parent_region_id: null, extra: {} })
  else if (!(await regions.fetch(tx.db, row.region_id))) throw badRequest(`Could not find region: ${row.region_id}.`)
}

/** Only these are filled in; anything else in a template would break every catalog. */
function urlCheck(url: string): string {
  const broken = url.replace(/[$%]\((tenant_id|project_id|user_id|public_endpoint)\)s/g, '').match(/[$%]\(/)
  if (broken) throw badRequest(`Malformed endpoint URL (${url}), see the catalog's documentation for the names that it may hold.`)
  return url
}

export async function endpointDelete(ctx: Context, id: string): Promise<void> {
  await endpointGet(ctx, id)
  await change(ctx, { type: 'endpoint', id, action: 'delete' }, (tx) => referredDelete(tx.db, 'endpoint', id))
}

// Stored policies: blobs that other services may fetch, and what they are for. Keystone keeps them; nothing here
// enforces them (what this cloud enforces is platform/api/policy.ts).
import { Type } from '../platform/api/type.ts'
import type { Context } from '../platform/context.ts'
import { notFound } from '../platform/errors.ts'
import { extraMerged, extraOf } from './extra.ts'
import { existing, sameId } from './found.ts'
import { permit, permitFound } from './permission.ts'
import { change } from './revision.ts'
import { text, type Body } from './schemas.ts'
import { policies, policyAssociations, type PolicyRow } from './store/delegation-tables.ts'
import { referredDelete } from './store/references.ts'
import { endpoints, regions, services, type EndpointRow } from './store/tables.ts'

export const policyProperties = { blob: text, type: Type.String({ maxLength: 255 }) }
export type PolicyBody = Body<typeof policyProperties>

const attributes = Object.keys(policyProperties)

export function policiesList(ctx: Context): Promise<PolicyRow[]> {
  permit(ctx)
  return policies.list(ctx.db)
}

export async function policyGet(ctx: Context, id: string): Promise<PolicyRow> {
  return permitFound(ctx, await policies.fetch(ctx.db, id), { what: 'policy', id })
}

export async function policyCreate(ctx: Context, body: PolicyBody): Promise<PolicyRow> {
  permit(ctx)
  const row = { id: ctx.ids.hex(), type: body.type ?? '', blob: body.blob ?? '', extra: extraOf(body, attributes) }
  await change(ctx, { type: 'policy', id: row.id, action: 'create' }, (tx) => policies.insert(tx.db, row))
  return row
}

export async function policyUpdate(ctx: Context, id: string, body: PolicyBody): Promise<PolicyRow> {
  const row = await policyGet(ctx, id)
  sameId(id, body['id'])
  const next = { type: body.type ?? row.type, blob: body.blob ?? row.blob, extra: extraMerged(row.extra, body, attributes) }
  await change(ctx, { type: 'policy', id, action: 'update' }, (tx) => policies.update(tx.db, { id }, next))
  return { ...row, ...next }
}

export async function policyDelete(ctx: Context, id: string): Promise<void> {
  await policyGet(ctx, id)
  await change(ctx, { type: 'policy', id, action: 'delete' }, (tx) => referredDelete(tx.db, 'policy', id))
}

/** What a policy is for: one endpoint, all of a service, or those of a service in a region. */
export interface PolicyPlace {
  endpointId: string | null
  serviceId: string | null
  regionId: string | null
}

const where = (policyId: string, { endpointId, serviceId, regionId }: PolicyPlace) => ({
  policy_id: policyId,
  endpoint_id: endpointId,
  service_id: serviceId,
  region_id: regionId,
})

async function placeCheck(ctx: Context, policyId: string, place: PolicyPlace): Promise<void> {
  await policyGet(ctx, policyId)
  if (place.endpointId !== null) existing(await endpoints.fetch(ctx.db, place.endpointId), 'endpoint', place.endpointId)
  if (place.serviceId !== null) existing(await services.fetch(ctx.db, place.serviceId), 'service', place.serviceId)
  if (place.regionId !== null) existing(await regions.fetch(ctx.db, place.regionId), 'region', place.regionId)
}

/** A place has one policy: a new one replaces it. */
export async function associationAdd(ctx: Context, policyId: string, place: PolicyPlace): Promise<void> {
  await placeCheck(ctx, policyId, place)
  await change(ctx, { type: 'policy', id: policyId, action: 'associate' }, async (tx) => {
    const { policy_id: _, ...here } = where(policyId, place)
    await policyAssociations.delete(tx.db, here)
    await policyAssociations.insert(tx.db, { id: tx.ids.hex(), ...where(policyId, place) })
  })
}

export async function associationCheck(ctx: Context, policyId: string, place: PolicyPlace): Promise<void> {
  await placeCheck(ctx, policyId, place)
  if (!(await policyAssociations.first(ctx.db, where(policyId, place)))) throw notFound('Could not find policy association.')
}

export async function associationRemove(ctx: Context, policyId: string, place: PolicyPlace): Promise<void> {
  await placeCheck(ctx, policyId, place)
  await change(ctx, { type: 'policy', id: policyId, action: 'dissociate' }, (tx) =>
    policyAssociations.delete(tx.db, where(policyId, place)),
  )
}

/** The policy of an endpoint: its own, else that of its service in its region or the ones around, else its service's. */
export async function policyOfEndpoint(ctx: Context, endpointId: string): Promise<PolicyRow> {
  permit(ctx)
  const endpoint = existing(await endpoints.fetch(ctx.db, endpointId), 'endpoint', endpointId)
  let found = await policyAssociations.first(ctx.db, { endpoint_id: endpointId })
  for (let regionId = endpoint.region_id; !found && regionId !== null;) {
    found = await policyAssociations.first(ctx.db, { service_id: endpoint.service_id, region_id: regionId })
    regionId = (await regions.fetch(ctx.db, regionId))?.parent_region_id ?? null
  }
  found ??= await policyAssociations.first(ctx.db, { service_id: endpoint.service_id, region_id: null })
  if (!found) throw notFound(`No policy is associated with endpoint ${endpointId}.`)
  return existing(await policies.fetch(ctx.db, found.policy_id), 'policy', found.policy_id)
}

export async function endpointsOfPolicy(ctx: Context, policyId: string): Promise<EndpointRow[]> {
  await policyGet(ctx, policyId)
  const places = await policyAssociations.list(ctx.db, { policy_id: policyId })
  const all = await endpoints.list(ctx.db)
  return all.filter((endpoint) =>
    places.some((place) =>
      place.endpoint_id === null
        ? place.service_id === endpoint.service_id && (place.region_id === null || place.region_id === endpoint.region_id)
        : place.endpoint_id === endpoint.id,
    ),
  )
}

// Unified limits: registered ones are a service's defaults, limits are what single projects or domains have instead.
// The model is flat: a project's limit has nothing to do with its parent's.
import type { Static, TObject } from 'typebox'
import { Type } from '../platform/api/type.ts'
import type { Context } from '../platform/context.ts'
import { badRequest, conflict, forbidden } from '../platform/errors.ts'
import { existing } from './found.ts'
import { permit, permitFound } from './permission.ts'
import { change } from './revision.ts'
import { idSchema, nullable, optional, text } from './schemas.ts'
import { limits, registeredLimits, type LimitRow, type RegisteredLimitRow } from './store/delegation-tables.ts'
import { referredDelete } from './store/references.ts'
import { projects, regions, services } from './store/tables.ts'

const amount = Type.Integer({ minimum: -1, maximum: 0x7fffffff })
const resourceName = Type.String({ minLength: 1, maxLength: 255 })
export const registeredLimitProperties = {
  service_id: idSchema,
  region_id: optional(nullable(text)),
  resource_name: resourceName,
  default_limit: amount,
  description: optional(nullable(text)),
}
type RegisteredLimitBody = Static<TObject<typeof registeredLimitProperties>>

export const limitProperties = {
  project_id: optional(idSchema),
  domain_id: optional(idSchema),
  service_id: idSchema,
  region_id: optional(text),
  resource_name: resourceName,
  resource_limit: amount,
  description: optional(nullable(text)),
}
export const limitChangeProperties = { resource_limit: optional(amount), description: optional(nullable(text)) }
type LimitBody = Static<TObject<typeof limitProperties>>

async function placeCheck(tx: Context, where: { service_id: string; region_id?: string | null }): Promise<void> {
  const { service_id: serviceId, region_id: regionId } = where
  if (!(await services.fetch(tx.db, serviceId))) throw badRequest(`Could not find service: ${serviceId}.`)
  if (regionId && !(await regions.fetch(tx.db, regionId))) throw badRequest(`Could not find region: ${regionId}.`)
}

const place = (body: { service_id: string; region_id?: string | null; resource_name: string }) => ({
  service_id: body.service_id,
  region_id: body.region_id ?? null,
  resource_name: body.resource_name,
})

export function registeredLimitsList(ctx: Context): Promise<RegisteredLimitRow[]> {
  permit(ctx)
  return registeredLimits.list(ctx.db)
}

export async function registeredLimitGet(ctx: Context, id: string): Promise<RegisteredLimitRow> {
  return permitFound(ctx, await registeredLimits.fetch(ctx.db, id), { what: 'registered limit', id })
}

/** Several at once; all or none. */
export async function registeredLimitsCreate(ctx: Context, bodies: RegisteredLimitBody[]): Promise<RegisteredLimitRow[]> {
  permit(ctx)
  return change(ctx, { type: 'registered_limit', id: '', action: 'create' }, async (tx) => {
    const made: RegisteredLimitRow[] = []
    for (const body of bodies) {
      await placeCheck(tx, body)
      if (await registeredLimits.first(tx.db, place(body))) {
        throw conflict('Conflict occurred attempting to store registered_limit - Duplicate entry.')
      }
      const row = { id: tx.ids.hex(), ...place(body), default_limit: body.default_limit, description: body.description ?? null }
      await registeredLimits.insert(tx.db, row)
      made.push(row)
    }
    return made
  })
}

async function refuseUsed(tx: Context, id: string, verb: string): Promise<void> {
  if (await limits.first(tx.db, { registered_limit_id: id })) {
    throw forbidden(`Unable to ${verb} registered limit ${id} because there are project limits associated with it.`)
  }
}

export async function registeredLimitUpdate(ctx: Context, id: string, body: Partial<RegisteredLimitBody>): Promise<RegisteredLimitRow> {
  const row = await registeredLimitGet(ctx, id)
  const next: RegisteredLimitRow = { ...row, ...body, region_id: body.region_id === undefined ? row.region_id : body.region_id }
  await change(ctx, { type: 'registered_limit', id, action: 'update' }, async (tx) => {
    const moved = next.service_id !== row.service_id || next.region_id !== row.region_id || next.resource_name !== row.resource_name
    if (moved) {
      await refuseUsed(tx, id, 'update')
      await placeCheck(tx, next)
      if (await registeredLimits.first(tx.db, place(next))) {
        throw conflict('Conflict occurred attempting to store registered_limit - Duplicate entry.')
      }
    }
    await registeredLimits.update(tx.db, { id }, next)
  })
  return next
}

export async function registeredLimitDelete(ctx: Context, id: string): Promise<void> {
  await registeredLimitGet(ctx, id)
  await change(ctx, { type: 'registered_limit', id, action: 'delete' }, async (tx) => {
    await refuseUsed(tx, id, 'delete')
    await referredDelete(tx.db, 'registeredLimit', id)
  })
}

/** All of them for admins, services and tokens of the system, else those of the token's project, or of its domain and the projects in it. */
export async function limitsList(ctx: Context): Promise<LimitRow[]> {
  permit(ctx)
  const { projectId, domainId } = ctx.actor
  if (ctx.actor.systemScope || ctx.allows({}, 'service_or_admin')) return limits.list(ctx.db)
  if (domainId !== null) {
    const inside = (await projects.list(ctx.db, { domain_id: domainId })).map((row) => row.id)
    const found = [
      ...(await limits.list(ctx.db, { project_id: inside })),
      ...(await limits.list(ctx.db, { project_id: null, domain_id: domainId })),
    ]
    return found.sort((a, b) => (a.id < b.id ? -1 : 1))
  }
  return projectId === null ? [] : limits.list(ctx.db, { project_id: projectId })
}

export async function limitGet(ctx: Context, id: string): Promise<LimitRow> {
  const row = await limits.fetch(ctx.db, id)
  const project = row?.project_id ? await projects.fetch(ctx.db, row.project_id) : undefined
  const shown = row && {
    project_id: row.project_id,
    ...(row.domain_id === null ? {} : { domain: { id: row.domain_id } }),
    ...(project ? { project: { domain_id: project.domain_id } } : {}),
  }
  permit(ctx, { target: shown ? { limit: shown } : {} })
  return existing(row, 'limit', id)
}

export async function limitsCreate(ctx: Context, bodies: LimitBody[]): Promise<LimitRow[]> {
  permit(ctx)
  return change(ctx, { type: 'limit', id: '', action: 'create' }, async (tx) => {
    const made: LimitRow[] = []
    for (const body of bodies) {
      await placeCheck(tx, body)
      if ((body.project_id === undefined) === (body.domain_id === undefined)) throw badRequest('A limit is for a project or for a domain.')
      const owner = body.project_id ?? body.domain_id ?? ''
      if (!(await projects.fetch(tx.db, owner)))
        throw badRequest(`Could not find ${body.project_id === undefined ? 'domain' : 'project'}: ${owner}.`)
      const registered = await registeredLimits.first(tx.db, place(body))
      if (!registered) throw forbidden(`No registered limit for service ${body.service_id} and resource ${body.resource_name}.`)
      const of = { project_id: body.project_id ?? null, domain_id: body.domain_id ?? null }
      if (await limits.first(tx.db, { ...place(body), ...of }))
        throw conflict('Conflict occurred attempting to store limit - Duplicate entry.')
      const row = {
        id: tx.ids.hex(),
        registered_limit_id: registered.id,
        ...place(body),
        ...of,
        resource_limit: body.resource_limit,
        description: body.description ?? null,
      }
      await limits.insert(tx.db, row)
      made.push(row)
    }
    return made
  })
}

/** For a change: found, then asked. */
export const limitToChange = async (ctx: Context, id: string): Promise<LimitRow> =>
  permitFound(ctx, await limits.fetch(ctx.db, id), { what: 'limit', id })

export async function limitUpdate(ctx: Context, id: string, body: Static<TObject<typeof limitChangeProperties>>): Promise<LimitRow> {
  const row = await limitToChange(ctx, id)
  const next = {
    resource_limit: body.resource_limit ?? row.resource_limit,
    description: body.description === undefined ? row.description : body.description,
  }
  await change(ctx, { type: 'limit', id, action: 'update' }, (tx) => limits.update(tx.db, { id }, next))
  return { ...row, ...next }
}

export async function limitDelete(ctx: Context, id: string): Promise<void> {
  await limitToChange(ctx, id)
  await change(ctx, { type: 'limit', id, action: 'delete' }, (tx) => limits.delete(tx.db, { id }))
}

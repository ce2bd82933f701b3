// What a cloud needs before anybody can log in: the default domain, the personas' roles, admin and demo, the region
// and the catalog. Every step looks first, so that it can be repeated at each start.
import { isoMillis } from '../platform/clock.ts'
import type { Context } from '../platform/context.ts'
import { defined } from '../platform/defined.ts'
import { assert } from '../platform/errors.ts'
import { passwordHash } from './backends/passwords.ts'
import { ownUrl } from './catalog.ts'
import { systemTargetId } from './effective-roles.ts'
import { change } from './revision.ts'
import { assignments, endpoints, impliedRoles, projects, regions, roles, services, users, type AssignmentRow } from './store/tables.ts'

export interface IdentityBootstrap {
  adminPassword: string
  demoPassword: string
  services: CatalogEntry[]
}

/** What the catalog shows: its URL is the cloud's public one followed by the path, or that of the S3 API. */
export interface CatalogEntry {
  type: string
  name: string
  at: { path: string } | 's3'
  description?: string
}

export interface IdentityBootstrapped {
  adminProjectId: string
  adminUserId: string
  demoProjectId: string
  demoUserId: string
}

const defaultDomain = 'default'
const roleNames = ['admin', 'manager', 'member', 'reader', 'service']
const implications: [string, string][] = [
  ['admin', 'manager'],
  ['manager', 'member'],
  ['member', 'reader'],
]
const interfaces = ['public', 'internal', 'admin'] as const

/** Makes what is missing; passwords are set only for users that it makes. */
export async function identityBootstrap(ctx: Context, wanted: IdentityBootstrap): Promise<IdentityBootstrapped> {
  const hashes = { admin: await hashIfNew(ctx, 'admin', wanted.adminPassword), demo: await hashIfNew(ctx, 'demo', wanted.demoPassword) }
  return change(ctx, { type: 'domain', id: defaultDomain, action: 'bootstrap' }, async (tx) => {
    await projectEnsure(tx, { id: defaultDomain, name: 'Default', isDomain: true, description: 'The default domain' })
    const role = await rolesEnsure(tx)
    const adminProjectId = await projectEnsure(tx, {
      name: 'admin',
      isDomain: false,
      description: 'Bootstrap project for initializing the cloud.',
    })
    const demoProjectId = await projectEnsure(tx, { name: 'demo', isDomain: false, description: '' })
    const adminUserId = await userEnsure(tx, 'admin', hashes.admin)
    const demoUserId = await userEnsure(tx, 'demo', hashes.demo)
    const grant = (userId: string, targetType: AssignmentRow['target_type'], targetId: string, name: string) =>
      assignments.insertMissing(tx.db, {
        actor_type: 'user',
        actor_id: userId,
        target_type: targetType,
        target_id: targetId,
        role_id: role(name),
        inherited: false,
      })
    await grant(adminUserId, 'project', adminProjectId, 'admin')
    await grant(adminUserId, 'system', systemTargetId, 'admin')
    await grant(adminUserId, 'project', demoProjectId, 'admin')
    await grant(demoUserId, 'project', demoProjectId, 'member')
    await catalogEnsure(tx, wanted.services)
    return { adminProjectId, adminUserId, demoProjectId, demoUserId }
  })
}

/** What a later version brings, into clouds of before as well: services of which the catalog has none of the type, and roles. */
export function identityExtend(ctx: Context, wanted: { roles: string[]; services: CatalogEntry[] }): Promise<void> {
  return change(ctx, { type: 'domain', id: defaultDomain, action: 'bootstrap' }, async (tx) => {
    for (const name of wanted.roles) await roleEnsure(tx, name, {})
    const missing: CatalogEntry[] = []
    for (const service of wanted.services) if (!(await services.first(tx.db, { type: service.type }))) missing.push(service)
    await catalogEnsure(tx, missing)
  })
}

/** Hashing takes a while: before the transaction, and only when the user is to be made. */
async function hashIfNew(ctx: Context, name: string, password: string): Promise<string | null> {
  return (await users.first(ctx.db, { domain_id: defaultDomain, name })) ? null : passwordHash(ctx.ids, password)
}

async function projectEnsure(tx: Context, wanted: { id?: string; name: string; isDomain: boolean; description: string }): Promise<string> {
  const domainId = wanted.isDomain ? '' : defaultDomain
  const known = await projects.first(tx.db, { domain_id: domainId, name: wanted.name })
  if (known) return known.id
  const id = wanted.id ?? tx.ids.hex()
  await projects.insert(tx.db, {
    id,
    name: wanted.name,
    domain_id: domainId,
    parent_id: wanted.isDomain ? null : defaultDomain,
    is_domain: wanted.isDomain,
    enabled: true,
    description: wanted.description,
    extra: {},
    options: {},
    epoch: 1,
    created_at: isoMillis(tx.clock.nowMs()),
  })
  return id
}

async function rolesEnsure(tx: Context): Promise<(name: string) => string> {
  const ids = new Map<string, string>()
  for (const name of roleNames) ids.set(name, await roleEnsure(tx, name, name === 'service' ? {} : { immutable: true }))
  const idOf = (name: string): string => {
    const id = ids.get(name)
    assert(id, `no role ${name}`)
    return id
  }
  for (const [prior, implied] of implications)
    await impliedRoles.insertMissing(tx.db, { prior_role_id: idOf(prior), implied_role_id: idOf(implied) })
  return idOf
}

async function roleEnsure(tx: Context, name: string, options: { immutable?: boolean }): Promise<string> {
  const known = await roles.first(tx.db, { domain_id: '', name })
  if (known) return known.id
  const id = tx.ids.hex()
  await roles.insert(tx.db, { id, name, domain_id: '', description: null, extra: {}, options, created_at: isoMillis(tx.clock.nowMs()) })
  return id
}

async function userEnsure(tx: Context, name: string, hash: string | null): Promise<string> {
  const known = await users.first(tx.db, { domain_id: defaultDomain, name })
  if (known) return known.id
  const id = tx.ids.hex()
  const now = isoMillis(tx.clock.nowMs())
  await users.insert(tx.db, {
    id,
    name,
    domain_id: defaultDomain,
    enabled: true,
    default_project_id: null,
    extra: {},
    options: {},
    epoch: 1,
    password_hash: hash,
    password_created_at: now,
    password_expires_at: null,
    failures: 0,
    failed_at: null,
    last_active_on: null,
    password_self_service: false,
    created_at: now,
  })
  return id
}

async function catalogEnsure(tx: Context, wanted: CatalogEntry[]): Promise<void> {
  const region = tx.config.region
  await regions.insertMissing(tx.db, { id: region, description: '', parent_region_id: null, extra: {} })
  for (const { type, name, at, description } of wanted) {
    const known = (await services.list(tx.db, { type })).find((row) => row.extra['name'] === name)
    const serviceId = known?.id ?? tx.ids.hex()
    const extra = { name, ...defined({ description }) }
    if (!known) await services.insert(tx.db, { id: serviceId, type, enabled: true, extra })
    for (const shown of interfaces) {
      if (await endpoints.first(tx.db, { service_id: serviceId, interface: shown, region_id: region })) continue
      const row = {
        id: tx.ids.hex(),
        interface: shown,
        region_id: region,
        service_id: serviceId,
        url: ownUrl(at),
        enabled: true,
        extra: {},
      }
      await endpoints.insert(tx.db, row)
    }
  }
}

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
  /** what the catalog shows; the URL is the cloud's public one followed by the path */
  services: { type: string; name: string; path: string; description?: string }[]
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
  for (const name of roleNames) {
    const known = await roles.first(tx.db, { domain_id: '', name })
    const id = known?.id ?? tx.ids.hex()
    ids.set(name, id)
    if (known) continue
    const options = name === 'service' ? {} : { immutable: true }
    await roles.insert(tx.db, { id, name, domain_id: '', description: null, extra: {}, options, created_at: isoMillis(tx.clock.nowMs()) })
  }
  const idOf = (name: string): string => {
    const id = ids.get(name)
    assert(id, `no role ${name}`)
    return id
  }
  for (const [prior, implied] of implications)
    await impliedRoles.insertMissing(tx.db, { prior_role_id: idOf(prior), implied_role_id: idOf(implied) })
  return idOf
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

async function catalogEnsure(tx: Context, wanted: IdentityBootstrap['services']): Promise<void> {
  const region = tx.config.region
  await regions.insertMissing(tx.db, { id: region, description: '', parent_region_id: null, extra: {} })
  for (const { type, name, path, description } of wanted) {
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
        url: ownUrl(path),
        enabled: true,
        extra: {},
      }
      await endpoints.insert(tx.db, row)
    }
  }
}

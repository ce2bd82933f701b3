// Where a request may ask a server to be: zones and hosts that exist, and how many builds a host takes at once.
import { cache, type Context } from '../../platform/context.ts'
import { badRequest } from '../../platform/errors.ts'
import { hostFacts, inventoryOf } from '../hosts/facts.ts'
import { nodeOfHost } from '../hosts/store.ts'

/** 'zone', 'zone:host', 'zone::node', 'zone:host:node': naming a host is for admins. */
export function parseZone(text: string | undefined): { zone: string | null; host: string | null } {
  if (text === undefined) return { zone: null, host: null }
  const parts = text.split(':')
  if (parts.length > 3) throw badRequest('Invalid input received: Unable to parse availability_zone')
  const [zone = '', host = '', node = ''] = parts
  return { zone: zone === '' ? null : zone, host: host || node || null }
}

/** The zone must have a host that is alive and enabled. */
export async function assertZone(ctx: Context, zone: string): Promise<void> {
  const facts = await hostFacts(ctx)
  if (!facts.some((host) => host.zone === zone && host.alive && !host.service.disabled))
    throw badRequest('The requested availability zone is not available')
}

/** A compute host by its own or its hypervisor's name. */
export async function hostByName(ctx: Context, name: string): Promise<{ host: string; zone: string } | null> {
  const found = (await hostFacts(ctx)).find(({ node }) => node.host === name || node.hostname === name)
  return found ? { host: found.node.host, zone: found.zone } : null
}

const fallbackBuilds = 4
const rememberForMs = 60_000

/** Builds that a host runs at once; read from its inventory now and then. */
export async function buildLimit(ctx: Context, host: string): Promise<number> {
  const known = cache(ctx, 'compute.build-limits', () => new Map<string, { limit: number; atMs: number }>())
  const nowMs = ctx.clock.nowMs()
  const found = known.get(host)
  if (found && nowMs - found.atMs < rememberForMs) return found.limit
  const node = await nodeOfHost(ctx.db, host)
  const limit = node ? Math.max(1, inventoryOf(node).buildLimit) : fallbackBuilds
  known.set(host, { limit, atMs: nowMs })
  return limit
}

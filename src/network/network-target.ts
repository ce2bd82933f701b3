// A network that something is to be made on: it must be visible to the actor, and its owner is what policy looks at.
import type { Target } from '../platform/api/policy.ts'
import type { Context } from '../platform/context.ts'
import { networkNotFound } from './faults.ts'
import { networkAccess, networkFetch } from './store/networks.ts'
import { networkOwners } from './store/subnets.ts'
import type { NetworkRow } from './store/tables.ts'

/** The network and the target for rules of its children; not found when the actor may not see it. */
export async function networkFor(tx: Context, id: string): Promise<{ network: NetworkRow; target: Target }> {
  const network = await networkFetch(tx.db, id)
  if (!network) {
    tx.allows({}, 'context_is_admin')
    throw networkNotFound(id)
  }
  const access = await networkAccess(tx.db, [id], tx.actor.projectId)
  const shared = access.shared.has(id)
  const seen = { project_id: network.project_id, tenant_id: network.project_id, shared, 'router:external': access.external.has(id) }
  if (!tx.allows(seen, 'get_network')) throw networkNotFound(id)
  return { network, target: { 'network:project_id': network.project_id, 'network:tenant_id': network.project_id, shared } }
}

/** What policy looks at beside the row: who owns the network, and whether it is shared. */
export async function networkTargets(ctx: Context, rows: { network_id: string }[]): Promise<Target[]> {
  const ids = [...new Set(rows.map(({ network_id }) => network_id))]
  const owners = await networkOwners(ctx.db, ids)
  const { shared, external } = await networkAccess(ctx.db, ids, ctx.actor.projectId)
  return rows.map(({ network_id }) => {
    const owner = owners.get(network_id) ?? ''
    return { 'network:project_id': owner, 'network:tenant_id': owner, shared: shared.has(network_id), 'router:external': external.has(network_id) }
  })
}

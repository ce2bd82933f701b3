// A network that something is to be made on: it must be visible to the actor, and its owner is what policy looks at.
import type { Target } from '../../platform/api/policy.ts'
import type { Context } from '../../platform/context.ts'
import { networkNotFound } from '../faults.ts'
import { networkAccess, networkRows } from './store.ts'
import { networkParents } from '../subnets/store.ts'
import type { NetworkRow } from '../store/tables.ts'

/** The network and the target for rules of its children; not found when the actor may not see it. */
export async function networkFor(tx: Context, id: string): Promise<{ parent: NetworkRow; target: Target }> {
  const network = await networkRows.fetch(tx.db, id)
  if (!network) throw networkNotFound(id)
  const access = await networkAccess(tx.db, [id], tx.actor.projectId)
  const shared = access.shared.has(id)
  const seen = { project_id: network.project_id, tenant_id: network.project_id, shared, 'router:external': access.external.has(id) }
  if (!tx.allows(seen, 'get_network')) throw networkNotFound(id)
  return { parent: network, target: { 'network:project_id': network.project_id, 'network:tenant_id': network.project_id, shared } }
}

/** What policy looks at beside the row: who owns the network, and whether the actor has it as shared or as external. */
export async function networkTargets(ctx: Context, rows: { network_id: string }[]): Promise<{ target: Target; isExternal: boolean }[]> {
  const ids = [...new Set(rows.map(({ network_id }) => network_id))]
  const parents = await networkParents(ctx.db, ids)
  const { shared, external } = await networkAccess(ctx.db, ids, ctx.actor.projectId)
  return rows.map(({ network_id }) => {
    const owner = parents.get(network_id)?.project_id ?? ''
    const target = {
      'network:project_id': owner,
      'network:tenant_id': owner,
      shared: shared.has(network_id),
      'router:external': external.has(network_id),
    }
    return { target, isExternal: parents.get(network_id)?.external ?? false }
  })
}

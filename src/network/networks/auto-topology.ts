// The auto-allocated topology: a network, subnet and router that a project gets when it asks for "any" network.
import type { Context } from '../../platform/context.ts'
import { conflict } from '../../platform/errors.ts'
import { networkCreate, networkDelete } from './networks.ts'
import { interfaceAdd, interfaceRemove } from '../routers/interfaces.ts'
import { routerCreate, routerDelete } from '../routers/routers.ts'
import { networkRows } from './store.ts'
import { routerAddresses, routerRows } from '../routers/store.ts'
import { subnetCreate } from '../subnets/subnets.ts'
import { topologyRows } from './auto-topology.store.ts'
import { subnetpoolRows } from '../subnetpools/store.ts'

const failure = (reason: string) => conflict(`Deployment error: ${reason}.`, { type: 'AutoAllocationFailure' })

export const topologyGet = (ctx: Context, projectId: string) => topologyRows.first(ctx.db, { project_id: projectId })

/** What a topology needs: a default external network and a default subnet pool. */
export async function topologyRequirements(ctx: Context): Promise<{ externalNetworkId: string; subnetpoolId: string }> {
  const external = await networkRows.first(ctx.db, { is_default: true })
  if (!external) throw failure('No default router:external network')
  const pool = await subnetpoolRows.first(ctx.db, { is_default: true, ip_version: 4 })
  if (!pool) throw failure('No default subnetpools defined')
  return { externalNetworkId: external.id, subnetpoolId: pool.id }
}

/** The project's topology, made when it is missing. */
export function topologyEnsure(ctx: Context, projectId: string): Promise<{ network_id: string; router_id: string | null }> {
  return ctx.transaction(async (outer) => {
    const known = await topologyGet(outer, projectId)
    if (known) return known
    const { externalNetworkId, subnetpoolId } = await topologyRequirements(outer)
    const tx = outer.asCloud('the topology stands on the default external network and pool, which a project need not see')
    const common = { project_id: projectId, description: '', admin_state_up: true, availability_zone_hints: [] }
    const network = await networkCreate(tx, {
      ...common,
      name: 'auto_allocated_network',
      mtu: 0,
      shared: false,
      'router:external': false,
      is_default: false,
      port_security_enabled: true,
      dns_domain: '',
    })
    const subnet = await subnetCreate(tx, {
      project_id: projectId,
      network_id: network.id,
      ip_version: 4,
      name: 'auto_allocated_subnet_v4',
      description: '',
      subnetpool_id: subnetpoolId,
      dns_nameservers: [],
      host_routes: [],
      enable_dhcp: true,
    })
    const router = await routerCreate(tx, {
      ...common,
      name: 'auto_allocated_router',
      external_gateway_info: { network_id: externalNetworkId },
    })
    await interfaceAdd(tx, router, { subnet_id: subnet.id })
    const row = { project_id: projectId, network_id: network.id, router_id: router.id }
    await topologyRows.insert(tx.db, row)
    return row
  })
}

/** Takes the topology away; guests on it keep it. */
export async function topologyDelete(
  tx: Context,
  row: { project_id: string; network_id: string; router_id: string | null },
): Promise<void> {
  const router = row.router_id === null ? undefined : await routerRows.fetch(tx.db, row.router_id)
  if (router) {
    for (const { subnet_id, kind } of await routerAddresses(tx.db, [router.id]))
      if (kind === 'interface') await interfaceRemove(tx, router, { subnet_id })
    await routerDelete(tx, router)
  }
  const network = await networkRows.fetch(tx.db, row.network_id)
  if (network) await networkDelete(tx, network)
  await topologyRows.delete(tx.db, { project_id: row.project_id })
}

// The networks of a new cloud: `public`, the machine's own door, and a network with a router for demo.
import type { Context } from '../platform/context.ts'
import type { NetworkBootstrap } from './servers/types.ts'
import { defaultGroupEnsure } from './security-groups/default-group.ts'
import { networkCreate } from './networks/networks.ts'
import { interfaceAdd } from './routers/interfaces.ts'
import { routerCreate } from './routers/routers.ts'
import { subnetpoolCreate } from './subnetpools/subnetpools.ts'
import { subnetCreate } from './subnets/subnets.ts'
import { networkRows } from './networks/store.ts'

const demoCidr = '192.168.233.0/24'
const poolPrefix = '10.233.0.0/16'
const common = { description: '', admin_state_up: true, availability_zone_hints: [] }
const network = { ...common, mtu: 0, shared: false, is_default: false, port_security_enabled: true, dns_domain: '' }

/** The external network `public`, a pool of subnets for all, and a network, subnet and router for demo. Safe to call again. */
export async function networkBootstrap(ctx: Context, { adminProjectId, demoProjectId, publicCidr }: NetworkBootstrap): Promise<void> {
  await ctx.asCloud('the networks of a new cloud').transaction(async (tx) => {
    const known = await networkRows.first(tx.db, { name: 'public', external: true })
    if (known) return
    const door = await networkCreate(tx, {
      ...network,
      project_id: adminProjectId,
      name: 'public',
      'router:external': true,
      is_default: true,
      'provider:network_type': 'flat',
      'provider:physical_network': 'public',
    })
    await subnetCreate(tx, {
      project_id: adminProjectId,
      network_id: door.id,
      ip_version: 4,
      name: 'public-subnet',
      description: '',
      cidr: publicCidr,
      dns_nameservers: [],
      host_routes: [],
      enable_dhcp: false,
    })
    const demo = await networkCreate(tx, { ...network, project_id: demoProjectId, name: 'demo', 'router:external': false })
    const subnet = await subnetCreate(tx, {
      project_id: demoProjectId,
      network_id: demo.id,
      ip_version: 4,
      name: 'demo-subnet',
      description: '',
      cidr: demoCidr,
      dns_nameservers: [],
      host_routes: [],
      enable_dhcp: true,
    })
    const router = await routerCreate(tx, {
      ...common,
      project_id: demoProjectId,
      name: 'demo-router',
      external_gateway_info: { network_id: door.id },
    })
    await interfaceAdd(tx, router, { subnet_id: subnet.id })
    // with it `--nic auto` and `--use-default-subnet-pool` work in every project from the first day
    await subnetpoolCreate(tx, {
      project_id: adminProjectId,
      name: 'shared-default-v4',
      description: '',
      prefixes: [poolPrefix],
      default_prefixlen: 26,
      is_default: true,
      shared: true,
    })
    await defaultGroupEnsure(tx, demoProjectId)
    await defaultGroupEnsure(tx, adminProjectId)
  })
}

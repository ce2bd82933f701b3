// A router's interfaces: ports on the networks that it connects, made for a subnet or given by the user.
import type { Context } from '../../platform/context.ts'
import { badRequest, conflict, notFound } from '../../platform/errors.ts'
import { eventAppend } from '../../platform/events.ts'
import { parseIp, rangeHas } from '../addresses/addresses.ts'
import { resourceFetch } from '../api/resource.ts'
import { pooled } from '../addresses/ipam.ts'
import { portUpdate } from '../ports/change.ts'
import { portCreate, portDelete, ports } from '../ports/ports.ts'
import { badRouter, isRouted, overlapWithRouterCheck } from './rules.ts'
import { routerHostAgain } from './routers.ts'
import { allocationsOfPorts } from '../addresses/allocations.store.ts'
import { portRows } from '../ports/store.ts'
import { routerPortRows, routerRows, routerAddresses } from './store.ts'
import { subnetRows } from '../subnets/store.ts'
import type { IpAllocationRow, PortRow, RouterRow, SubnetRow } from '../store/tables.ts'
import { subnets } from '../subnets/subnets.ts'
import { wakeHosts, wakeNetwork } from '../host/wake.ts'
import { rbacRows } from '../rbac-policies/store.ts'
import { floatingIpRows } from '../floating-ips/store.ts'

export interface InterfaceWish {
  subnet_id?: string
  port_id?: string
}

export interface InterfaceInfo {
  id: string
  project_id: string
  tenant_id: string
  port_id: string
  network_id: string
  subnet_id: string
  subnet_ids: string[]
}

const info = (router: RouterRow, port: PortRow, subnetIds: string[]): InterfaceInfo => ({
  id: router.id,
  project_id: port.project_id,
  tenant_id: port.project_id,
  port_id: port.id,
  network_id: port.network_id,
  subnet_id: subnetIds[0] ?? '',
  subnet_ids: subnetIds,
})

/** Connects the router to a subnet (at its gateway address) or to a port of the user's. */
export async function interfaceAdd(tx: Context, router: RouterRow, wish: InterfaceWish): Promise<InterfaceInfo> {
  if (wish.subnet_id !== undefined && wish.port_id !== undefined) throw badRouter('Cannot specify both subnet-id and port-id')
  if (wish.subnet_id === undefined && wish.port_id === undefined) throw badRouter('Either subnet_id or port_id must be specified')
  const made = wish.subnet_id === undefined ? await byPort(tx, router, wish.port_id ?? '') : await bySubnet(tx, router, wish.subnet_id)
  await interfaceNote(tx, router, {
    networkId: made.network_id,
    message: `interface on ${made.subnet_ids.join(', ')}`,
    action: 'add-interface',
  })
  return made
}

async function interfaceNote(tx: Context, router: RouterRow, what: { networkId: string; message: string; action: string }): Promise<void> {
  await routerRows.bump(tx, router.id)
  await wakeHosts(tx, [await routerHostAgain(tx, router)])
  await wakeNetwork(tx, [what.networkId])
  await eventAppend(tx, {
    resourceType: 'router',
    resourceId: router.id,
    projectId: router.project_id,
    action: what.action,
    result: 'success',
    message: what.message,
  })
}

async function bySubnet(tx: Context, router: RouterRow, subnetId: string): Promise<InterfaceInfo> {
  const { row: subnet } = await resourceFetch(tx, subnets, subnetId)
  if (subnet.gateway_ip === null) throw badRouter('Subnet for router interface must have a gateway IP')
  await gatewayAddressCheck(tx, subnet)
  advertisedCheck([subnet])
  await overlapWithRouterCheck(tx, router.id, subnet)
  const shared = subnet.ip_version === 6 ? await ipv6PortOn(tx, router, subnet.network_id) : undefined
  if (shared) {
    const held = await allocationsOfPorts(tx.db, [shared.id])
    const wanted = [
      ...held.map(({ subnet_id, ip_address }) => ({ subnet_id, ip_address })),
      { subnet_id: subnet.id, ip_address: subnet.gateway_ip },
    ]
    await portUpdate(tx, shared, { fixed_ips: wanted })
    return info(router, shared, [subnet.id])
  }
  const { row } = await portCreate(tx, {
    project_id: router.project_id,
    network_id: subnet.network_id,
    device_id: router.id,
    device_owner: 'network:router_interface',
    security_groups: [],
    port_security_enabled: false,
    fixed_ips: [{ subnet_id: subnet.id, ip_address: subnet.gateway_ip }],
  })
  await routerPortRows.insert(tx.db, { port_id: row.id, router_id: router.id, kind: 'interface' })
  return info(router, row, [subnet.id])
}

/** Only the subnet's owner, or a project that its network is shared with by name, may take the gateway address (F17). */
async function gatewayAddressCheck(tx: Context, subnet: SubnetRow): Promise<void> {
  const { projectId } = tx.actor
  if (subnet.project_id === projectId || tx.allows({}, 'context_is_admin')) return
  const named = (await rbacRows.list(tx.db, { object_id: subnet.network_id })).some(
    ({ action, target_project }) => action === 'access_as_shared' && target_project === projectId,
  )
  if (!named) throw badRouter(`Cannot add interface to router because subnet ${subnet.id} is not owned by project making the request`)
}

/** Any other address of a subnet is the actor's own, or one that its pools gave him. */
function poolAddressCheck(tx: Context, port: PortRow, what: { subnets: SubnetRow[]; addresses: IpAllocationRow[] }): void {
  if (tx.allows({}, 'context_is_admin')) return
  for (const { subnet_id, ip_address } of what.addresses) {
    const subnet = what.subnets.find(({ id }) => id === subnet_id)
    if (!subnet || subnet.project_id === tx.actor.projectId) continue
    const value = parseIp(ip_address)?.value ?? -1n
    if (pooled(subnet).pools.some((pool) => rangeHas(pool, value))) continue
    throw badRouter(
      `Cannot add interface to router because specified port ${port.id} has an IP address out of the allocation pool of subnet ${subnet.id}, which is not owned by the project making the request`,
    )
  }
}

/** Where another router advertises the prefix, ours would be a second one. */
function advertisedCheck(found: SubnetRow[]): void {
  const subnet = found.find(
    ({ ip_version, ipv6_ra_mode, ipv6_address_mode }) => ip_version === 6 && ipv6_ra_mode === null && ipv6_address_mode !== null,
  )
  if (subnet)
    throw badRouter(`IPv6 subnet ${subnet.id} configured to receive RAs from an external router cannot be added to Neutron Router`)
}

/** IPv6 subnets of one network share the router's port. */
async function ipv6PortOn(tx: Context, router: RouterRow, networkId: string): Promise<PortRow | undefined> {
  const own = (await routerAddresses(tx.db, [router.id])).filter(
    (address) => address.kind === 'interface' && address.network_id === networkId,
  )
  const portIds = [...new Set(own.map(({ port_id }) => port_id))].filter((id) =>
    own.every((address) => address.port_id !== id || address.ip_version === 6),
  )
  return portIds[0] === undefined ? undefined : portRows.fetch(tx.db, portIds[0])
}

/** The port must be the user's own (attack-26: another tenant's is not found) and stand free. */
async function byPort(tx: Context, router: RouterRow, portId: string): Promise<InterfaceInfo> {
  const { row: port, target } = await resourceFetch(tx, ports, portId)
  if (!tx.allows(target, 'update_port')) throw ports.missing(portId)
  if (port.device_id !== '' || port.server_id !== '') {
    throw conflict(
      `Unable to complete operation on port ${port.id} for network ${port.network_id}. Port already has an attached device ${port.device_id}.`,
      { type: 'PortInUse' },
    )
  }
  const addresses = await allocationsOfPorts(tx.db, [port.id])
  if (addresses.length === 0) throw badRouter('Router port must have at least one fixed IP')
  const found = await subnetRows.many(
    tx.db,
    addresses.map(({ subnet_id }) => subnet_id),
  )
  if (found.filter(({ ip_version }) => ip_version === 4).length > 1) throw badRouter('Cannot have multiple IPv4 subnets on router port')
  advertisedCheck(found)
  if (found.some(({ ip_version }) => ip_version === 6)) await onlyIpv6PortCheck(tx, router, port)
  for (const subnet of found) await overlapWithRouterCheck(tx, router.id, subnet)
  poolAddressCheck(tx, port, { subnets: found, addresses })
  await portUpdate(tx, port, { device_id: router.id, device_owner: 'network:router_interface' })
  await routerPortRows.insert(tx.db, { port_id: port.id, router_id: router.id, kind: 'interface' })
  return info(
    router,
    port,
    addresses.map(({ subnet_id }) => subnet_id),
  )
}

async function onlyIpv6PortCheck(tx: Context, router: RouterRow, port: PortRow): Promise<void> {
  const other = (await routerAddresses(tx.db, [router.id])).find(
    ({ network_id, ip_version }) => network_id === port.network_id && ip_version === 6,
  )
  if (!other) return
  throw badRouter(
    `Router already contains IPv6 port ${other.port_id} belonging to network id ${port.network_id}. Only one IPv6 port from the same network subnet can be connected to a router.`,
  )
}

/** Takes the router off a subnet, or takes away an interface. */
export async function interfaceRemove(tx: Context, router: RouterRow, wish: InterfaceWish): Promise<InterfaceInfo> {
  if (wish.subnet_id === undefined && wish.port_id === undefined) throw badRouter('Either subnet_id or port_id must be specified')
  const own = (await routerAddresses(tx.db, [router.id])).filter(({ kind }) => kind === 'interface')
  const portId = wish.port_id ?? own.find(({ subnet_id }) => subnet_id === wish.subnet_id)?.port_id
  if (portId === undefined)
    throw notFound(`Router ${router.id} has no interface on subnet ${wish.subnet_id}`, { type: 'RouterInterfaceNotFoundForSubnet' })
  const mine = own.filter(({ port_id }) => port_id === portId)
  const port = mine.length > 0 ? await portRows.fetch(tx.db, portId) : undefined
  if (!port) throw notFound(`Router ${router.id} does not have an interface with id ${portId}`, { type: 'RouterInterfaceNotFound' })
  if (wish.subnet_id !== undefined && !mine.some(({ subnet_id }) => subnet_id === wish.subnet_id)) {
    throw badRequest(`Subnet on port ${portId} does not match the requested subnet ${wish.subnet_id}.`, { type: 'SubnetMismatchForPort' })
  }
  const leaving = wish.port_id === undefined ? mine.filter(({ subnet_id }) => subnet_id === wish.subnet_id) : mine
  await unusedCheck(
    tx,
    router,
    await subnetRows.many(
      tx.db,
      leaving.map(({ subnet_id }) => subnet_id),
    ),
  )
  const left = mine.filter((address) => !leaving.includes(address))
  if (left.length > 0) await portUpdate(tx, port, { fixed_ips: left.map(({ subnet_id, ip_address }) => ({ subnet_id, ip_address })) })
  else await portDelete(tx, port.id)
  const gone = leaving.map(({ subnet_id }) => subnet_id)
  await interfaceNote(tx, router, { networkId: port.network_id, message: `interface on ${gone.join(', ')}`, action: 'remove-interface' })
  return info(router, port, gone)
}

async function unusedCheck(tx: Context, router: RouterRow, leaving: SubnetRow[]): Promise<void> {
  const floating = await floatingIpRows.list(tx.db, { router_id: [router.id] })
  const addresses = await allocationsOfPorts(
    tx.db,
    floating.flatMap(({ fixed_port_id }) => fixed_port_id ?? []),
  )
  for (const subnet of leaving) {
    const isUsed = floating.some((row) =>
      addresses.some(
        (address) =>
          address.port_id === row.fixed_port_id && address.ip_address === row.fixed_ip_address && address.subnet_id === subnet.id,
      ),
    )
    if (isUsed) {
      throw conflict(
        `Router interface for subnet ${subnet.id} on router ${router.id} cannot be deleted, as it is required by one or more floating IPs.`,
        { type: 'RouterInterfaceInUseByFloatingIP' },
      )
    }
    if (isRouted(router.routes, subnet.cidr)) {
      throw conflict(
        `Router interface for subnet ${subnet.id} on router ${router.id} cannot be deleted, as it is required by one or more routes.`,
        { type: 'RouterInterfaceInUseByRoute' },
      )
    }
  }
}

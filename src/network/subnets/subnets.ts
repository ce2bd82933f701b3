// Subnets: the logic. A prefix on a network, with its gateway, its pools and what DHCP says.
import type { Context } from '../../platform/context.ts'
import { badRequest, conflict } from '../../platform/errors.ts'
import { eui64, formatCidr, formatIp, type Cidr } from '../addresses/addresses.ts'
import type { Changed, Created } from '../api/attribute.ts'
import type { Resource } from '../api/resource.ts'
import { subnetAttributes } from './attributes.ts'
import { invalidInput, subnetInUse, subnetNotFound } from '../faults.ts'
import { addressesAllocate, isAutoAddress, pooled } from '../addresses/ipam.ts'
import { networkFor, networkTargets } from '../networks/target.ts'
import { mtuForSubnetCheck } from '../networks/networks.ts'
import { portDelete } from '../ports/ports.ts'
import { allocationInsert, allocationsDelete, allocationsOfPorts, allocationsOfSubnet } from '../addresses/allocations.store.ts'
import { networkRows } from '../networks/store.ts'
import { standardRow } from '../store/query.ts'
import { gatewayPorts } from '../routers/store.ts'
import { gatewayPort, portsToAddress, subnetRows, subnetShape, subnetsOfNetwork } from './store.ts'
import type { NetworkRow, SubnetRow } from '../store/tables.ts'
import { subnetpoolCut } from '../subnetpools/cut.ts'
import {
  cidrCheck,
  defaultPools,
  dhcpCheck,
  gatewayCheck,
  gatewayOutOfPools,
  ipv6ModesCheck,
  listsCheck,
  overlapCheck,
  poolsCheck,
} from './rules.ts'
import { wakeHosts, wakeNetwork } from '../host/wake.ts'
import { portRows } from '../ports/store.ts'

type SubnetAttributes = typeof subnetAttributes
/** Logic that creates a subnet of its own may leave out what only users name. */
type SubnetValues = Omit<Created<SubnetAttributes>, 'segment_id' | 'use_default_subnetpool'> &
  Partial<Pick<Created<SubnetAttributes>, 'segment_id' | 'use_default_subnetpool'>>

/** Makes the subnet. Not authorised here. */
export async function subnetCreate(tx: Context, values: SubnetValues, known?: NetworkRow): Promise<SubnetRow> {
  const others = await subnetsOfNetwork(tx.db, values.network_id)
  const network = known ?? (await networkRows.fetch(tx.db, values.network_id))
  if (network) mtuForSubnetCheck(network.id, network.mtu, values.ip_version)
  const { cidr: text, subnetpoolId, isChosen } = await prefixOf(tx, values, others)
  const cidr = cidrCheck(text, values)
  const modes = {
    ip_version: values.ip_version,
    enable_dhcp: values.enable_dhcp,
    ipv6_ra_mode: values.ipv6_ra_mode ?? null,
    ipv6_address_mode: values.ipv6_address_mode ?? null,
  }
  ipv6ModesCheck(modes, cidr)
  listsCheck(values.ip_version, values)
  serviceTypesCheck(values.service_types ?? [])
  overlapCheck(cidr, values.network_id, others)
  const gateway = gatewayCheck(cidr, values.gateway_ip, isChosen)
  // an empty list is none that was given: only a change empties the pools
  const pools = values.allocation_pools?.length ? poolsCheck(cidr, values.allocation_pools, gateway) : defaultPools(cidr, gateway)
  const row: SubnetRow = {
    ...standardRow(tx, values),
    revision_number: 0,
    network_id: values.network_id,
    ip_version: values.ip_version,
    cidr: formatCidr(cidr),
    gateway_ip: gateway,
    enable_dhcp: values.enable_dhcp,
    ipv6_ra_mode: modes.ipv6_ra_mode,
    ipv6_address_mode: modes.ipv6_address_mode,
    subnetpool_id: subnetpoolId,
    segment_id: values.segment_id ?? null,
    allocation_pools: pools,
    dns_nameservers: values.dns_nameservers,
    host_routes: values.host_routes,
    service_types: values.service_types ?? [],
  }
  await subnetRows.insert(tx.db, row)
  if (isAutoAddress(row)) await addressPorts(tx, row)
  if (network?.external) await addressGateways(tx, row)
  await networkRows.bump(tx, row.network_id)
  await wakeNetwork(tx, [row.network_id])
  return row
}

interface Prefix {
  cidr: string
  subnetpoolId: string | null
  /** the pool chose it: nothing was said that could lie in it */
  isChosen: boolean
}

async function prefixOf(tx: Context, values: SubnetValues, others: SubnetRow[]): Promise<Prefix> {
  const bad = (reason: string) => badRequest(`Bad subnets request: ${reason}.`, { type: 'BadRequest' })
  const hasPool = values.subnetpool_id !== undefined && values.subnetpool_id !== null
  if (values.prefixlen !== undefined && values.cidr) throw bad('cidr and prefixlen must not be supplied together')
  if (hasPool && values.use_default_subnetpool === true) throw bad('subnetpool_id and use_default_subnetpool cannot both be specified')
  if (!hasPool && values.use_default_subnetpool !== true) {
    if (!values.cidr) throw bad('a subnetpool must be specified in the absence of a cidr')
    affinityCheck(values.ip_version, null, others)
    return { cidr: values.cidr, subnetpoolId: null, isChosen: false }
  }
  if (!values.cidr && values.allocation_pools) throw bad('allocation_pools allowed only for specific subnet requests')
  const cut = await subnetpoolCut(tx, values)
  affinityCheck(values.ip_version, cut.subnetpoolId, others)
  return { ...cut, isChosen: !values.cidr && !values.gateway_ip }
}

/** Subnets of one family on one network come from one pool, or none does. */
function affinityCheck(version: number, subnetpoolId: string | null, others: SubnetRow[]): void {
  if (others.some((other) => other.ip_version === version && other.subnetpool_id !== subnetpoolId)) {
    throw badRequest('Subnets hosted on the same network must be allocated from the same subnet pool.', {
      type: 'NetworkSubnetPoolAffinityError',
    })
  }
}

function serviceTypesCheck(types: string[]): void {
  for (const type of types) {
    if (!/^(compute|baremetal|network|container):/.test(type)) {
      throw badRequest(`Invalid input for operation: Subnet service type ${type} does not correspond to a valid device owner..`, {
        type: 'InvalidSubnetServiceType',
      })
    }
  }
}

/** Guests make themselves an address in a new SLAAC subnet: their ports have it from now on. */
async function addressPorts(tx: Context, subnet: SubnetRow): Promise<void> {
  const { cidr } = pooled(subnet)
  const found = await portsToAddress(tx.db, subnet.network_id)
  const held = Map.groupBy(
    await allocationsOfPorts(
      tx.db,
      found.map(({ id }) => id),
    ),
    ({ port_id }) => port_id,
  )
  for (const port of found) {
    const ordinal = (held.get(port.id) ?? []).length
    const ip_address = subnetAddress(cidr, port.mac_address)
    await allocationInsert(tx.db, {
      subnet_id: subnet.id,
      ip_address,
      position: null,
      port_id: port.id,
      network_id: subnet.network_id,
      ordinal,
    })
    await portRows.bump(tx, port.id)
  }
}

/** Routers whose gateway has no address of this family yet get one: the network may have had no subnet when it was set. */
async function addressGateways(tx: Context, subnet: SubnetRow): Promise<void> {
  const found = await gatewayPorts(tx.db, subnet.network_id)
  const held = Map.groupBy(
    await allocationsOfPorts(
      tx.db,
      found.map(({ id }) => id),
    ),
    ({ port_id }) => port_id,
  )
  for (const port of found) {
    const kept = held.get(port.id) ?? []
    if (kept.some(({ ip_address }) => ip_address.includes(':') === (subnet.ip_version === 6))) continue
    const asked = {
      portId: port.id,
      networkId: subnet.network_id,
      mac: port.mac_address,
      deviceOwner: port.device_owner,
      subnets: [subnet],
    }
    await addressesAllocate(tx, { ...asked, fixedIps: [{ subnet_id: subnet.id }], kept })
    await portRows.bump(tx, port.id)
    await wakeHosts(tx, [port.host])
  }
}

const subnetAddress = (cidr: Cidr, mac: string) => formatIp(6, eui64(cidr, mac))

async function subnetUpdate(tx: Context, row: SubnetRow, values: Changed<SubnetAttributes>): Promise<SubnetRow> {
  const { cidr } = pooled(row)
  listsCheck(row.ip_version, values, row.id)
  serviceTypesCheck(values.service_types ?? [])
  if (values.enable_dhcp === true) dhcpCheck(cidr)
  if (values.enable_dhcp === false && (row.ipv6_ra_mode !== null || row.ipv6_address_mode !== null)) {
    throw invalidInput('ipv6_ra_mode or ipv6_address_mode cannot be set when enable_dhcp is set to False')
  }
  const gateway = values.gateway_ip === undefined ? row.gateway_ip : gatewayCheck(cidr, values.gateway_ip)
  const pools = values.allocation_pools ? poolsCheck(cidr, values.allocation_pools, gateway) : row.allocation_pools
  if (values.gateway_ip !== undefined && gateway !== row.gateway_ip) {
    gatewayOutOfPools(pools, gateway)
    await gatewayFreeCheck(tx, row)
  }
  const changed = await subnetRows.change(tx, row.id, {
    ...values,
    gateway_ip: gateway,
    allocation_pools: pools,
  })
  await wakeNetwork(tx, [row.network_id])
  return changed
}

async function gatewayFreeCheck(tx: Context, row: SubnetRow): Promise<void> {
  const held = row.gateway_ip === null ? undefined : await gatewayPort(tx.db, row.id, row.gateway_ip)
  if (held)
    throw conflict(`Current gateway ip ${row.gateway_ip} already in use by port ${held.port_id}. Unable to update.`, {
      type: 'GatewayIpInUse',
    })
}

const maxShown = 10_000
const interfaceOwners = new Set([
  'network:router_interface',
  'network:router_interface_distributed',
  'network:ha_router_replicated_interface',
])

/** Deletes a subnet; refuses while ports hold its addresses, but for DHCP ports and addresses that guests made themselves. */
async function subnetDelete(tx: Context, row: SubnetRow): Promise<void> {
  const held = await allocationsOfSubnet(tx.db, row.id, maxShown)
  const blocking = held.filter(({ device_owner }) =>
    isAutoAddress(row) ? interfaceOwners.has(device_owner) : device_owner !== 'network:dhcp',
  )
  if (blocking.length > 0) throw subnetInUse(row.id, 'One or more ports have an IP allocation from this subnet')
  for (const { port_id, ip_address, device_owner } of held) {
    await allocationsDelete(tx.db, port_id, [{ subnetId: row.id, ip: ip_address }])
    const left = await allocationsOfPorts(tx.db, [port_id])
    if (device_owner === 'network:dhcp' && left.length === 0) await portDelete(tx, port_id)
    else await portRows.bump(tx, port_id)
  }
  await wakeNetwork(tx, [row.network_id])
  await subnetRows.delete(tx.db, row.id)
  await networkRows.bump(tx, row.network_id)
}

export interface SubnetFacts {
  /** its network is external */
  isExternal: boolean
}

export const subnets: Resource<SubnetRow, SubnetFacts, SubnetAttributes, NetworkRow> = {
  name: 'subnet',
  attributes: subnetAttributes,
  shape: subnetShape,
  quota: 'subnet',
  missing: subnetNotFound,
  async load(ctx, rows) {
    const targets = await networkTargets(ctx, rows)
    return rows.map((row, index) => ({
      row,
      facts: { isExternal: targets[index]?.isExternal ?? false },
      target: targets[index]?.target ?? {},
    }))
  },
  parent: networkFor,
  create: subnetCreate,
  update: subnetUpdate,
  delete: subnetDelete,
}

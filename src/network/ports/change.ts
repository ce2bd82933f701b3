// Changes a port: addresses are kept where they stay the same, given back and taken where not.
import type { Context } from '../../platform/context.ts'
import { defined } from '../../platform/defined.ts'
import { badRequest, conflict } from '../../platform/errors.ts'
import type { Changed, Created } from '../api/attribute.ts'
import type { portAttributes } from './attributes.ts'
import { floatingIpsRelease } from '../floating-ips/release.ts'
import { addressesAllocate, isAutoAddress, isRouterPort, type FixedIpRequest } from '../addresses/ipam.ts'
import { groupKindsCheck, groupsFor, newMac, securityCheck } from './rules.ts'
import { allocationPlace, allocationsDelete, allocationsOfPorts } from '../addresses/allocations.store.ts'
import { portRows, macTaken, portGroups, portGroupsSet } from './store.ts'
import { subnetsOfNetwork } from '../subnets/store.ts'
import type { DhcpOption, IpAllocationRow, PortRow } from '../store/tables.ts'
import { wakeGroups, wakeHosts, wakeNetwork } from '../host/wake.ts'
import { floatingIpRows } from '../floating-ips/store.ts'

type PortAttributes = typeof portAttributes

/** A port's values as users send them. Logic that creates a port of its own may leave out nearly all of them. */
export type PortValues = Changed<PortAttributes> & Pick<Created<PortAttributes>, 'project_id' | 'network_id'> & { tags?: string[] }

/** Changes the port; returns the row as it is now. Not authorised here. */
export async function portUpdate(tx: Context, row: PortRow, values: Changed<PortAttributes>): Promise<PortRow> {
  const before = (await portGroups(tx.db, [row.id])).map(({ id }) => id)
  const groups = await newGroups(tx, row, values, before)
  const mac = values.mac_address === undefined ? row.mac_address : await newAddress(tx, row, values.mac_address)
  if (groups !== before) await groupKindsCheck(tx, groups)
  if (groups !== before) await portGroupsSet(tx.db, row.id, groups, false)
  if (values.fixed_ips !== undefined || mac !== row.mac_address)
    await readdress(tx, row, { mac, fixedIps: values.fixed_ips, deviceOwner: values.device_owner ?? row.device_owner })
  const host = values['binding:host_id'] === undefined ? row.binding_host : (values['binding:host_id'] ?? '')
  const changed = await portRows.change(tx, row.id, {
    mac_address: mac,
    ...defined({
      name: values.name,
      description: values.description,
      admin_state_up: values.admin_state_up,
      device_id: values.device_id,
      device_owner: values.device_owner,
      port_security_enabled: values.port_security_enabled,
      binding_vnic_type: values['binding:vnic_type'],
      binding_profile: values['binding:profile'],
      allowed_address_pairs: values.allowed_address_pairs,
      extra_dhcp_opts: values.extra_dhcp_opts && mergeOptions(row, values.extra_dhcp_opts),
      dns_name: values.dns_name,
    }),
    ...(host === row.binding_host ? {} : { binding_host: host, status: 'DOWN' as const }),
  })
  await wakeHosts(tx, [row.binding_host, host])
  if (row.binding_host !== '' || host !== '') await wakeNetwork(tx, [row.network_id])
  await wakeGroups(tx, [...new Set([...before, ...groups])])
  return changed
}

async function newGroups(tx: Context, row: PortRow, values: Changed<PortAttributes>, before: string[]): Promise<string[]> {
  const portSecurity = values.port_security_enabled ?? row.port_security_enabled
  const { security_groups: asked } = values
  // null stands for "as a new port would have it"
  const groups =
    asked === undefined
      ? before
      : asked === null
        ? await groupsFor(tx, { project_id: row.project_id, device_owner: row.device_owner }, portSecurity)
        : [...new Set(asked)]
  if (!portSecurity && groups.length > 0 && asked === undefined) {
    throw conflict('Port has security group associated. Cannot disable port security or IP address until security group is removed.', {
      type: 'PortSecurityPortHasSecurityGroup',
    })
  }
  const pairs = values.allowed_address_pairs ?? row.allowed_address_pairs
  securityCheck(portSecurity, { groups, pairs: pairs.length })
  return groups
}

async function newAddress(tx: Context, row: PortRow, asked: string | null): Promise<string> {
  const mac = asked ?? newMac(tx)
  if (mac === row.mac_address) return mac
  if (row.binding_host !== '') {
    throw conflict(
      `Unable to complete operation on port ${row.id}, port is already bound, port type: bridge, old_mac ${row.mac_address}, new_mac ${mac}.`,
      { type: 'PortBound' },
    )
  }
  if (await macTaken(tx.db, row.network_id, mac, row.id)) {
    throw conflict(`Unable to complete operation for network ${row.network_id}. The mac address ${mac} is in use.`, {
      type: 'MacAddressInUse',
    })
  }
  return mac
}

const unchangeable = new Set(['network:router_gateway', 'network:floatingip'])

async function readdress(
  tx: Context,
  row: PortRow,
  wish: { mac: string; fixedIps: FixedIpRequest[] | undefined; deviceOwner: string },
): Promise<void> {
  const subnets = await subnetsOfNetwork(tx.db, row.network_id)
  const held = await allocationsOfPorts(tx.db, [row.id])
  // a router's addresses are given to it in every subnet: none of them comes by itself, or stays by itself
  const automatic = new Set(isRouterPort(wish.deviceOwner) ? [] : subnets.filter(isAutoAddress).map(({ id }) => id))
  const wanted =
    wish.fixedIps ??
    held.filter(({ subnet_id }) => !automatic.has(subnet_id)).map(({ subnet_id, ip_address }) => ({ subnet_id, ip_address }))
  const { kept, missing } = match(held, wanted, { automatic, isSameMac: wish.mac === row.mac_address })
  const rows = kept.map((one) => one.row)
  const released = held.filter((one) => !rows.includes(one))
  if (wish.fixedIps !== undefined && (released.length > 0 || missing.length > 0) && unchangeable.has(row.device_owner)) {
    throw badRequest(`IP updates for port ${row.id} are not allowed`, { type: 'IPAddressChangeNotAllowed' })
  }
  if (wish.fixedIps !== undefined) await floatingIpsKeepCheck(tx, row, released)
  if (released.length > 0)
    await allocationsDelete(
      tx.db,
      row.id,
      released.map(({ subnet_id, ip_address }) => ({ subnetId: subnet_id, ip: ip_address })),
    )
  for (const { ip_address } of released) await floatingIpsRelease(tx, { portId: row.id, fixedIp: ip_address })
  for (const { row: one, place } of kept) if (one.ordinal !== place) await allocationPlace(tx.db, one, place)
  await addressesAllocate(tx, {
    portId: row.id,
    networkId: row.network_id,
    mac: wish.mac,
    deviceOwner: wish.deviceOwner,
    subnets,
    fixedIps: missing.map((one) => one.wish),
    places: missing.map(({ place }) => place),
    kept: kept.map((one) => ({ ...one.row, ordinal: one.place })),
    isEmptied: wish.fixedIps?.length === 0,
  })
}

/** An address that a floating IP leads to stays as long as it does. */
async function floatingIpsKeepCheck(tx: Context, row: PortRow, released: IpAllocationRow[]): Promise<void> {
  if (released.length === 0) return
  const led = (await floatingIpRows.list(tx.db, { fixed_port_id: row.id })).some(({ fixed_ip_address }) =>
    released.some(({ ip_address }) => ip_address === fixed_ip_address),
  )
  if (led)
    throw badRequest(
      `Bad port request: Cannot update the fixed_ips of the port ${row.id}, because its original fixed_ip has been associated to a floating ip.`,
      { type: 'BadRequest' },
    )
}

interface Match {
  kept: { row: IpAllocationRow; place: number }[]
  missing: { wish: FixedIpRequest; place: number }[]
}

/**
 * Which held addresses satisfy a wish, and which wishes are left, each with its place in the port's list: it reads as it
 * was written, what comes by itself behind. A wish for "any of this subnet" takes a held one that no wish names.
 */
function match(held: IpAllocationRow[], wanted: FixedIpRequest[], about: { automatic: Set<string>; isSameMac: boolean }): Match {
  const found: Match = { kept: [], missing: [] }
  const wishes = wanted.map((wish, place) => ({ wish, place }))
  const isFree = (one: IpAllocationRow) => !found.kept.some(({ row }) => row === one)
  for (const { wish, place } of wishes.sort((a, b) => Number(b.wish.ip_address !== undefined) - Number(a.wish.ip_address !== undefined))) {
    const row = held.find((one) => isFree(one) && satisfies(one, wish))
    if (row) found.kept.push({ row, place })
    else found.missing.push({ wish, place })
  }
  const automatic = wanted.length > 0 && about.isSameMac ? held.filter((one) => about.automatic.has(one.subnet_id) && isFree(one)) : []
  found.kept.push(...automatic.map((row, index) => ({ row, place: wanted.length + index })))
  return found
}

const satisfies = (one: IpAllocationRow, wish: FixedIpRequest): boolean =>
  (wish.subnet_id !== undefined || wish.ip_address !== undefined) &&
  (wish.subnet_id === undefined || one.subnet_id === wish.subnet_id) &&
  (wish.ip_address === undefined || one.ip_address === wish.ip_address)

/** Options that were named are replaced, those set to null go, the others stay. */
function mergeOptions(row: PortRow, changes: DhcpOption[]): DhcpOption[] {
  const key = (option: DhcpOption) => `${option.opt_name}/${option.ip_version}`
  const merged = new Map(row.extra_dhcp_opts.map((option) => [key(option), option]))
  for (const option of changes) {
    if (option.opt_value === null) merged.delete(key(option))
    else merged.set(key(option), option)
  }
  return [...merged.values()]
}

// Ports: the logic. A port is a MAC with addresses and filters on a network; a server, a router or DHCP stands behind it.
import type { Context } from '../../platform/context.ts'
import { defined } from '../../platform/defined.ts'
import { ApiError, conflict } from '../../platform/errors.ts'
import type { Changed } from '../api/attribute.ts'
import type { Loaded, Resource } from '../api/resource.ts'
import { portAttributes } from './attributes.ts'
import { networkNotFound, portNotFound } from '../faults.ts'
import { floatingIpsRelease } from '../floating-ips/release.ts'
import { addressesAllocate, type FixedIpRequest } from '../addresses/ipam.ts'
import { hostsUnknown } from '../host/known-hosts.ts'
import { networkFor, networkTargets } from '../networks/target.ts'
import { portUpdate, type PortValues } from './change.ts'
import { deviceOwnerCheck, groupKindsCheck, groupsFor, newMac, securityCheck } from './rules.ts'
import { allocationsOfPorts } from '../addresses/allocations.store.ts'
import { portRows, portGroups, portGroupsSet, portInsert, portShape } from './store.ts'
import { networkRows } from '../networks/store.ts'
import { standardRow } from '../store/query.ts'
import { subnetsOfNetwork } from '../subnets/store.ts'
import type { IpAllocationRow, NetworkRow, PortRow } from '../store/tables.ts'
import { portWatchers } from '../servers/watchers.ts'
import { wakeGroups, wakeHosts, wakeNetwork } from '../host/wake.ts'
import { routerPortRows } from '../routers/store.ts'

const macTries = 16

/** Makes a port with its addresses and groups. Not authorised here. */
export async function portCreate(
  tx: Context,
  values: PortValues & { network?: NetworkRow },
): Promise<{ row: PortRow; addresses: IpAllocationRow[] }> {
  const network = values.network ?? (await networkRows.fetch(tx.db, values.network_id))
  if (!network) throw networkNotFound(values.network_id)
  const portSecurity = values.port_security_enabled ?? network.port_security_enabled
  const pairs = values.allowed_address_pairs ?? []
  const groups = await groupsFor(tx, values, portSecurity)
  securityCheck(portSecurity, { groups, pairs: pairs.length })
  await groupKindsCheck(tx, groups)
  const host = values['binding:host_id'] ?? ''
  const row: PortRow = {
    ...standardRow(tx, values),
    network_id: network.id,
    mac_address: values.mac_address ?? newMac(tx),
    admin_state_up: values.admin_state_up ?? true,
    status: 'DOWN',
    device_id: values.device_id ?? '',
    device_owner: values.device_owner ?? '',
    server_id: '',
    server_tag: null,
    server_state: 'attached',
    goes_with_server: false,
    port_security_enabled: portSecurity,
    binding_host: host,
    binding_vnic_type: values['binding:vnic_type'] ?? 'normal',
    binding_profile: values['binding:profile'] ?? {},
    dns_name: values.dns_name ?? '',
    ip_allocation: values.fixed_ips?.length === 0 ? 'none' : 'immediate',
    allowed_address_pairs: pairs,
    extra_dhcp_opts: (values.extra_dhcp_opts ?? []).filter(({ opt_value }) => opt_value !== null),
    position: tx.clock.nowMs() * 1000,
  }
  if (values.tags) row.tags = values.tags
  await insertWithMac(tx, row, values.mac_address !== undefined && values.mac_address !== null)
  const subnets = await subnetsOfNetwork(tx.db, network.id)
  const addresses = await addressesAllocate(tx, {
    portId: row.id,
    networkId: network.id,
    mac: row.mac_address,
    deviceOwner: row.device_owner,
    subnets,
    fixedIps: values.fixed_ips,
  })
  await portGroupsSet(tx.db, row.id, groups, true)
  if (network.given_up && !row.device_owner.startsWith('network:')) await networkRows.update(tx.db, network.id, { given_up: false })
  if (host !== '') await wakeNetwork(tx, [network.id])
  return { row, addresses }
}

async function insertWithMac(tx: Context, row: PortRow, isGiven: boolean): Promise<void> {
  for (let tried = 0; tried < macTries; tried++) {
    if (await portInsert(tx.db, row)) return
    if (isGiven)
      throw conflict(`Unable to complete operation for network ${row.network_id}. The mac address ${row.mac_address} is in use.`, {
        type: 'MacAddressInUse',
      })
    row.mac_address = newMac(tx)
  }
  throw new ApiError('unavailable', `Unable to generate unique mac on network ${row.network_id}.`, {
    type: 'NetworkMacAddressGenerationFailure',
  })
}

/** Ports that stand for a part of something else go with that only. */
const serviceOwners = new Set([
  'network:router_interface',
  'network:router_gateway',
  'network:floatingip',
  'network:router_interface_distributed',
])

async function portUpdateByUser(tx: Context, row: PortRow, values: Changed<typeof portAttributes>): Promise<PortRow> {
  await deviceOwnerCheck(tx, { device_owner: values.device_owner ?? row.device_owner, device_id: values.device_id ?? row.device_id })
  return portUpdate(tx, row, values)
}

/** Deletes a port as a user asks for it. */
async function portDeleteByUser(tx: Context, row: PortRow): Promise<void> {
  const isService =
    serviceOwners.has(row.device_owner) &&
    (row.device_owner === 'network:floatingip' || (await routerPortRows.first(tx.db, { port_id: row.id })))
  if (isService)
    throw conflict(`Port ${row.id} cannot be deleted directly via the port API: has device owner ${row.device_owner}.`, {
      type: 'ServicePortInUse',
    })
  await portDelete(tx, row.id)
  if (row.server_id !== '') for (const watcher of portWatchers(tx)) await watcher.removed(tx, { portId: row.id, serverId: row.server_id })
}

/** Deletes a port, whatever it is; fine when it is gone. */
export async function portDelete(tx: Context, id: string): Promise<void> {
  const row = await portRows.fetch(tx.db, id)
  if (!row) return
  await floatingIpsRelease(tx, { portId: id })
  const groups = await portGroups(tx.db, [id])
  await wakeGroups(
    tx,
    groups.map((group) => group.id),
  )
  await wakeHosts(tx, [row.binding_host])
  if (row.binding_host !== '') await wakeNetwork(tx, [row.network_id])
  if (row.device_owner.startsWith('network:router')) await routerPortRows.delete(tx.db, { port_id: id })
  await portRows.delete(tx.db, id)
}

export interface PortFacts {
  addresses: IpAllocationRow[]
  groupIds: string[]
  /** it is bound to a name that no host has */
  isBindingFailed: boolean
}

/** Ports with addresses and groups: four statements however many there are. */
async function load(ctx: Context, rows: PortRow[]): Promise<Loaded<PortRow, PortFacts>[]> {
  const ids = rows.map(({ id }) => id)
  const addresses = Map.groupBy(await allocationsOfPorts(ctx.db, ids), ({ port_id }) => port_id)
  const groups = Map.groupBy(await portGroups(ctx.db, ids), ({ port_id }) => port_id)
  const targets = await networkTargets(ctx, rows)
  const unknown = await hostsUnknown(ctx, [...new Set(rows.map(({ binding_host }) => binding_host))])
  return rows.map((row, index) => {
    const facts = {
      addresses: addresses.get(row.id) ?? [],
      groupIds: (groups.get(row.id) ?? []).map(({ id }) => id),
      isBindingFailed: unknown.has(row.binding_host),
    }
    return { row, facts, target: targets[index]?.target ?? {} }
  })
}

export const ports: Resource<PortRow, PortFacts, typeof portAttributes, NetworkRow> = {
  name: 'port',
  attributes: portAttributes,
  shape: portShape,
  quota: 'port',
  missing: portNotFound,
  load,
  parent: networkFor,
  async create(tx, values, network) {
    await deviceOwnerCheck(tx, values)
    return (await portCreate(tx, { ...values, network })).row
  },
  update: portUpdateByUser,
  delete: portDeleteByUser,
}

export const fixedIpRequests = (fixed: { subnetId?: string; ipAddress?: string }[] | undefined): FixedIpRequest[] | undefined =>
  fixed?.map(({ subnetId, ipAddress }) => defined({ subnet_id: subnetId, ip_address: ipAddress }))

// Networks: the logic. A network is one segment; its subnets and ports hang on it.
import type { Context } from '../../platform/context.ts'
import { conflict } from '../../platform/errors.ts'
import type { Changed, Created } from '../api/attribute.ts'
import type { Loaded, Resource } from '../api/resource.ts'
import { networkAttributes } from './attributes.ts'
import { invalidInput, networkInUse, networkNotFound } from '../faults.ts'
import { topologyRows } from './auto-topology.store.ts'
import { portDelete } from '../ports/ports.ts'
import { floatingIpRows } from '../floating-ips/store.ts'
import { maxMtuBytes, segmentChoose, segmentTake } from './segments.ts'
import { externalUse, networkAccess, networkRows, networkShape, portsBlocking, subnetsOfNetworks } from './store.ts'
import { standardRow } from '../store/query.ts'
import { shareWithAll } from '../rbac-policies/shared.ts'
import { boundProjects, rbacRows } from '../rbac-policies/store.ts'
import { subnetRows } from '../subnets/store.ts'
import type { NetworkRow } from '../store/tables.ts'
import { wakeNetwork } from '../host/wake.ts'
import { zoneHintsCheck } from '../zones.ts'

type NetworkValues = Created<typeof networkAttributes>

/** Makes the network and takes its segment. Not authorised here. */
export async function networkCreate(tx: Context, values: NetworkValues): Promise<NetworkRow> {
  zoneHintsCheck(values.availability_zone_hints)
  const choice = segmentChoose(values)
  const most = maxMtuBytes(choice.network_type)
  const row: NetworkRow = {
    ...standardRow(tx, values),
    admin_state_up: values.admin_state_up,
    status: 'ACTIVE',
    mtu: checkedMtu(values.mtu, most),
    port_security_enabled: values.port_security_enabled,
    external: values['router:external'],
    is_default: false,
    dns_domain: values.dns_domain,
    ...choice,
    segment_id: tx.ids.uuid(),
    availability_zone_hints: values.availability_zone_hints,
    given_up: false,
  }
  await networkRows.insert(tx.db, row)
  const segmentationId = await segmentTake(tx, row.id, choice)
  if (segmentationId !== row.segmentation_id) {
    await networkRows.update(tx.db, row.id, { segmentation_id: segmentationId })
    row.segmentation_id = segmentationId
  }
  if (values.shared) await shareWithAll(tx, 'network', row, 'access_as_shared')
  if (row.external) await shareWithAll(tx, 'network', row, 'access_as_external')
  if (values.is_default && row.external) {
    await makeDefault(tx, row)
    row.is_default = true
  }
  return row
}

/** 0 is "as much as the wire carries". */
function checkedMtu(asked: number, most: number): number {
  if (asked === 0) return most
  if (asked > most) throw invalidInput(`Requested MTU is too big, maximum is ${most}`)
  return asked
}

async function makeDefault(tx: Context, row: NetworkRow): Promise<void> {
  const other = await networkRows.first(tx.db, { is_default: true })
  if (other && other.id !== row.id)
    throw conflict(`A default external network already exists: ${other.id}.`, { type: 'DefaultExternalNetworkExists' })
  await networkRows.update(tx.db, row.id, { is_default: true })
}

const ipv4LeastBytes = 68
const ipv6LeastBytes = 1280

/** What a network must carry for a subnet of that family to be on it; 0 is as much as there is. */
export function mtuForSubnetCheck(networkId: string, mtu: number, version: number): void {
  const least = version === 6 ? ipv6LeastBytes : ipv4LeastBytes
  if (mtu !== 0 && mtu < ipv4LeastBytes) throw mtuConflict(networkId, ipv4LeastBytes)
  if (mtu !== 0 && mtu < least) throw mtuConflict(networkId, least)
}

const mtuConflict = (networkId: string, least: number) =>
  conflict(`MTU of ${networkId} is not valid, subnet requires a minimum of ${least}`, { type: 'NetworkMTUSubnetConflict' })

async function newMtu(tx: Context, row: NetworkRow, asked: number): Promise<number> {
  const mtu = checkedMtu(asked, maxMtuBytes(row.network_type))
  for (const { ip_version } of mtu < ipv6LeastBytes ? await subnetsOfNetworks(tx.db, [row.id]) : [])
    mtuForSubnetCheck(row.id, mtu, ip_version)
  return mtu
}

async function networkUpdate(tx: Context, row: NetworkRow, values: Changed<typeof networkAttributes>): Promise<NetworkRow> {
  const {
    shared,
    'router:external': external,
    is_default: isDefault,
    mtu,
    'provider:network_type': type,
    'provider:physical_network': physical,
    'provider:segmentation_id': number,
    ...plain
  } = values
  const isSameWire =
    (type ?? row.network_type) === row.network_type &&
    (physical ?? row.physical_network) === row.physical_network &&
    (number ?? row.segmentation_id) === row.segmentation_id
  if (!isSameWire)
    throw invalidInput(
      'Plugin does not support updating the following provider network attributes: network_type, physical_network, segmentation_id',
    )
  if (shared === true) await shareWithAll(tx, 'network', row, 'access_as_shared')
  if (shared === false) await unshare(tx, row)
  if (external === true && !row.external) await shareWithAll(tx, 'network', row, 'access_as_external')
  if (external === false && row.external) await makeInternal(tx, row)
  const isExternal = external ?? row.external
  if (isDefault === true && isExternal) await makeDefault(tx, row)
  const changed = await networkRows.change(tx, row.id, {
    ...plain,
    ...(mtu === undefined ? {} : { mtu: await newMtu(tx, row, mtu) }),
    ...(external === undefined ? {} : { external, ...(external ? {} : { is_default: false }) }),
    ...(isDefault === undefined ? {} : { is_default: isDefault && isExternal }),
  })
  await wakeNetwork(tx, [row.id])
  return changed
}

async function unshare(tx: Context, row: NetworkRow): Promise<void> {
  const others = (await rbacRows.list(tx.db, { object_id: row.id }))
    .filter(({ action, target_project }) => action === 'access_as_shared' && target_project !== '*')
    .map(({ target_project }) => target_project)
  if ((await boundProjects(tx.db, 'network', row.id)).some((project) => project !== row.project_id && !others.includes(project))) {
    throw conflict(`Unable to reconfigure sharing settings for network ${row.id}. Multiple tenants are using it.`, {
      type: 'InvalidSharedSetting',
    })
  }
  await rbacRows.delete(tx.db, { object_id: row.id, action: 'access_as_shared', target_project: '*' })
}

/** A network is external as long as one RBAC policy shares it as external: the first makes it so, the last one's end undoes it. */
export async function externalUpdate(tx: Context, row: NetworkRow): Promise<void> {
  const has = (await rbacRows.list(tx.db, { object_id: row.id })).some(({ action }) => action === 'access_as_external')
  if (has === row.external) return networkRows.bump(tx, row.id).then(() => undefined)
  if (!has) await makeInternal(tx, row)
  await networkRows.change(tx, row.id, { external: has, ...(has ? {} : { is_default: false }) })
  await wakeNetwork(tx, [row.id])
}

async function makeInternal(tx: Context, row: NetworkRow): Promise<void> {
  if (await externalUse(tx.db, row.id))
    throw conflict(`External network ${row.id} cannot be updated to be made non-external, since it has existing gateway ports.`, {
      type: 'ExternalNetworkInUse',
    })
  await rbacRows.delete(tx.db, { object_id: row.id, action: 'access_as_external' })
}

/** Ports that the domain made itself go with their network. */
const automaticOwners = new Set(['network:dhcp'])
const shownBlockers = 20

/** Deletes a network and its subnets; refuses while ports use it. */
export async function networkDelete(tx: Context, row: NetworkRow): Promise<void> {
  // floating IPs that lead nowhere go with their external network
  for (const { id, floating_port_id } of await floatingIpRows.list(tx.db, { floating_network_id: row.id, fixed_port_id: null })) {
    await floatingIpRows.delete(tx.db, id)
    await portDelete(tx, floating_port_id)
  }
  const ports = await portsBlocking(tx.db, row.id, shownBlockers)
  const blocking = ports.filter(({ device_owner }) => !automaticOwners.has(device_owner))
  if (blocking.length > 0) {
    throw networkInUse(
      row.id,
      `There are one or more ports still in use on the network, id for these ports is: ${blocking.map(({ id }) => id).join(',')}`,
    )
  }
  await wakeNetwork(tx, [row.id])
  for (const { id } of ports) await portDelete(tx, id)
  for (const { id } of await subnetsOfNetworks(tx.db, [row.id])) await subnetRows.delete(tx.db, id)
  await rbacRows.delete(tx.db, { object_id: row.id })
  await topologyRows.delete(tx.db, { network_id: row.id })
  await networkRows.delete(tx.db, row.id)
}

export interface NetworkFacts {
  subnetIds: string[]
  shared: boolean
  /** by IP version */
  addressScopes: { 4: string | null; 6: string | null }
}

/** Networks with the ids of their subnets, in two statements however many there are. */
async function load(ctx: Context, rows: NetworkRow[]): Promise<Loaded<NetworkRow, NetworkFacts>[]> {
  const ids = rows.map(({ id }) => id)
  const subnets = Map.groupBy(await subnetsOfNetworks(ctx.db, ids), ({ network_id }) => network_id)
  const access = await networkAccess(ctx.db, ids, ctx.actor.projectId)
  return rows.map((row) => {
    const mine = subnets.get(row.id) ?? []
    const scope = (version: number) =>
      mine.find((subnet) => subnet.ip_version === version && subnet.address_scope_id !== null)?.address_scope_id ?? null
    const facts = { subnetIds: mine.map(({ id }) => id), shared: access.shared.has(row.id), addressScopes: { 4: scope(4), 6: scope(6) } }
    return { row, facts, target: { shared: facts.shared, 'router:external': access.external.has(row.id) } }
  })
}

export const networks: Resource<NetworkRow, NetworkFacts, typeof networkAttributes> = {
  name: 'network',
  attributes: networkAttributes,
  shape: networkShape,
  quota: 'network',
  missing: networkNotFound,
  load,
  create: networkCreate,
  update: networkUpdate,
  delete: networkDelete,
}

// Floating IPs: the logic. An address of an external network, held by a port that belongs to no project, and mapped to a fixed
// IP by the router between the two.
import type { Context } from '../../platform/context.ts'
import { badRequest, conflict, notFound } from '../../platform/errors.ts'
import type { Changed, Created } from '../api/attribute.ts'
import { resourceFetch, type Resource } from '../api/resource.ts'
import { floatingIpAttributes } from './attributes.ts'
import { networkFor } from '../networks/target.ts'
import { portCreate, portDelete, ports } from '../ports/ports.ts'
import { floatingIpRows, floatingIpShape } from './store.ts'
import { allocationsOfPorts } from '../addresses/allocations.store.ts'
import { portRows } from '../ports/store.ts'
import { standardRow } from '../store/query.ts'
import { routerRows, routersOfSubnet } from '../routers/store.ts'
import { subnetsOfNetwork } from '../subnets/store.ts'
import type { FloatingIpRow, PortRow } from '../store/tables.ts'
import { wakeHosts } from '../host/wake.ts'

const bad = (reason: string) => badRequest(`Bad floatingip request: ${reason}.`, { type: 'BadRequest' })

type FloatingIpAttributes = typeof floatingIpAttributes

async function floatingIpCreate(tx: Context, values: Created<FloatingIpAttributes>): Promise<FloatingIpRow> {
  const { parent: network } = await networkFor(tx, values.floating_network_id)
  if (!network.external) throw bad(`Network ${network.id} is not a valid external network`)
  if (!(await subnetsOfNetwork(tx.db, network.id)).some(({ ip_version }) => ip_version === 4))
    throw bad(`Network ${network.id} does not contain any IPv4 subnet`)
  if (values.port_id === null && values.fixed_ip_address !== null) throw bad('fixed_ip_address cannot be specified without a port_id')
  const id = tx.ids.uuid()
  const wished = {
    ...(values.subnet_id === null ? {} : { subnet_id: values.subnet_id }),
    ...(values.floating_ip_address === null ? {} : { ip_address: values.floating_ip_address }),
  }
  const { row: port, addresses } = await portCreate(tx, {
    project_id: '',
    network_id: network.id,
    network,
    device_id: id,
    device_owner: 'network:floatingip',
    security_groups: [],
    port_security_enabled: false,
    fixed_ips: [wished],
  })
  const address = addresses.find(({ ip_address }) => !ip_address.includes(':'))
  if (!address) throw badRequest(`Unable to find any IP address on external network ${network.id}.`, { type: 'ExternalIpAddressExhausted' })
  await portRows.update(tx.db, port.id, { status: 'N/A' })
  const row: FloatingIpRow = {
    ...standardRow(tx, values),
    id,
    revision_number: 0,
    floating_network_id: network.id,
    floating_ip_address: address.ip_address,
    floating_port_id: port.id,
    fixed_port_id: null,
    fixed_ip_address: null,
    router_id: null,
    status: 'DOWN',
    dns_name: values.dns_name,
    dns_domain: values.dns_domain,
  }
  await floatingIpRows.insert(tx.db, row)
  if (values.port_id === null) return row
  return associate(tx, row, { portId: values.port_id, fixedIp: values.fixed_ip_address })
}

/** Leads the floating IP to a fixed address of a port that the actor may see, by the router between them. */
async function associate(
  tx: Context,
  row: FloatingIpRow,
  { portId, fixedIp }: { portId: string; fixedIp: string | null },
): Promise<FloatingIpRow> {
  const { row: port } = await resourceFetch(tx, ports, portId)
  if (port.project_id !== row.project_id && !tx.allows({}, 'context_is_admin')) {
    throw bad(`Port ${port.id} is associated with a different tenant than Floating IP ${row.id} and therefore cannot be bound`)
  }
  const address = await fixedAddress(tx, port, fixedIp)
  const { floating_network_id } = row
  const others = await floatingIpRows.list(tx.db, { floating_network_id, fixed_port_id: port.id, fixed_ip_address: address.ip_address })
  if (others.some(({ id }) => id !== row.id)) {
    throw conflict(
      `Cannot associate floating IP ${row.floating_ip_address} (${row.id}) with port ${port.id} using fixed IP ${address.ip_address}, as that fixed IP already has a floating IP on external network ${row.floating_network_id}.`,
      { type: 'FloatingIPPortAlreadyAssociated' },
    )
  }
  const routers = (await routersOfSubnet(tx.db, address.subnet_id)).filter(
    ({ gateway_network_id }) => gateway_network_id === row.floating_network_id,
  )
  const [router] = routers
  if (!router) {
    throw notFound(
      `External network ${row.floating_network_id} is not reachable from subnet ${address.subnet_id}.  Therefore, cannot associate Port ${port.id} with a Floating IP.`,
      {
        type: 'ExternalGatewayForFloatingIPNotFound',
      },
    )
  }
  const changed = await floatingIpRows.change(tx, row.id, {
    fixed_port_id: port.id,
    fixed_ip_address: address.ip_address,
    router_id: router.id,
  })
  await wakeHosts(tx, [router.host])
  return changed
}

async function fixedAddress(tx: Context, port: PortRow, asked: string | null): Promise<{ ip_address: string; subnet_id: string }> {
  const addresses = (await allocationsOfPorts(tx.db, [port.id])).filter(({ ip_address }) => !ip_address.includes(':'))
  if (asked !== null) {
    const found = addresses.find(({ ip_address }) => ip_address === asked)
    if (!found) throw bad(`Port ${port.id} does not have fixed ip ${asked}`)
    return found
  }
  const [first, second] = addresses
  if (!first) throw bad(`Cannot add floating IP to port ${port.id} that has no fixed IPv4 addresses`)
  if (second)
    throw bad(`Port ${port.id} has multiple fixed IPv4 addresses.  Must provide a specific IPv4 address when assigning a floating IP`)
  return first
}

async function wakeRouter(tx: Context, routerId: string | null): Promise<void> {
  if (routerId !== null)
    await wakeHosts(
      tx,
      (await routerRows.many(tx.db, [routerId])).map(({ host }) => host),
    )
}

async function floatingIpUpdate(tx: Context, row: FloatingIpRow, values: Changed<FloatingIpAttributes>): Promise<FloatingIpRow> {
  // to change nothing ends the association, as Neutron has it
  const { port_id: portId = Object.keys(values).length === 0 ? null : undefined, fixed_ip_address: fixedIp = null } = values
  if (fixedIp !== null && !portId) throw bad('fixed_ip_address cannot be specified without a port_id')
  const described = values.description === undefined ? {} : { description: values.description }
  if (portId === undefined) return floatingIpRows.change(tx, row.id, described)
  await wakeRouter(tx, row.router_id)
  const isSame = portId !== null && portId === row.fixed_port_id
  const loosened = isSame ? {} : { fixed_port_id: null, fixed_ip_address: null, router_id: null, status: 'DOWN' as const }
  const loose = await floatingIpRows.change(tx, row.id, { ...described, ...loosened })
  return portId === null ? loose : associate(tx, loose, { portId, fixedIp })
}

/** Gives the address back. */
async function floatingIpDelete(tx: Context, row: FloatingIpRow): Promise<void> {
  await wakeRouter(tx, row.router_id)
  await floatingIpRows.delete(tx.db, row.id)
  await portDelete(tx, row.floating_port_id)
}

export interface FloatingIpFacts {
  /** that it is associated with */
  port: PortRow | undefined
}

export const floatingIps: Resource<FloatingIpRow, FloatingIpFacts, FloatingIpAttributes> = {
  name: 'floatingip',
  attributes: floatingIpAttributes,
  shape: floatingIpShape,
  quota: 'floatingip',
  missing: (id) => notFound(`Floating IP ${id} could not be found`, { type: 'FloatingIPNotFound' }),
  async load(ctx, rows) {
    const portIds = rows.flatMap(({ fixed_port_id }) => fixed_port_id ?? [])
    const ports = new Map((portIds.length === 0 ? [] : await portRows.many(ctx.db, portIds)).map((port) => [port.id, port]))
    return rows.map((row) => ({ row, facts: { port: ports.get(row.fixed_port_id ?? '') } }))
  },
  create: floatingIpCreate,
  update: floatingIpUpdate,
  delete: floatingIpDelete,
}

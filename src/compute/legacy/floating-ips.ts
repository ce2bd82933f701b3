// addFloatingIp and removeFloatingIp: Neutron's floating IPs, as Nova gave them to servers until 2.43.
import { portsOfServers } from '../../network/index.ts'
import type { Context } from '../../platform/context.ts'
import { badRequest, conflict, notFound } from '../../platform/errors.ts'
import type { FloatingIp } from './answers.ts'
import { neighbour, translated } from './neighbours.ts'
import { assertAllowed, serverGet } from '../servers/servers.ts'

async function floatingIp(ctx: Context, address: string): Promise<FloatingIp> {
  const { floatingips } = await neighbour(ctx, 'GET /floatingips', { query: { floating_ip_address: address } })
  const [found] = floatingips
  if (!found) throw notFound('floating IP not found')
  return found
}

/** Gives the address to the server's first (or the named) IPv4 address. */
export async function serverFloatingIpAdd(
  ctx: Context,
  id: string,
  { address, fixedAddress }: { address: string; fixedAddress: string | undefined },
): Promise<void> {
  const server = await serverGet(ctx, id)
  const ports = (await portsOfServers(ctx, [id])).get(id) ?? []
  const fixed = ports.flatMap((port) =>
    port.fixedIps.filter(({ ipAddress }) => !ipAddress.includes(':')).map(({ ipAddress }) => ({ portId: port.portId, ipAddress })),
  )
  if (ports.length === 0) throw badRequest(`No nw_info cache associated with instance ${server.id}`)
  if (fixed.length === 0) throw badRequest('No fixed IPs associated to instance')
  const chosen = fixedAddress === undefined ? fixed[0] : fixed.find(({ ipAddress }) => ipAddress === fixedAddress)
  if (!chosen) throw badRequest('Specified fixed address not assigned to instance')
  const found = await floatingIp(ctx, address)
  const change = neighbour(ctx, 'PUT /floatingips/:id', {
    id: found.id,
    body: { floatingip: { port_id: chosen.portId, fixed_ip_address: chosen.ipAddress } },
  })
  await translated(
    change,
    { conflict: 'bad_request', not_found: 'bad_request' },
    `Unable to associate floating IP ${address} to fixed IP ${chosen.ipAddress} for instance ${id}.`,
  )
}

export async function serverFloatingIpRemove(ctx: Context, id: string, address: string): Promise<void> {
  const server = await serverGet(ctx, id)
  const found = await floatingIp(ctx, address)
  const ports = (await portsOfServers(ctx, [id])).get(id) ?? []
  if (found.port_id === null || !ports.some(({ portId }) => portId === found.port_id))
    throw conflict(`Floating IP ${address} is not associated with instance ${id}.`)
  assertAllowed(ctx, { word: 'removeFloatingIp', event: 'removeFloatingIp', from: null, tasks: null }, server)
  await neighbour(ctx, 'PUT /floatingips/:id', { id: found.id, body: { floatingip: { port_id: null } } })
}

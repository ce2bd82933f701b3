// A server's ports as it has them: attached, half way in or out, released. Which server has a port is said by the port alone.
import type { Context } from '../../platform/context.ts'
import { portRows } from '../ports/store.ts'
import type { AttachState } from '../store/tables.ts'
import { portsBind, portsUnbind, serverPortCreate, serverPortDelete } from './ports.ts'
import { attachedPortsAfter, attachedPortsOf, portStateSet, type AttachedPortRow } from './store.ts'
import type { AttachedPort, PortTaker, ServerNetwork } from './types.ts'

const attachedPort = ({ id, server_id, binding_host, server_tag, server_state }: AttachedPortRow): AttachedPort => ({
  portId: id,
  serverId: server_id,
  host: binding_host,
  tag: server_tag,
  state: server_state,
})

/** In the order in which they came to their servers. */
export const attachedPortsList = async (ctx: Context, serverIds: string[]): Promise<AttachedPort[]> =>
  (await attachedPortsOf(ctx.db, serverIds)).map(attachedPort)

/** A page of all that servers have, by id. */
export const attachedPortsPage = async (ctx: Context, after: string, limit: number): Promise<AttachedPort[]> =>
  (await attachedPortsAfter(ctx.db, after, limit)).map(attachedPort)

/** Gives a server the port that its user made, or one that is made on the network and goes with the server; returns its id. */
export async function portAttach(tx: Context, { networkId, portId, fixedIp, tag }: ServerNetwork, to: PortTaker): Promise<string> {
  const { serverId, projectId, hostname, host, availabilityZone, state, securityGroupIds = [], order = 0 } = to
  if (portId !== null) {
    await portsBind(tx, { ids: [portId], host, serverId, availabilityZone, order })
    await portRows.update(tx.db, portId, { server_tag: tag, server_state: state, goes_with_server: false })
    return portId
  }
  const made = await serverPortCreate(tx, {
    networkId,
    projectId,
    deviceId: serverId,
    deviceOwner: `compute:${availabilityZone}`,
    host,
    dnsName: hostname,
    tag,
    state,
    order,
    ...(fixedIp === null ? {} : { fixedIps: [{ ipAddress: fixedIp }] }),
    ...(securityGroupIds.length === 0 ? {} : { securityGroupIds }),
  })
  return made.id
}

/** Left as it is when it is in another state than `from`: its user wants it otherwise meanwhile. */
export const attachedPortMove = async (tx: Context, portId: string, move: { from?: AttachState; to: AttachState }): Promise<void> =>
  void (await portStateSet(tx.db, portId, move))

/** Ports of the server, or one of them: what was made for it is deleted, the user's own are unbound. */
export async function attachedPortsRelease(tx: Context, serverId: string, portId?: string): Promise<void> {
  const rows = (await attachedPortsOf(tx.db, [serverId])).filter(({ id }) => portId === undefined || id === portId)
  await portsUnbind(tx, { ids: rows.filter((row) => !row.goes_with_server).map(({ id }) => id) })
  for (const row of rows) if (row.goes_with_server) await serverPortDelete(tx, row.id)
}

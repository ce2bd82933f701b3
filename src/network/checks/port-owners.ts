// The owners of ports, in few columns, for the checks of other domains. Exported by index.ts.
import type { Context } from '../../platform/context.ts'
import { portsOwned, portsOwnedPage, portsOwnedOfServers } from '../store/checks.ts'

export interface PortOwner {
  portId: string
  serverId: string
  networkId: string
  /** where it is bound; '' nowhere */
  host: string
}

const owner = (row: { id: string; server_id: string; network_id: string; binding_host: string }): PortOwner => ({
  portId: row.id,
  serverId: row.server_id,
  networkId: row.network_id,
  host: row.binding_host,
})

/** server → its ports' ids */
export async function portIdsOfServers(ctx: Context, serverIds: string[]): Promise<Map<string, string[]>> {
  const ports = Map.groupBy(await portsOwnedOfServers(ctx.db, serverIds), ({ server_id }) => server_id)
  return new Map([...ports].map(([id, rows]) => [id, rows.map((row) => row.id)]))
}

/** Ports by id; those that are gone are left out. */
export async function portOwners(ctx: Context, portIds: string[]): Promise<Map<string, PortOwner>> {
  return new Map((await portsOwned(ctx.db, portIds)).map((row) => [row.id, owner(row)]))
}

/** A page of the ports that some server has, by id. */
export const portsWithServer = async (ctx: Context, after: string, limit: number): Promise<PortOwner[]> =>
  (await portsOwnedPage(ctx.db, after, limit)).map(owner)

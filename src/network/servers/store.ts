// SQL of ports as servers have them.
import { sql } from 'kysely'
import { idList, idsIn, inList, type InList } from '../../platform/store/ids-in.ts'
import { statement } from '../../platform/store/statement.ts'
import type { Db } from '../../platform/store/store.ts'
import { q } from '../store/query.ts'
import type { AttachState, NetworkTables, PortRow } from '../store/tables.ts'

export interface Binding {
  serverId: string
  host: string
  deviceOwner: string
  position: number
  updatedAt: string
}

/** Gives a port to a server unless another one has it; false then, or when the port is gone. */
export async function portBind(db: Db, portId: string, binding: Binding): Promise<boolean> {
  const result = await q(db)
    .updateTable('ports')
    .set({
      server_id: binding.serverId,
      device_id: binding.serverId,
      device_owner: binding.deviceOwner,
      binding_host: binding.host,
      updated_at: binding.updatedAt,
      position: sql`case when server_id = ${binding.serverId} then position else ${binding.position} end`,
      status: sql`case when binding_host = ${binding.host} then status else 'DOWN' end`,
      revision_number: sql`revision_number + 1`,
    })
    .where('id', '=', portId)
    .where('server_id', 'in', ['', binding.serverId])
    .executeTakeFirst()
  return Number(result.numUpdatedRows) === 1
}

export const portsRelease = (db: Db, portIds: string[], what: { keepDevice: boolean; updatedAt: string }) =>
  q(db)
    .updateTable('ports')
    .set({
      binding_host: '',
      status: 'DOWN',
      updated_at: what.updatedAt,
      revision_number: sql`revision_number + 1`,
      ...(what.keepDevice
        ? {}
        : { device_id: '', device_owner: '', server_id: '', server_tag: null, server_state: 'attached' as const, goes_with_server: false }),
    })
    .where(idsIn(db, 'id', portIds))
    .execute()

const attached = ['id', 'server_id', 'network_id', 'mac_address', 'binding_host', 'server_tag', 'server_state', 'goes_with_server'] as const
export type AttachedPortRow = Pick<PortRow, (typeof attached)[number]>

const ofServers = statement<NetworkTables, InList, AttachedPortRow>((from, { list }, db) =>
  from
    .selectFrom('ports')
    .select(attached)
    .where(inList(db, 'server_id', list))
    .orderBy('position')
    .orderBy('id'),
)
/** The ports that servers have, as they have them. */
export const attachedPortsOf = (db: Db, serverIds: Iterable<string>) => ofServers.rows(db, { list: idList(serverIds) })

/** All of them, by pages of the id. */
export const attachedPortsAfter = (db: Db, after: string, limit: number): Promise<AttachedPortRow[]> =>
  q(db).selectFrom('ports').select(attached).where('server_id', '<>', '').where('id', '>', after).orderBy('id').limit(limit).execute()

/** Left as it is when it is in another state than `from`. */
export const portStateSet = (db: Db, portId: string, { from, to }: { from?: AttachState; to: AttachState }) =>
  q(db)
    .updateTable('ports')
    .set({ server_state: to })
    .where('id', '=', portId)
    .$if(from !== undefined, (query) => query.where('server_state', '=', from ?? to))
    .execute()

/** The server's port with this address on the network. */
export const portByAddress = (db: Db, networkId: string, address: string) =>
  q(db)
    .selectFrom('ip_allocations')
    .innerJoin('ports', 'ports.id', 'ip_allocations.port_id')
    .select(['ports.id', 'ports.server_id', 'ports.project_id'])
    .where('ip_allocations.network_id', '=', networkId)
    .where('ip_allocations.ip_address', '=', address)
    .where('ports.server_id', '<>', '')
    .executeTakeFirst()

/** The same behind a router: on a network that it has an interface on. */
export const portByRouter = (db: Db, routerId: string, address: string) =>
  q(db)
    .selectFrom('ip_allocations')
    .innerJoin('ports', 'ports.id', 'ip_allocations.port_id')
    .select(['ports.id', 'ports.server_id', 'ports.project_id'])
    .where('ip_allocations.ip_address', '=', address)
    .where('ports.server_id', '<>', '')
    .where(
      sql<boolean>`ip_allocations.network_id in (select p.network_id from router_ports r inner join ports p on p.id = r.port_id where r.router_id = ${routerId} and r.kind = 'interface')`,
    )
    .executeTakeFirst()

const counts = statement<NetworkTables, { list: string }, { network_id: string; count: number }>((from, { list }, db) =>
  from
    .selectFrom('subnets')
    .select((e) => ['network_id', e.fn.countAll<number>().as('count')])
    .where(inList(db, 'network_id', list))
    .groupBy('network_id'),
)
/** How many subnets each of the networks has. */
export async function subnetCounts(db: Db, networkIds: string[]): Promise<Map<string, number>> {
  const rows = await counts.rows(db, { list: idList(networkIds) })
  return new Map(rows.map((row) => [row.network_id, Number(row.count)]))
}

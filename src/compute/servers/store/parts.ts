// SQL of what hangs on servers: tags and block devices (ports: the network's rows). Always for many servers at once, so that a list costs a
// fixed number of queries.
import type { DeleteResult } from 'kysely'
import type { VolumeConnection } from '../../../contract/volumes.ts'
import { idList, inList, type InList } from '../../../platform/store/ids-in.ts'
import { rows } from '../../../platform/store/rows.ts'
import { statement } from '../../../platform/store/statement.ts'
import type { Db } from '../../../platform/store/store.ts'
import { computeTables as q, type ComputeTables } from '../../store/tables.ts'

export interface ServerTagRow {
  server_id: string
  tag: string
}

/** A block device of a server (Nova's block device mapping). */
export interface ServerDeviceRow {
  id: string
  server_id: string
  position: number
  source_type: 'image' | 'volume' | 'snapshot' | 'blank'
  destination_type: 'local' | 'volume'
  /** the image or snapshot that it is made from */
  source_id: string | null
  volume_id: string | null
  volume_size: number | null
  volume_type: string | null
  attachment_id: string | null
  /** once the host has handed it out */
  connection: VolumeConnection | null
  /** 0: the root disk; null or negative: not booted from */
  boot_index: number | null
  device: string | null
  guest_format: string | null
  tag: string | null
  delete_on_termination: boolean
  /** 'attached' is in the guest's spec; 'attaching' and 'detaching' have a saga */
  state: 'attaching' | 'attached' | 'detaching'
}

interface OfServer {
  serverId: string
}

const tags = statement<ComputeTables, InList, ServerTagRow>((from, { list }, db) =>
  from
    .selectFrom('server_tags')
    .selectAll()
    .where(inList(db, 'server_id', list))
    .orderBy('tag'),
)
/** The tags of servers, by server, sorted. */
export async function tagsOf(db: Db, serverIds: string[]): Promise<Map<string, string[]>> {
  if (serverIds.length === 0) return new Map()
  return grouped(await tags.rows(db, { list: idList(serverIds) }), (row) => row.tag)
}

export const tagsInsert = (db: Db, serverId: string, names: string[]) =>
  names.length === 0
    ? Promise.resolve()
    : q(db)
        .insertInto('server_tags')
        .values(names.map((tag) => ({ server_id: serverId, tag })))
        .onConflict((c) => c.doNothing())
        .execute()
        .then(() => undefined)

const tagsRemove = statement<ComputeTables, OfServer, DeleteResult>((from, { serverId }) =>
  from.deleteFrom('server_tags').where('server_id', '=', serverId),
)
export const tagsDelete = (db: Db, serverId: string) => tagsRemove.change(db, { serverId })

/** False when there was none. */
export async function tagDelete(db: Db, serverId: string, tag: string): Promise<boolean> {
  const result = await q(db).deleteFrom('server_tags').where('server_id', '=', serverId).where('tag', '=', tag).executeTakeFirst()
  return Number(result.numDeletedRows) > 0
}

const deviceRows = rows<ComputeTables['server_devices']>('server_devices')
export const devicesInsert = (db: Db, rows: ServerDeviceRow[]) => q(db).insertInto('server_devices').values(rows).execute()
export const deviceChange = deviceRows.update
/** Every device of the server is in its guest now. */
export const devicesAttach = (db: Db, serverId: string) =>
  q(db).updateTable('server_devices').set({ state: 'attached' }).where('server_id', '=', serverId).execute()
export const deviceDelete = deviceRows.delete
const devicesRemove = statement<ComputeTables, OfServer, DeleteResult>((from, { serverId }) =>
  from.deleteFrom('server_devices').where('server_id', '=', serverId),
)
export const devicesDelete = (db: Db, serverId: string) => devicesRemove.change(db, { serverId })

/** A server's block devices, in the order in which it got them. */
const devices = statement<ComputeTables, OfServer, ServerDeviceRow>((from, { serverId }) =>
  from.selectFrom('server_devices').selectAll().where('server_id', '=', serverId).orderBy('position').orderBy('id'),
)
export const devicesOf = (db: Db, serverId: string) => devices.rows(db, { serverId })

type Volume = Pick<ServerDeviceRow, 'server_id' | 'volume_id' | 'delete_on_termination'>

const volumes = statement<ComputeTables, InList, Volume>((from, { list }, db) =>
  from
    .selectFrom('server_devices')
    .select(['server_id', 'volume_id', 'delete_on_termination'])
    .where(inList(db, 'server_id', list))
    .where('volume_id', 'is not', null)
    .orderBy('position')
    .orderBy('id'),
)
/** The volumes of servers: only what the API shows of them. */
export async function volumesOfServers(db: Db, serverIds: string[]): Promise<Map<string, { id: string; deleteOnTermination: boolean }[]>> {
  if (serverIds.length === 0) return new Map()
  return grouped(await volumes.rows(db, { list: idList(serverIds) }), (row) => ({
    id: row.volume_id ?? '',
    deleteOnTermination: row.delete_on_termination,
  }))
}

function grouped<Row extends { server_id: string }, Value>(rows: Row[], value: (row: Row) => Value): Map<string, Value[]> {
  const found = new Map<string, Value[]>()
  for (const row of rows) {
    const list = found.get(row.server_id)
    if (list) list.push(value(row))
    else found.set(row.server_id, [value(row)])
  }
  return found
}

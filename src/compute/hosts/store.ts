// SQL of services (what runs where, and whether it is alive) and compute nodes (what a host has).
import type { UpdateResult } from 'kysely'
import { idList, idsIn, inList } from '../../platform/store/ids-in.ts'
import { rows } from '../../platform/store/rows.ts'
import { shapedStatement, statement } from '../../platform/store/statement.ts'
import type { Db } from '../../platform/store/store.ts'
import { computeTables as q, type ComputeTables } from '../store/tables.ts'

export interface ServiceRow {
  id: string
  /** the integer id of microversions before 2.53 */
  number: number
  host: string
  binary: string
  disabled: boolean
  disabled_reason: string | null
  forced_down: boolean
  last_seen_at: string
  created_at: string
}

export interface NodeRow {
  id: string
  number: number
  host: string
  hostname: string
  /** JSON HostInventory; decoded where it is asked for, since most decisions about a host ask for nothing of it */
  inventory: string
  created_at: string
  updated_at: string
}

export const services = rows<ServiceRow>('compute_services')

export interface ServiceFilter {
  host?: string | undefined
  binary?: string | undefined
  hosts?: string[] | undefined
}

const filtered = shapedStatement<ComputeTables, Omit<ServiceFilter, 'hosts'> & { list: string | undefined }, ServiceRow>(
  (from, { host, binary, list }, db) => {
    let query = from.selectFrom('compute_services').selectAll()
    if (host !== undefined) query = query.where('host', '=', host)
    if (binary !== undefined) query = query.where('binary', '=', binary)
    if (list !== undefined) query = query.where(inList(db, 'host', list))
    return query.orderBy('number')
  },
)
export const servicesList = (db: Db, { host, binary, hosts }: ServiceFilter = {}): Promise<ServiceRow[]> =>
  filtered.rows(db, { host, binary, list: hosts && idList(hosts) })

const seen = statement<ComputeTables, { hosts: string; binaries: string; at: string }, UpdateResult>((from, { hosts, binaries, at }, db) =>
  from
    .updateTable('compute_services')
    .set({ last_seen_at: at })
    .where((e) => e.or([inList(db, 'binary', binaries), inList(db, 'host', hosts)])),
)

/** One beat of all that run on these hosts, and of what runs in control itself. */
export const servicesTouch = (db: Db, { hosts, binaries, at }: { hosts: string[]; binaries: string[]; at: string }) =>
  seen.change(db, { hosts: idList(hosts), binaries: idList(binaries), at })

const nodes = shapedStatement<ComputeTables, { list: string | undefined }, NodeRow>((from, { list }, db) => {
  const query = from.selectFrom('compute_nodes').selectAll()
  return (list === undefined ? query : query.where(inList(db, 'host', list))).orderBy('number')
})
/** all, or those of these hosts */
export const nodesList = (db: Db, hosts: string[] | null = null): Promise<NodeRow[]> =>
  nodes.rows(db, { list: hosts ? idList(hosts) : undefined })

const ofHost = statement<ComputeTables, { host: string }, NodeRow>((from, { host }) =>
  from.selectFrom('compute_nodes').selectAll().where('host', '=', host),
)
export const nodeOfHost = (db: Db, host: string) => ofHost.first(db, { host })

export const nodesOfHosts = (db: Db, hosts: string[]): Promise<Pick<NodeRow, 'host' | 'inventory' | 'updated_at'>[]> =>
  hosts.length === 0
    ? Promise.resolve([])
    : q(db)
        .selectFrom('compute_nodes')
        .select(['host', 'inventory', 'updated_at'])
        .where(idsIn(db, 'host', hosts))
        .execute()

const stamps = statement<ComputeTables, object, Pick<NodeRow, 'host' | 'updated_at'>>((from) =>
  from.selectFrom('compute_nodes').select(['host', 'updated_at']),
)
/** when each node's row was written last */
export const nodeStamps = (db: Db) => stamps.rows(db, {})

export const nodeInsert = (db: Db, row: NodeRow) => q(db).insertInto('compute_nodes').values(row).execute()

export const nodeUpdate = (db: Db, id: string, change: Partial<NodeRow>) =>
  q(db).updateTable('compute_nodes').set(change).where('id', '=', id).execute()

export const nodeDelete = (db: Db, id: string) => q(db).deleteFrom('compute_nodes').where('id', '=', id).execute()

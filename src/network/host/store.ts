// SQL of the hosts that a change concerns, and of the generations of their specs.
import { sql, type UpdateResult } from 'kysely'
import { idList, inList } from '../../platform/store/ids-in.ts'
import { assert } from '../../platform/errors.ts'
import { statement } from '../../platform/store/statement.ts'
import type { Db } from '../../platform/store/store.ts'
import type { HostNetworkRow, NetworkTables } from '../store/tables.ts'

const hostNames = (rows: { host: string }[]) => rows.map(({ host }) => host)

const ofNetworks = statement<NetworkTables, { list: string }, { host: string }>((from, { list }, db) =>
  from
    .selectFrom('ports')
    .select('binding_host as host')
    .distinct()
    .where(inList(db, 'network_id', list))
    .where('binding_host', '<>', ''),
)
export const hostsOfNetworks = async (db: Db, networkIds: string[]): Promise<string[]> =>
  hostNames(await ofNetworks.rows(db, { list: idList(networkIds) }))

const ofGroups = statement<NetworkTables, { list: string }, { host: string }>((_, { list }, db) => {
  const groups = sql`select security_group_id from security_group_rules where ${inList(db, 'remote_group_id', list)}`
  return sql<{ host: string }>`
    select distinct ports.binding_host as host from ports
    inner join port_security_groups on port_security_groups.port_id = ports.id
    where ports.binding_host <> '' and (${inList(db, 'port_security_groups.security_group_id', list)} or port_security_groups.security_group_id in (${groups}))`
})
export const hostsOfGroups = async (db: Db, groupIds: string[]): Promise<string[]> =>
  hostNames(await ofGroups.rows(db, { list: idList(groupIds) }))

const generation = statement<NetworkTables, { host: string; nowMs: number }, Told>((from, { host, nowMs }) =>
  from
    .insertInto('host_networks')
    .values({ host, generation: 1, report_digest: '', read_at: nowMs })
    .onConflict((c) => c.column('host').doUpdateSet({ generation: sql`host_networks.generation + 1`, read_at: sql`excluded.read_at` }))
    .returning(['generation', 'report_digest']),
)

const newest = statement<NetworkTables, { host: string }, Pick<HostNetworkRow, 'generation'>>((from, { host }) =>
  from.selectFrom('host_networks').select('generation').where('host', '=', host),
)
/** Of the newest spec that was made for the host; 0: none was. */
export const generationFetch = async (db: Db, host: string): Promise<number> => Number((await newest.first(db, { host }))?.generation ?? 0)

type Told = Pick<HostNetworkRow, 'generation' | 'report_digest'>

/** The next generation of a host's spec, which every spec in every process raises, and the digest of the report in the rows. */
export async function generationNext(db: Db, host: string, nowMs: number): Promise<Told> {
  const row = await generation.first(db, { host, nowMs })
  assert(row, 'an upsert returns its row')
  return { ...row, generation: Number(row.generation) }
}

const note = statement<NetworkTables, Told & { host: string }, UpdateResult>((from, { host, generation: of, report_digest }) =>
  from.updateTable('host_networks').set({ report_digest }).where('host', '=', host).where('generation', '=', of),
)
/** Records the host's report of this generation; false when there is a newer generation, whose report counts. */
export const reportNote = async (db: Db, told: Told & { host: string }): Promise<boolean> => (await note.change(db, told)) === 1

/** Discards the host's last report, so that the host gets its spec anew. */
export const hostNetworkForget = (db: Db, host: string) =>
  db.as<NetworkTables>().updateTable('host_networks').set({ report_digest: '' }).where('host', '=', host).execute()

const toldAll = statement<NetworkTables, object, HostNetworkRow>((from) => from.selectFrom('host_networks').selectAll())
export async function hostNetworksFetch(db: Db): Promise<Map<string, HostNetworkRow>> {
  const rows = await toldAll.rows(db, {})
  return new Map(rows.map((row) => [row.host, { ...row, generation: Number(row.generation), read_at: Number(row.read_at) }]))
}

// SQL of which hosts a change concerns, and of the generations of what hosts were told.
import { sql } from 'kysely'
import { idsIn } from '../../platform/store/ids-in.ts'
import { assert } from '../../platform/errors.ts'
import { statement } from '../../platform/store/statement.ts'
import type { Db } from '../../platform/store/store.ts'
import { q } from './query.ts'
import type { NetworkTables } from './tables.ts'

const hostNames = (rows: { host: string }[]) => rows.map(({ host }) => host)

export async function hostsOfNetworks(db: Db, networkIds: string[]): Promise<string[]> {
  const ports = await q(db).selectFrom('ports').select('binding_host as host').distinct().where(idsIn(db, 'network_id', networkIds)).where('binding_host', '<>', '').execute()
  return hostNames(ports)
}

export async function hostsOfGroups(db: Db, groupIds: string[]): Promise<string[]> {
  const groups = sql`select security_group_id from security_group_rules where ${idsIn(db, 'remote_group_id', groupIds)}`
  const { rows } = await sql<{ host: string }>`
    select distinct ports.binding_host as host from ports
    inner join port_security_groups on port_security_groups.port_id = ports.id
    where ports.binding_host <> '' and (${idsIn(db, 'port_security_groups.security_group_id', groupIds)} or port_security_groups.security_group_id in (${groups}))`.execute(db.as<never>())
  return hostNames(rows)
}

const generation = statement<NetworkTables, { host: string }, { generation: number }>((from, { host }) =>
  from
    .insertInto('host_networks')
    .values({ host, generation: 1 })
    .onConflict((c) => c.column('host').doUpdateSet({ generation: sql`host_networks.generation + 1` }))
    .returning('generation'),
)

/** The next generation of a host's spec: rises with every spec, whoever makes it. */
export async function generationNext(db: Db, host: string): Promise<number> {
  const row = await generation.first(db, { host })
  assert(row, 'an upsert returns its row')
  return Number(row.generation)
}

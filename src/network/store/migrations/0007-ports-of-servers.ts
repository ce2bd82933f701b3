// How a server has a port is said by the port alone; compute's own table of it (server_ports) goes.
import { sql, type Kysely } from 'kysely'
import type { DialectName } from '../../../platform/store/store.ts'

export async function portsOfServers(db: Kysely<never>, dialect: DialectName): Promise<void> {
  await sql`alter table ports add column server_tag text`.execute(db)
  await sql`alter table ports add column server_state text not null default 'attached'`.execute(db)
  await sql`alter table ports add column goes_with_server integer not null default 0`.execute(db)
  if (!(await isThere(db, dialect))) return
  const record = (column: string) =>
    sql`(select r.${sql.ref(column)} from server_ports r where r.port_id = ports.id and r.server_id = ports.server_id)`
  await sql`update ports set server_tag = ${record('tag')}, server_state = coalesce(${record('state')}, 'attached'),
    goes_with_server = coalesce(1 - ${record('preserve')}, 0) where server_id <> ''`.execute(db)
  await sql`drop table server_ports`.execute(db)
}

/** Not where this domain stands alone. */
async function isThere(db: Kysely<never>, dialect: DialectName): Promise<boolean> {
  const known =
    dialect === 'sqlite'
      ? sql<{ name: string | null }>`select name from sqlite_master where type = 'table' and name = 'server_ports'`
      : sql<{ name: string | null }>`select to_regclass('server_ports')::text as name`
  return Boolean((await known.execute(db)).rows[0]?.name)
}

// A server's ports have a state, as its devices have, in place of a number called 'detaching' that also meant 'attaching'.
import { sql, type Kysely } from 'kysely'

export async function serverPortState(db: Kysely<never>): Promise<void> {
  await db.schema
    .alterTable('server_ports')
    .addColumn('state', 'text', (c) => c.notNull().defaultTo('attached'))
    .execute()
  await sql`update server_ports set state = case detaching when 1 then 'attaching' else 'detaching' end where detaching <> 0`.execute(db)
  await db.schema.alterTable('server_ports').dropColumn('detaching').execute()
}

// A network's ports in the order of their ids: what a page of the ports that its owner sees is read from.
import type { Kysely } from 'kysely'

export async function portsByNetwork(db: Kysely<never>): Promise<void> {
  await db.schema
    .createIndex('ports_by_network_id_id')
    .on('ports' as never)
    .columns(['network_id', 'id'] as never[])
    .execute()
}

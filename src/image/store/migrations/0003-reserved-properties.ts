// Properties under names that are Glance's own, which came in through servers' and volumes' metadata before they were
// left out (F21, G20): nobody can change or remove them, so they go.
import { sql, type Kysely } from 'kysely'

const attributes = (
  'id name status visibility protected os_hidden checksum os_hash_algo os_hash_value owner size virtual_size container_format disk_format created_at updated_at ' +
  'tags direct_url min_ram min_disk self file stores schema locations location deleted deleted_at'
).split(' ')

export async function reservedProperties(db: Kysely<never>): Promise<void> {
  await sql`delete from image_properties where name like 'os\\_glance%' escape '\\' or name in (${sql.join(attributes)})`.execute(db)
}

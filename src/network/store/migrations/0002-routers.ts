// Routers with their ports, floating IPs and their forwardings, and what is known of hosts.
import type { CreateTableBuilder, Kysely } from 'kysely'

function standard<T extends string, C extends string>(table: CreateTableBuilder<T, C>) {
  return table
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('project_id', 'text', (c) => c.notNull())
    .addColumn('name', 'text', (c) => c.notNull().defaultTo(''))
    .addColumn('description', 'text', (c) => c.notNull().defaultTo(''))
    .addColumn('tags', 'text', (c) => c.notNull().defaultTo('[]'))
    .addColumn('revision_number', 'integer', (c) => c.notNull().defaultTo(0))
    .addColumn('created_at', 'text', (c) => c.notNull())
    .addColumn('updated_at', 'text', (c) => c.notNull())
}

const index = (db: Kysely<never>, table: string, columns: string[]) =>
  db.schema
    .createIndex(`${table}_by_${columns.join('_')}`)
    .on(table)
    .columns(columns as never[])
    .execute()

export async function routers(db: Kysely<never>): Promise<void> {
  await standard(db.schema.createTable('routers'))
    .addColumn('admin_state_up', 'integer', (c) => c.notNull())
    .addColumn('status', 'text', (c) => c.notNull())
    .addColumn('distributed', 'integer', (c) => c.notNull())
    .addColumn('ha', 'integer', (c) => c.notNull())
    .addColumn('gateway_port_id', 'text', (c) => c.references('ports.id'))
    .addColumn('gateway_network_id', 'text', (c) => c.references('networks.id'))
    .addColumn('enable_snat', 'integer', (c) => c.notNull())
    .addColumn('routes', 'text', (c) => c.notNull())
    .addColumn('availability_zone_hints', 'text', (c) => c.notNull())
    .addColumn('host', 'text', (c) => c.notNull())
    .execute()
  await index(db, 'routers', ['project_id', 'id'])
  await index(db, 'routers', ['host'])
  // which ports are a router's is said here and nowhere else: a port's device_id is the user's to write (attack-26)
  await db.schema
    .createTable('router_ports')
    .addColumn('port_id', 'text', (c) => c.primaryKey().references('ports.id').onDelete('cascade'))
    .addColumn('router_id', 'text', (c) => c.notNull().references('routers.id').onDelete('cascade'))
    .addColumn('kind', 'text', (c) => c.notNull())
    .execute()
  await index(db, 'router_ports', ['router_id'])
  await standard(db.schema.createTable('floating_ips'))
    .addColumn('floating_network_id', 'text', (c) => c.notNull().references('networks.id'))
    .addColumn('floating_ip_address', 'text', (c) => c.notNull())
    .addColumn('floating_port_id', 'text', (c) => c.notNull().references('ports.id'))
    .addColumn('fixed_port_id', 'text', (c) => c.references('ports.id').onDelete('set null'))
    .addColumn('fixed_ip_address', 'text')
    .addColumn('router_id', 'text')
    .addColumn('status', 'text', (c) => c.notNull())
    .addColumn('dns_name', 'text', (c) => c.notNull())
    .addColumn('dns_domain', 'text', (c) => c.notNull())
    // one floating IP of an external network for one fixed IP of a port; null ones do not collide
    .addUniqueConstraint('floating_ips_once', ['floating_network_id', 'fixed_port_id', 'fixed_ip_address'])
    .execute()
  await index(db, 'floating_ips', ['project_id', 'id'])
  await index(db, 'floating_ips', ['fixed_port_id'])
  await index(db, 'floating_ips', ['floating_port_id'])
  await index(db, 'floating_ips', ['router_id'])
  await db.schema
    .createTable('network_agents')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('host', 'text', (c) => c.notNull())
    .addColumn('agent_type', 'text', (c) => c.notNull())
    .addColumn('admin_state_up', 'integer', (c) => c.notNull())
    .addColumn('description', 'text')
    .addColumn('configurations', 'text', (c) => c.notNull())
    .addColumn('created_at', 'text', (c) => c.notNull())
    .addColumn('started_at', 'text', (c) => c.notNull())
    .addColumn('heartbeat_at', 'text', (c) => c.notNull())
    .addUniqueConstraint('network_agents_once', ['host', 'agent_type'])
    .execute()
  // the generation of the newest spec that was made for a host
  await db.schema
    .createTable('host_networks')
    .addColumn('host', 'text', (c) => c.primaryKey())
    .addColumn('generation', 'bigint', (c) => c.notNull())
    .execute()
  await db.schema
    .createTable('auto_allocated_topologies')
    .addColumn('project_id', 'text', (c) => c.primaryKey())
    .addColumn('network_id', 'text', (c) => c.notNull().references('networks.id').onDelete('cascade'))
    .addColumn('router_id', 'text')
    .execute()
}

// MigrationRow → os-migrations: type since 2.23, uuid since 2.59, who asked since 2.80.
import type { Context } from '../../platform/context.ts'
import type { MigrationRow } from './store.ts'
import { links } from '../views/links.ts'
import { naive } from '../views/times.ts'

const underWay = ['queued', 'preparing', 'running', 'post-migrating']

function one(ctx: Context, row: MigrationRow, withHosts: boolean) {
  const typed = ctx.microversion.atLeast('2.23')
  const linked = typed && row.migration_type === 'live-migration' && underWay.includes(row.status)
  return {
    id: row.number,
    ...(ctx.microversion.atLeast('2.59') ? { uuid: row.id } : {}),
    source_compute: withHosts ? row.source_host : null,
    source_node: withHosts ? row.source_node : null,
    dest_compute: withHosts ? row.dest_host : null,
    dest_node: withHosts ? row.dest_node : null,
    dest_host: withHosts ? row.dest_host : null,
    status: row.status,
    instance_uuid: row.server_id,
    old_instance_type_id: row.old_flavor_number,
    new_instance_type_id: row.new_flavor_number,
    created_at: naive(row.created_at),
    updated_at: naive(row.updated_at),
    ...(typed ? { migration_type: row.migration_type } : {}),
    ...(linked ? { links: links(ctx, `servers/${row.server_id}/migrations`, String(row.number)) } : {}),
    ...(ctx.microversion.atLeast('2.80') ? { user_id: row.user_id, project_id: row.project_id } : {}),
  }
}

export function migrationListView(ctx: Context, rows: MigrationRow[]) {
  const withHosts = ctx.allows(undefined, 'os_compute_api:os-migrations:index:host')
  return { migrations: rows.map((row) => one(ctx, row, withHosts)) }
}

// SQL of migrations: a server's move from host to host (resize, migrate, live-migrate, evacuate).
import { page } from '../../platform/store/page.ts'
import type { Db } from '../../platform/store/store.ts'
import { computeTables as q } from '../store/tables.ts'
import { nextNumber } from '../store/numbers.ts'

export interface MigrationRow {
  id: string
  number: number
  server_id: string
  project_id: string
  user_id: string
  migration_type: 'migration' | 'resize' | 'live-migration' | 'evacuation'
  status: string
  source_host: string | null
  source_node: string | null
  dest_host: string | null
  dest_node: string | null
  old_flavor_number: number
  new_flavor_number: number
  created_at: string
  updated_at: string
}

/** In the transaction that begins the move. */
export async function migrationInsert(db: Db, row: Omit<MigrationRow, 'number'>): Promise<MigrationRow> {
  const numbered = { ...row, number: await nextNumber(db, 'migration') }
  await q(db).insertInto('server_migrations').values(numbered).execute()
  return numbered
}

export const migrationUpdate = (db: Db, id: string, change: Partial<MigrationRow>) =>
  q(db).updateTable('server_migrations').set(change).where('id', '=', id).execute()

export const migrationFetch = (db: Db, id: string) =>
  q(db).selectFrom('server_migrations').selectAll().where('id', '=', id).executeTakeFirst()

/** The newest migration of a server in one of these states. */
export const migrationOfServer = (db: Db, serverId: string, statuses: string[]) =>
  q(db)
    .selectFrom('server_migrations')
    .selectAll()
    .where('server_id', '=', serverId)
    .where('status', 'in', statuses)
    .orderBy('number', 'desc')
    .executeTakeFirst()

export const migrationsOfServer = (db: Db, serverId: string): Promise<MigrationRow[]> =>
  q(db).selectFrom('server_migrations').selectAll().where('server_id', '=', serverId).orderBy('number').execute()

export interface MigrationFilter {
  status?: string | undefined
  /** source or destination */
  host?: string | undefined
  sourceHost?: string | undefined
  serverId?: string | undefined
  migrationType?: string | undefined
  userId?: string | undefined
  projectId?: string | undefined
  changesSince?: string | undefined
  changesBefore?: string | undefined
}

export interface MigrationPage {
  limit: number
  order: 'asc' | 'desc'
  after?: MigrationRow | undefined
}

export function migrationsPage(db: Db, filter: MigrationFilter, { limit, order, after }: MigrationPage): Promise<MigrationRow[]> {
  let query = q(db).selectFrom('server_migrations').selectAll()
  const { host } = filter
  if (host !== undefined) query = query.where((e) => e.or([e('source_host', '=', host), e('dest_host', '=', host)]))
  if (filter.status !== undefined) query = query.where('status', '=', filter.status)
  if (filter.sourceHost !== undefined) query = query.where('source_host', '=', filter.sourceHost)
  if (filter.serverId !== undefined) query = query.where('server_id', '=', filter.serverId)
  if (filter.migrationType !== undefined) query = query.where('migration_type', '=', filter.migrationType as MigrationRow['migration_type'])
  if (filter.userId !== undefined) query = query.where('user_id', '=', filter.userId)
  if (filter.projectId !== undefined) query = query.where('project_id', '=', filter.projectId)
  if (filter.changesSince !== undefined) query = query.where('updated_at', '>=', filter.changesSince)
  if (filter.changesBefore !== undefined) query = query.where('updated_at', '<=', filter.changesBefore)
  const sorts = (['created_at', 'number'] as const).map((column) => ({ column, direction: order }))
  return page(query, { sorts, limit, after: after as Record<string, unknown> | undefined }).execute()
}

// The list of all moves of servers between hosts.
import type { Context } from '../../platform/context.ts'
import { badRequest } from '../../platform/errors.ts'
import { migrationFetch, migrationsPage, type MigrationFilter, type MigrationRow } from './store.ts'

export interface MigrationQuestion {
  filter: MigrationFilter
  limit: number
  order: 'asc' | 'desc'
  /** a migration's uuid */
  marker: string | undefined
}

export async function migrationList(ctx: Context, { filter, marker, ...page }: MigrationQuestion): Promise<MigrationRow[]> {
  ctx.authorize()
  // other projects', and all of them, take more than one's own
  if (!filter.projectId || filter.projectId !== ctx.actor.projectId)
    ctx.authorize(undefined, 'os_compute_api:os-migrations:index:all_projects')
  const { changesSince: since, changesBefore: before } = filter
  if (since && before && before < since) throw badRequest('The value of changes-since must be less than or equal to changes-before.')
  const after = marker === undefined ? undefined : await migrationFetch(ctx.db, marker)
  if (marker !== undefined && !after) throw badRequest(`Marker ${marker} could not be found.`)
  return migrationsPage(ctx.db, filter, { ...page, after })
}

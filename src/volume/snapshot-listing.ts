// Lists of snapshots: whose, and filtered by what.
import type { Context } from '../platform/context.ts'
import { snapshotNotFound } from './errors.ts'
import { readPairs, refuseUnknown, resourceFilters, type ListQuery } from './listing.ts'
import { snapshotFetch, snapshotsCount, snapshotsPage, type SnapshotFilters, type SnapshotRow } from './store/snapshots.ts'
import { isAdmin, mayKnow } from './volumes.ts'

const columns = { id: 'id', name: 'name', display_name: 'name', status: 'status', volume_id: 'volume_id' } as const

export async function snapshotList(ctx: Context, query: ListQuery): Promise<{ rows: SnapshotRow[]; count: number | undefined }> {
  ctx.authorize()
  const filters = filtersOf(ctx, query)
  const after = query.marker === undefined ? undefined : await snapshotFetch(ctx.db, query.marker)
  if (query.marker !== undefined && (!after || !mayKnow(ctx, after.project_id))) throw snapshotNotFound(query.marker)
  const rows = query.limit === 0 ? [] : await snapshotsPage(ctx.db, filters, { sorts: query.sorts, limit: query.limit, offset: query.offset, after: after && { ...after } })
  return { rows, count: query.withCount ? await snapshotsCount(ctx.db, filters) : undefined }
}

function filtersOf(ctx: Context, { filters, allTenants }: ListQuery): SnapshotFilters {
  const everywhere = allTenants && isAdmin(ctx)
  refuseUnknown(filters, [...(resourceFilters['snapshot'] ?? []), 'id', 'display_name', 'project_id', 'name'], ctx.microversion.atLeast('3.31'))
  const result: SnapshotFilters = { projectId: everywhere ? undefined : ctx.projectId, columns: {}, metadata: {} }
  for (const [name, value] of Object.entries(filters)) {
    if (name === 'project_id') {
      if (everywhere) result.columns.project_id = value
    } else if (name === 'name~') result.nameLike = value
    else if (name === 'metadata') Object.assign(result.metadata, readPairs(value))
    else if (name in columns) result.columns[columns[name as keyof typeof columns]] = value
  }
  return result
}

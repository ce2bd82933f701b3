// Lists of snapshots: whose, and filtered by what.
import { lenientBoolean } from '../platform/api/words.ts'
import type { Context } from '../platform/context.ts'
import { badRequest } from '../platform/errors.ts'
import { table } from '../platform/table.ts'
import { booleanParam, knownFilters, nothing, pageOf, readTimes, textFilter, type ListQuery } from './listing.ts'
import { readPairs } from './python-literal.ts'
import type { ColumnFilter } from './store/filters.ts'
import { snapshotsCount, snapshotsPage, type SnapshotFilters, type SnapshotRow } from './store/snapshots.ts'
import { snapshotRowGet } from './snapshots.ts'
import { availabilityZone } from './volume-create.ts'

export async function snapshotsList(ctx: Context, query: ListQuery): Promise<{ rows: SnapshotRow[]; count: number | undefined }> {
  ctx.authorize()
  const filters = filtersOf(ctx, query)
  const rows = await snapshotsPage(ctx.db, filters, await pageOf(query, (id) => snapshotRowGet(ctx, id)))
  return { rows, count: query.withCount ? await snapshotsCount(ctx.db, filters) : undefined }
}

/** what members could filter by before 3.31 */
const olderFilters = ['status', 'volume_id', 'name', 'metadata']

function filtersOf(ctx: Context, query: ListQuery): SnapshotFilters {
  const everywhere = lenientBoolean(query.allTenants) && ctx.isAdmin
  const result: SnapshotFilters = { projectId: everywhere ? undefined : ctx.projectId, columns: [], metadata: new Map() }
  for (const [name, value] of knownFilters(ctx, query, { resource: 'snapshot', before: olderFilters })) addFilter(ctx, result, name, value)
  return result
}

const texts: Record<string, keyof SnapshotRow> = table({
  id: 'id',
  status: 'status',
  volume_id: 'volume_id',
  project_id: 'project_id',
  user_id: 'user_id',
  volume_type_id: 'volume_type_id',
  group_snapshot_id: 'group_snapshot_id',
  progress: 'progress',
})
const likes: Record<string, keyof SnapshotRow> = table({ ...texts, name: 'name', display_name: 'name', description: 'description' })

function addFilter(ctx: Context, filters: SnapshotFilters, name: string, value: string): void {
  const add = (...more: ColumnFilter[]) => void filters.columns.push(...more)
  if (name.endsWith('~')) {
    const column = Object.hasOwn(likes, name.slice(0, -1)) ? likes[name.slice(0, -1)] : undefined
    if (!column) throw badRequest(`Invalid filters ${name} are found in query options.`)
    return add({ column, comparison: 'like', value })
  }
  if (name === 'metadata') {
    if (!ctx.microversion.atLeast('3.22')) return undefined
    const read = readPairs(value)
    if (!read) return add(nothing)
    for (const [key, each] of read) filters.metadata.set(key, each)
    return undefined
  }
  if (name === 'name' || name === 'display_name') return add({ column: 'name', comparison: '=', value })
  if (name === 'created_at' || name === 'updated_at') return add(...readTimes(name, value))
  // a snapshot is where its volume is, and there is one zone
  if (name === 'availability_zone') return value.toLowerCase() === availabilityZone ? undefined : add(nothing)
  if (name === 'consumes_quota') return booleanParam('use_quota', value) ? undefined : add(nothing)
  return add(Object.hasOwn(texts, name) ? textFilter(texts[name] ?? name, value) : nothing)
}

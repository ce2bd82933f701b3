// Lists of volumes: whose, filtered by what, and what their views need beside the rows, in few queries.
import type { Context } from '../platform/context.ts'
import { badRequest } from '../platform/errors.ts'
import { strictBoolean } from '../platform/api/words.ts'
import { table } from '../platform/table.ts'
import { booleanParam, knownFilters, nothing, numberFilter, pageOf, readTimes, textFilter, type ListQuery } from './listing.ts'
import { readPairs } from './python-literal.ts'
import { attachmentsOfVolumes, type AttachmentRow } from './store/attachments.ts'
import { typeRows } from './store/types.ts'
import type { ColumnFilter } from './store/filters.ts'
import { volumesCount, volumesPage, volumesSummary, type VolumeFilters } from './store/volume-list.ts'
import type { VolumeRow } from './store/volumes.ts'
import { volumeRowGet } from './volumes.ts'

/** A volume with what is shown of it. */
export interface VolumeDetails {
  row: VolumeRow
  typeName: string
  attachments: AttachmentRow[]
}

/** Adds type names and attachments, two queries whatever their number. */
export async function volumesComplete(ctx: Context, rows: VolumeRow[]): Promise<VolumeDetails[]> {
  if (rows.length === 0) return []
  const names = new Map(
    (await typeRows.many(ctx.db, [...new Set(rows.map((row) => row.volume_type_id))])).map(({ id, name }) => [id, name]),
  )
  const attachments = await attachmentsOfVolumes(
    ctx.db,
    rows.map(({ id }) => id),
  )
  return rows.map((row) => ({
    row,
    typeName: names.get(row.volume_type_id) ?? '',
    attachments: attachments.filter((each) => each.volume_id === row.id),
  }))
}

export const volumeComplete = async (ctx: Context, row: VolumeRow): Promise<VolumeDetails> =>
  (await volumesComplete(ctx, [row]))[0] as VolumeDetails

/** True when an admin asks for every project's volumes. */
const everywhere = (ctx: Context, { allTenants }: ListQuery): boolean => {
  if (allTenants === undefined || (!ctx.isAdmin && ctx.microversion.atLeast('3.31'))) return false
  return booleanParam('all_tenants', allTenants) && ctx.isAdmin
}

export async function volumesList(ctx: Context, query: ListQuery): Promise<{ rows: VolumeRow[]; count: number | undefined }> {
  ctx.authorize()
  const filters = filtersOf(ctx, query)
  const rows = await volumesPage(ctx.db, filters, await pageOf(query, (id) => volumeRowGet(ctx, id)))
  return { rows, count: query.withCount ? await volumesCount(ctx.db, filters) : undefined }
}

export async function volumeSummary(
  ctx: Context,
  query: ListQuery,
): Promise<{ count: number; size: number; metadata: Map<string, Set<string>> }> {
  ctx.authorize()
  const { count, size, metadata } = await volumesSummary(ctx.db, filtersOf(ctx, { ...query, filters: new Map() }))
  const values = new Map<string, Set<string>>()
  for (const each of metadata) {
    for (const [name, value] of Object.entries(each)) values.set(name, (values.get(name) ?? new Set()).add(value))
  }
  return { count, size, metadata: values }
}

/** what members could filter by before 3.31 */
const olderFilters = ['name', 'status', 'metadata', 'availability_zone', 'bootable', 'group_id']

function filtersOf(ctx: Context, query: ListQuery): VolumeFilters {
  const result: VolumeFilters = {
    projectId: everywhere(ctx, query) ? undefined : ctx.projectId,
    columns: [],
    metadata: new Map(),
    imageMetadata: new Map(),
  }
  for (const [name, value] of knownFilters(ctx, query, { resource: 'volume', before: olderFilters })) addFilter(ctx, result, name, value)
  return result
}

const texts: Record<string, keyof VolumeRow> = table({
  id: 'id',
  status: 'status',
  availability_zone: 'availability_zone',
  project_id: 'project_id',
  user_id: 'user_id',
  volume_type_id: 'volume_type_id',
  source_volid: 'source_volid',
  snapshot_id: 'snapshot_id',
  group_id: 'group_id',
  migration_status: 'migration_status',
  display_description: 'description',
  launched_at: 'launched_at',
})
const likes: Record<string, keyof VolumeRow> = table({
  ...texts,
  name: 'name',
  display_name: 'name',
  description: 'description',
  size: 'size',
})
const names = ['name', 'display_name']
const flags = ['bootable', 'multiattach', 'encrypted']
const times = ['created_at', 'updated_at']

function addFilter(ctx: Context, filters: VolumeFilters, name: string, value: string): void {
  const add = (...more: ColumnFilter[]) => void filters.columns.push(...more)
  const pairs = (into: Map<string, string>) => {
    const read = readPairs(value)
    // what is no dictionary is in nobody's metadata
    if (!read) return add(nothing)
    for (const [key, each] of read) into.set(key, each)
  }
  if (name.endsWith('~')) {
    const column = Object.hasOwn(likes, name.slice(0, -1)) ? likes[name.slice(0, -1)] : undefined
    if (!column) throw badRequest(`Invalid filters ${name} are found in query options.`)
    return add({ column, comparison: 'like', value })
  }
  if (name === 'metadata') return pairs(filters.metadata)
  if (name === 'glance_metadata') return pairs(filters.imageMetadata)
  if (names.includes(name)) return add({ column: 'name', comparison: '=', value })
  if (times.includes(name)) return add(...(ctx.microversion.atLeast('3.31') ? readTimes(name, value) : []))
  if (flags.includes(name)) return add({ column: name, comparison: '=', value: flag(ctx, name, value) ? 1 : 0 })
  if (name === 'size') return add(numberFilter('size', value))
  // everything here consumes quota
  if (name === 'consumes_quota') return booleanParam('use_quota', value) ? undefined : add(nothing)
  // the machine, with or without backend and pool
  if (name === 'host') return add({ column: 'host', comparison: '=', value: value.split('@')[0] ?? value })
  if (name === 'no_migration_targets') return undefined
  return add(Object.hasOwn(texts, name) ? textFilter(texts[name] ?? name, value) : nothing)
}

/** Strict since 3.2; before, whatever is not False in one of three spellings is true. */
function flag(ctx: Context, name: string, value: string): boolean {
  if (!ctx.microversion.atLeast('3.2')) return !['False', 'false', 'FALSE', ''].includes(value)
  return strictBoolean(value, () => `Invalid input received: '${name} = ${value}'`)
}

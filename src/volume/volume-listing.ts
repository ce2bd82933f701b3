// Lists of volumes: whose, filtered by what, and what their views need beside the rows, in few queries.
import type { Context } from '../platform/context.ts'
import { badRequest } from '../platform/errors.ts'
import { volumeNotFound } from './errors.ts'
import { readPairs, readTimes, refuseUnknown, resourceFilters, type ListQuery } from './listing.ts'
import { attachmentsOfVolumes, type AttachmentRow } from './store/attachments.ts'
import { typesFetch } from './store/types.ts'
import { volumesCount, volumesPage, volumesSummary, type VolumeFilters } from './store/volume-list.ts'
import { volumeFetch, type VolumeRow } from './store/volumes.ts'
import { isAdmin, mayKnow } from './volumes.ts'

/** A volume with what is shown of it. */
export interface VolumeDetails {
  row: VolumeRow
  typeName: string
  attachments: AttachmentRow[]
}

/** Adds type names and attachments, two queries whatever their number. */
export async function volumesComplete(ctx: Context, rows: VolumeRow[]): Promise<VolumeDetails[]> {
  if (rows.length === 0) return []
  const names = new Map((await typesFetch(ctx.db, [...new Set(rows.map((row) => row.volume_type_id))])).map(({ id, name }) => [id, name]))
  const attachments = await attachmentsOfVolumes(ctx.db, rows.map(({ id }) => id))
  return rows.map((row) => ({ row, typeName: names.get(row.volume_type_id) ?? '', attachments: attachments.filter((each) => each.volume_id === row.id) }))
}

const adminFilters = ['host', 'project_id', 'user_id', 'volume_type_id', 'cluster_name', 'service_uuid']
const plainFilters = ['id', 'source_volid', 'snapshot_id', 'multiattach', 'encrypted', 'display_name', 'volume_type', 'glance_metadata', 'no_migration_targets']

export async function volumeList(ctx: Context, query: ListQuery): Promise<{ rows: VolumeRow[]; count: number | undefined }> {
  ctx.authorize()
  const filters = filtersOf(ctx, query)
  const after = query.marker === undefined ? undefined : await volumeFetch(ctx.db, query.marker)
  if (query.marker !== undefined && (!after || !mayKnow(ctx, after.project_id))) throw volumeNotFound(query.marker)
  const rows = query.limit === 0 ? [] : await volumesPage(ctx.db, filters, { sorts: query.sorts, limit: query.limit, offset: query.offset, after: after && { ...after } })
  return { rows, count: query.withCount ? await volumesCount(ctx.db, filters) : undefined }
}

export async function volumeSummary(ctx: Context, query: ListQuery): Promise<{ count: number; size: number; metadata: Record<string, string[]> }> {
  ctx.authorize()
  const { count, size, metadata } = await volumesSummary(ctx.db, filtersOf(ctx, { ...query, filters: {} }))
  const values: Record<string, Set<string>> = {}
  for (const json of metadata) for (const [name, value] of Object.entries(JSON.parse(json) as Record<string, string>)) (values[name] ??= new Set()).add(value)
  return { count, size, metadata: Object.fromEntries(Object.entries(values).map(([name, set]) => [name, [...set]])) }
}

function filtersOf(ctx: Context, { filters, allTenants }: ListQuery): VolumeFilters {
  const everywhere = allTenants && isAdmin(ctx)
  refuseUnknown(filters, [...(resourceFilters['volume'] ?? []), ...adminFilters, ...plainFilters], ctx.microversion.atLeast('3.31'))
  const result: VolumeFilters = { projectId: everywhere ? undefined : ctx.projectId, comparisons: [], oneOf: [], metadata: {}, imageMetadata: {} }
  for (const [name, value] of Object.entries(filters)) {
    if (adminFilters.includes(name) && !isAdmin(ctx) && name !== 'volume_type_id') continue
    if (name === 'project_id') {
      // another project's volumes are seen with all_tenants only
      if (everywhere) result.projectId = value
    } else addFilter(ctx, result, name, value)
  }
  return result
}

const columns: Record<string, keyof VolumeRow> = {
  id: 'id', name: 'name', display_name: 'name', status: 'status', availability_zone: 'availability_zone', user_id: 'user_id', volume_type_id: 'volume_type_id',
  source_volid: 'source_volid', snapshot_id: 'snapshot_id', group_id: 'group_id', migration_status: 'migration_status',
}

function addFilter(ctx: Context, filters: VolumeFilters, name: string, value: string): void {
  const like = /^(.+)~$/.exec(name)?.[1]
  if (like !== undefined) {
    const column = ctx.microversion.atLeast('3.34') ? columns[like] : undefined
    if (column) filters.comparisons.push({ column, comparison: 'like', value: `%${value}%` })
  } else if (name === 'metadata') Object.assign(filters.metadata, readPairs(value))
  else if (name === 'glance_metadata') Object.assign(filters.imageMetadata, readPairs(value))
  else if (name === 'created_at' || name === 'updated_at') filters.comparisons.push(...readTimes(name, value).map((each) => ({ column: name, ...each }) as const))
  else if (name === 'bootable' || name === 'multiattach' || name === 'encrypted') filters.comparisons.push({ column: name, comparison: '=', value: flag(name, value) })
  else if (name === 'size') filters.comparisons.push({ column: 'size', comparison: '=', value: number(value) })
  // the machine, with or without backend and pool
  else if (name === 'host') filters.comparisons.push({ column: 'host', comparison: '=', value: value.split('@')[0] ?? value })
  else if (columns[name]) filters.comparisons.push({ column: columns[name], comparison: '=', value: value === 'None' && name === 'migration_status' ? null : value })
}

function flag(name: string, value: string): number {
  const text = value.toLowerCase()
  if (['true', '1', 't', 'yes', 'on'].includes(text)) return 1
  if (['false', '0', 'f', 'no', 'off'].includes(text)) return 0
  throw badRequest(`Invalid input received: Invalid value for filter ${name}: ${value}`)
}

function number(value: string): number {
  if (!/^\d{1,10}$/.test(value)) throw badRequest(`Invalid input received: size '${value}' is not a number.`)
  return Number(value)
}

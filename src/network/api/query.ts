// Reads the query of a list: filters (repeated = or), fields, sorting, paging; and writes the links to other pages.
import { pageUrl } from '../../platform/api/list.ts'
import type { Context } from '../../platform/context.ts'
import { momentsOf } from '../../platform/api/shown-time.ts'
import { lenientBoolean } from '../../platform/api/words.ts'
import { badRequest } from '../../platform/errors.ts'
import type { ApiRequest } from '../../platform/api/operation.ts'
import { table } from '../../platform/table.ts'
import { invalidInput } from '../faults.ts'
import { filterNames, sortNames, type ListShape } from '../store/list.ts'
import type { Read } from './attribute.ts'
import { boolean, integer, malformed } from './readers.ts'

export interface ListQuery {
  filters: Map<string, string[]>
  fields: string[]
  sorts: { key: string; direction: 'asc' | 'desc' }[]
  /** rows on a page */
  limit: number
  /** the user asked for pages */
  paged: boolean
  marker: string | null
  reverse: boolean
}

const reserved = new Set(['fields', 'sort_key', 'sort_dir', 'limit', 'marker', 'page_reverse'])
const aliases: Record<string, string> = table({ tenant_id: 'project_id' })

const asList = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : value === undefined ? [] : [String(value)])

/** The query, checked against what this collection can be filtered and sorted by. */
export function readListQuery(ctx: Context, request: ApiRequest, shape: Pick<ListShape, 'columns' | 'special' | 'booleans'>): ListQuery {
  const query = request.query as Record<string, unknown>
  const able = { filters: filterNames(shape), sorts: sortNames(shape) }
  const filters = new Map<string, string[]>()
  const unknown: string[] = []
  for (const [key, value] of Object.entries(query)) {
    if (reserved.has(key)) continue
    const name = aliases[key] ?? key
    if (!able.filters.has(name)) unknown.push(key)
    else if (reads(shape, name)) for (const one of asList(value)) reads(shape, name)?.(one, name)
    if (able.filters.has(name)) filters.set(name, [...(filters.get(name) ?? []), ...asList(value)])
  }
  if (unknown.length > 0) throw malformed(`[${unknown.map((key) => `'${key}'`).join(', ')}] is invalid attribute for filtering`)
  const { limit, paged } = readLimit(ctx, query['limit'])
  return {
    filters,
    fields: asList(query['fields']).filter((field) => field !== ''),
    sorts: readSorts(query, able.sorts),
    limit,
    paged,
    marker: asList(query['marker'])[0] ?? null,
    reverse: lenientBoolean(asList(query['page_reverse'])[0] ?? ''),
  }
}

const time: Read = (value) => {
  if (momentsOf(String(value)) === null) throw invalidInput(`The input changed_since must be in the following format: YYYY-MM-DDTHH:MM:SS`)
  return value
}

/** What a filter's word must be readable as; a value that cannot be is a 400, not an empty list. */
function reads(shape: Pick<ListShape, 'columns' | 'special' | 'booleans'>, name: string): Read | null {
  const column = shape.columns[name]
  if (name === 'changed_since') return time
  if (column?.kind === 'boolean' || shape.booleans?.includes(name)) return boolean
  return column?.kind === 'integer' && column.nullable !== true && name !== 'revision_number' ? integer : null
}

function readLimit(ctx: Context, value: unknown): { limit: number; paged: boolean } {
  const text = asList(value)[0]
  if (text === undefined || text === '') return { limit: ctx.config.maxPageSize, paged: false }
  if (!/^\d+$/.test(text))
    throw badRequest(`Bad limit request: Limit must be an integer 0 or greater and not '${text}'.`, { type: 'BadRequest' })
  const limit = Number(text)
  return limit === 0 ? { limit: ctx.config.maxPageSize, paged: false } : { limit: Math.min(limit, ctx.config.maxPageSize), paged: true }
}

function readSorts(query: Record<string, unknown>, able: ReadonlySet<string>): ListQuery['sorts'] {
  const keys = asList(query['sort_key']).map((key) => aliases[key] ?? key)
  const directions = asList(query['sort_dir'])
  const unknown = keys.filter((key) => !able.has(key))
  if (unknown.length > 0) throw malformed(`[${unknown.map((key) => `'${key}'`).join(', ')}] is invalid attribute for sort_keys`)
  const bad = directions.filter((direction) => direction !== 'asc' && direction !== 'desc')
  if (bad.length > 0)
    throw malformed(
      `[${bad.map((direction) => `'${direction}'`).join(', ')}] is invalid value for sort_dirs, valid value is 'asc' and 'desc'`,
    )
  if (directions.length > 0 && directions.length !== keys.length) throw malformed('The number of sort_keys and sort_dirs must be same')
  return keys.map((key, index) => ({ key, direction: (directions[index] ?? 'asc') as 'asc' | 'desc' }))
}

/**
 * { networks_links: [next, previous] } of a page; nothing when no page was asked for and the answer is the whole list. As
 * Neutron has it: the only page without a way on is one that is not full, and likewise backwards; an empty one has no marker.
 */
export function pageLinks(
  ctx: Context,
  request: ApiRequest,
  page: { collection: string; query: ListQuery; ids: string[] },
): Record<string, unknown> {
  const { collection, query, ids } = page
  const full = ids.length >= query.limit
  if (!query.paged && !full) return {}
  const link = (marker: string | undefined, reverse: boolean) =>
    pageUrl(ctx, request.url, { marker, page_reverse: reverse ? 'True' : undefined })
  const links: { rel: string; href: string }[] = []
  if (full || query.reverse) links.push({ rel: 'next', href: link(ids.at(-1), false) })
  if (query.paged && (full || !query.reverse)) links.push({ rel: 'previous', href: link(ids[0], true) })
  return { [`${collection}_links`]: links }
}

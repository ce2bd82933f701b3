// Reads the query of a list: filters (repeated = or), fields, sorting, paging; and writes the links to other pages.
import type { Context } from '../../platform/context.ts'
import { badRequest } from '../../platform/errors.ts'
import type { ApiRequest } from '../../platform/api/operation.ts'
import { filterNames, sortNames, type ListShape } from '../store/list.ts'
import { malformed } from './readers.ts'

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
const aliases: Record<string, string> = { tenant_id: 'project_id' }

const asList = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : value === undefined ? [] : [String(value)])

/** The query, checked against what this collection can be filtered and sorted by. */
export function readListQuery(ctx: Context, request: ApiRequest, shape: Pick<ListShape, 'columns' | 'special'>): ListQuery {
  const query = request.query as Record<string, unknown>
  const able = { filters: filterNames(shape), sorts: sortNames(shape) }
  const filters = new Map<string, string[]>()
  const unknown: string[] = []
  for (const [key, value] of Object.entries(query)) {
    if (reserved.has(key)) continue
    const name = aliases[key] ?? key
    if (!able.filters.has(name)) unknown.push(key)
    else filters.set(name, [...(filters.get(name) ?? []), ...asList(value)])
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
    reverse: asList(query['page_reverse'])[0]?.toLowerCase() === 'true',
  }
}

function readLimit(ctx: Context, value: unknown): { limit: number; paged: boolean } {
  const text = asList(value)[0]
  if (text === undefined || text === '') return { limit: ctx.config.maxPageSize, paged: false }
  if (!/^\d+$/.test(text)) throw badRequest(`Bad limit request: Limit must be an integer 0 or greater and not '${text}'.`, { type: 'BadRequest' })
  const limit = Number(text)
  return limit === 0 ? { limit: ctx.config.maxPageSize, paged: false } : { limit: Math.min(limit, ctx.config.maxPageSize), paged: true }
}

function readSorts(query: Record<string, unknown>, able: ReadonlySet<string>): ListQuery['sorts'] {
  const keys = asList(query['sort_key']).map((key) => aliases[key] ?? key)
  const directions = asList(query['sort_dir'])
  const unknown = keys.filter((key) => !able.has(key))
  if (unknown.length > 0) throw malformed(`[${unknown.map((key) => `'${key}'`).join(', ')}] is invalid attribute for sort_keys`)
  const bad = directions.filter((direction) => direction !== 'asc' && direction !== 'desc')
  if (bad.length > 0) throw malformed(`[${bad.map((direction) => `'${direction}'`).join(', ')}] is invalid value for sort_dirs, valid value is 'asc' and 'desc'`)
  if (directions.length > 0 && directions.length !== keys.length) throw malformed("The number of sort_keys and sort_dirs must be same")
  return keys.map((key, index) => ({ key, direction: (directions[index] ?? 'asc') as 'asc' | 'desc' }))
}

/** { networks_links: [next, previous] } of a page; nothing when the answer is the whole list. */
export function pageLinks(ctx: Context, request: ApiRequest, page: { collection: string; query: ListQuery; ids: string[] }): Record<string, unknown> {
  const { collection, query, ids } = page
  const first = ids[0]
  const last = ids.at(-1)
  if (first === undefined || last === undefined) return {}
  const full = ids.length >= query.limit
  if (!query.paged && !full) return {}
  const link = (marker: string, reverse: boolean) => {
    const href = new URL(request.url, ctx.config.publicUrl)
    href.searchParams.set('marker', marker)
    if (reverse) href.searchParams.set('page_reverse', 'True')
    else href.searchParams.delete('page_reverse')
    return href.toString()
  }
  const links: { rel: string; href: string }[] = []
  if (full || query.reverse) links.push({ rel: 'next', href: link(last, false) })
  if (query.paged && (query.marker !== null || (query.reverse && full))) links.push({ rel: 'previous', href: link(first, true) })
  return links.length > 0 ? { [`${collection}_links`]: links } : {}
}

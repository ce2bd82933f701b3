// limit, offset, marker, sort and friends of Cinder's lists, and the links to the next page.
import { Type } from '../../platform/api/type.ts'
import { nextLink as nextLinks, type PageEnd } from '../../platform/api/list.ts'
import type { Operation } from '../../platform/api/operation.ts'
import type { DeclaredResource } from '../../platform/api/resource.ts'
import type { RawQuery } from '../../platform/api/schema.ts'
import type { Context } from '../../platform/context.ts'
import { defined } from '../../platform/defined.ts'
import { badRequest } from '../../platform/errors.ts'
import type { Sort } from '../../platform/store/page.ts'
import { booleanParam, type ListQuery } from '../listing.ts'

const text = Type.Union([Type.String(), Type.Array(Type.String())])
/** Lists take filters beside these, so nothing is refused by the schema. */
export const listQuery = Type.Unsafe<RawQuery>(
  Type.Object({ limit: Type.Optional(text), offset: Type.Optional(text), marker: Type.Optional(text) }),
)

/** A parameter that a query repeats counts by its last value. */
export const one = (query: RawQuery, name: string): string | undefined => [query[name]].flat().at(-1)

const reserved = new Set(['limit', 'offset', 'marker', 'sort', 'sort_key', 'sort_dir', 'all_tenants'])

export interface SortRules {
  keys: readonly string[]
  /** what null counts as, for columns that may be null */
  nullAs?: Record<string, string | number>
  /** names of the API that columns are not called by */
  alias?: Record<string, string>
}

/** Reads the paging part of the query; the rest are filters. */
export function readListQuery(ctx: Context, query: RawQuery, rules: SortRules): ListQuery {
  const limit = limitOf(query)
  const offset = offsetOf(query)
  const counts = ctx.microversion.atLeast('3.45')
  const count = one(query, 'with_count')
  return {
    limit: Math.min(limit ?? ctx.config.maxPageSize, ctx.config.maxPageSize),
    offset: offset ?? 0,
    marker: one(query, 'marker'),
    sorts: sortsOf(query, rules),
    allTenants: one(query, 'all_tenants'),
    withCount: counts && count !== undefined && booleanParam('with_count', count),
    filters: new Map(
      Object.keys(query).flatMap((name) =>
        reserved.has(name) || (counts && name === 'with_count') ? [] : [[name, one(query, name) ?? '']],
      ),
    ),
  }
}

/** A switch in the query of a call that is no list. */
export const isTrue = (name: string, value: string | undefined): boolean => value !== undefined && booleanParam(name, value)

function limitOf(query: RawQuery): number | undefined {
  const value = one(query, 'limit')
  if (value === undefined) return undefined
  if (!/^[+-]?\d+$/.test(value.trim())) throw badRequest('limit param must be an integer')
  if (value.trim().startsWith('-') && Number(value) !== 0) throw badRequest('limit param must be positive')
  return Math.min(Number(value), 2_147_483_647)
}

function offsetOf(query: RawQuery): number | undefined {
  const value = one(query, 'offset')
  if (value === undefined) return undefined
  if (!/^[+-]?\d+$/.test(value.trim())) throw badRequest('offset must be an integer')
  if (Number(value) < 0) throw badRequest('offset must be >= 0')
  if (Number(value) > 2_147_483_647) throw badRequest('offset must be <= 2147483647')
  return Number(value)
}

function sortPairs(query: RawQuery, defaultKey: string): [string, string][] {
  const modern = one(query, 'sort')
  const [key, direction] = [one(query, 'sort_key'), one(query, 'sort_dir')]
  if (modern !== undefined && (key !== undefined || direction !== undefined))
    throw badRequest('The "sort_key" and "sort_dir" parameters are deprecated and cannot be used with the "sort" parameter.')
  return modern === undefined ? [[(key ?? defaultKey).trim(), (direction ?? 'desc').trim()]] : modern.trim().split(',').map(keyAndDirection)
}

function sortsOf(query: RawQuery, { keys, nullAs = {}, alias = {} }: SortRules): Sort[] {
  const pairs = sortPairs(query, 'created_at')
  const sorts = pairs.map(([name, way]): Sort => {
    if (way !== 'asc' && way !== 'desc') throw badRequest("Invalid input received: Unknown sort direction, must be 'desc' or 'asc'.")
    if (!keys.includes(name)) throw badRequest(`Invalid input received: Invalid sort key`)
    const column = alias[name] ?? name
    const nulls = nullAs[column]
    return { column, direction: way, ...defined({ nullAs: nulls }) }
  })
  for (const column of ['created_at', 'id']) {
    if (!sorts.some((sort) => sort.column === column)) sorts.push({ column, direction: sorts[0]?.direction ?? 'desc' })
  }
  return sorts
}

interface PlainPage {
  limit: number | undefined
  offset: number
  marker: string | undefined
  sorts: { key: string; direction: 'asc' | 'desc' }[]
}

/** The paging part alone, of lists that are no rows. */
export function readPage(query: RawQuery, { keys, defaultKey }: { keys: readonly string[]; defaultKey: string }): PlainPage {
  const sorts = sortPairs(query, defaultKey)
  const [strange, odd] = [sorts.filter(([key]) => !keys.includes(key)), sorts.filter(([, way]) => way !== 'asc' && way !== 'desc')]
  if (strange.length > 0) throw badRequest(`Invalid sort keys passed: ${strange.map(([key]) => key).join(', ')}`)
  if (odd.length > 0) throw badRequest(`Invalid sort dirs passed: ${odd.map(([, way]) => way).join(', ')}`)
  return {
    limit: limitOf(query),
    offset: offsetOf(query) ?? 0,
    marker: one(query, 'marker'),
    sorts: sorts.map(([key, way]) => ({ key, direction: way as 'asc' | 'desc' })),
  }
}

/** 'name:asc'; without a direction it is the default one. */
function keyAndDirection(part: string): [string, string] {
  const at = part.indexOf(':')
  const direction = at === -1 ? '' : part.slice(at + 1)
  return [(at === -1 ? part : part.slice(0, at)).trim(), direction === '' ? 'desc' : direction.trim()]
}

interface Listed<Row> {
  /** the member of the answer, and what the link to the next page is called where that differs */
  key: string
  links?: string
  sorts: SortRules
  list(ctx: Context, query: ListQuery): Promise<Row[] | { rows: Row[]; count: number | undefined }>
}

/** A row, or what holds it with more that is shown. */
type Shown = { id: string } | { row: { id: string } }
const rowOf = (shown: Shown): { id: string } => ('row' in shown ? shown.row : shown)

/** The operation that answers with a page of rows as the view shows them; `path` is below the resource's own. */
export const listOf = <Row extends Shown>(
  of: DeclaredResource,
  { key, links = key, sorts, list }: Listed<Row>,
  view: (ctx: Context, row: Row) => object,
  { path = '', ...own }: { path?: string; summary?: string } = {},
): Operation =>
  of.beside(path, {
    ...own,
    query: listQuery,
    async handler(ctx, request) {
      const query = readListQuery(ctx, request.query, sorts)
      const found = await list(ctx, query)
      const { rows, count } = Array.isArray(found) ? { rows: found, count: undefined } : found
      const next = nextLink(ctx, links, {
        url: request.url,
        limit: query.limit,
        rows: rows.map(rowOf),
      })
      return { [key]: rows.map((row) => view(ctx, row)), ...next, ...defined({ count }) }
    },
  })

/** Cinder's next page begins after its marker, whatever the offset of this one was. */
export const nextLink = (ctx: Context, collection: string, end: PageEnd) =>
  nextLinks(ctx, collection, { ...end, parameters: { offset: undefined } })

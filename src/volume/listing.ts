// What every list of this service is asked with, and how its filters are read: which are known, booleans, comparisons
// with times, values as Python prints them.
import { lenientBoolean, strictBoolean } from '../platform/api/words.ts'
import type { Context } from '../platform/context.ts'
import { badRequest } from '../platform/errors.ts'
import type { PageRequest, Sort } from '../platform/store/page.ts'
import { table } from '../platform/table.ts'
import { readLiteral, type Literal } from './python-literal.ts'
import type { ColumnFilter, FilterValue } from './store/filters.ts'

export interface ListQuery {
  limit: number
  offset: number
  marker: string | undefined
  sorts: Sort[]
  /** as it was written; lists read it in their own ways */
  allTenants: string | undefined
  withCount: boolean
  filters: Map<string, string>
}

/** The page that a query asks for; `markerGet` finds the row that it comes after, or says that there is none. */
export async function pageOf(
  { sorts, limit, offset, marker }: ListQuery,
  markerGet: (id: string) => Promise<object>,
): Promise<PageRequest> {
  return { sorts, limit, offset, after: marker === undefined ? undefined : { ...(await markerGet(marker)) } }
}

/** A boolean in a query: what is none is refused. */
export const booleanParam = (name: string, value: string): boolean =>
  strictBoolean(value, (word) => `Value '${String(word)}' for '${name}' is not a boolean.`)

const operators = { gt: '>', gte: '>=', lt: '<', lte: '<=', eq: '=', neq: '!=' } as const
const isOperator = (word: string): word is keyof typeof operators => Object.hasOwn(operators, word)
const isoTime = /^(\d{4}(?:-\d\d(?:-\d\d)?)?)(?:[T ](\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?)(Z|[+-]\d\d(?::?\d\d)?)?)?$/

/** Milliseconds, or NaN. Without a zone it is UTC. */
function timeMs(text: string): number {
  const [, day, clock, zone = 'Z'] = isoTime.exec(text) ?? []
  if (clock === undefined) return day === undefined ? Number.NaN : Date.parse(day)
  return Date.parse(
    `${day}T${clock.replace(',', '.')}${zone.replace(/^([+-]\d\d):?(\d\d)?$/, (_all, hours: string, minutes = '00') => `${hours}:${minutes as string}`)}`,
  )
}

/** `created_at=gt:2020-01-01T00:00:00,lt:2030-01-01` since 3.60: all of these, an operator before each. */
export function readTimes(column: string, text: string): ColumnFilter[] {
  return text.split(',').map((part): ColumnFilter => {
    const [operator = '', ...rest] = part.split(':')
    const time = rest.join(':')
    if (!isOperator(operator)) throw badRequest(`Invalid ${operator} operator`)
    const atMs = timeMs(time)
    if (Number.isNaN(atMs)) throw badRequest(`Invalid ${time} value`)
    return { column, comparison: operators[operator], value: new Date(atMs).toISOString() }
  })
}

/** What a filter on a column of text asks for: a text, None, or one of several. */
export const textFilter = (column: string, value: string): ColumnFilter => ({
  column,
  comparison: '=',
  value: valueOf(readLiteral(value), value),
})

/** The same of a column of numbers; what is no number is nobody's. */
export function numberFilter(column: string, value: string): ColumnFilter {
  const asked = valueOf(readLiteral(value), value)
  const numbers = [asked]
    .flat()
    .flatMap((each) => (each !== null && String(each).trim() !== '' && Number.isSafeInteger(Number(each)) ? [Number(each)] : []))
  return { column, comparison: '=', value: asked === null ? null : numbers }
}

function valueOf(literal: Literal | undefined, text: string): FilterValue | FilterValue[] | null {
  if (literal === null) return null
  if (Array.isArray(literal)) return literal.filter((each) => typeof each === 'string' || typeof each === 'number')
  return typeof literal === 'string' ? literal : text
}

/** Since 3.31 a filter that is not known is refused; before, it is ignored. An admin may filter by anything. */
export function knownFilters(
  ctx: Context,
  { filters }: ListQuery,
  { resource, before = [], since = '3.31' }: { resource: string; before?: readonly string[]; since?: string },
): Map<string, string> {
  for (const name of filters.keys()) if (!/^\p{ASCII}*$/u.test(name)) throw badRequest('Filter keys can only contain ASCII characters.')
  if (ctx.isAdmin) return filters
  if (!ctx.microversion.atLeast(since)) return new Map([...filters].filter(([name]) => before.includes(name)))
  const known = resourceFilters[resource] ?? []
  const like = ctx.microversion.atLeast('3.34')
  const unknown = [...filters.keys()].filter(
    (name) => !known.includes(name) && !(like && name.endsWith('~') && known.includes(name.slice(0, -1))),
  )
  if (unknown.length > 0) throw badRequest(`Invalid filters ${unknown.join(',')} are found in query options.`)
  return filters
}

export interface PlainFilters {
  resource: string
  /** what members could filter by before 3.31 */
  before?: readonly string[]
  /** columns that are compared as they are */
  columns: readonly string[]
  /** names of the API that columns are not called by */
  alias?: Record<string, string>
}

/** The filters of a list that compares columns and nothing else. */
export function plainFilters(ctx: Context, query: ListQuery, { columns, alias = {}, ...known }: PlainFilters): ColumnFilter[] {
  return [...knownFilters(ctx, query, known)].map(([name, value]): ColumnFilter => {
    const like = name.endsWith('~')
    const asked = like ? name.slice(0, -1) : name
    const column = Object.hasOwn(alias, asked) ? (alias[asked] ?? asked) : asked
    return columns.includes(column) ? { column, comparison: like ? 'like' : '=', value } : nothing
  })
}

/** The project of a list; undefined: every project's, for an admin who gives all_tenants with any word but a no. */
export const projectOf = (ctx: Context, { allTenants }: ListQuery): string | undefined =>
  ctx.isAdmin && allTenants !== undefined && lenientBoolean(allTenants, true) ? undefined : ctx.projectId

/** Nothing is found: a filter that no row can pass. */
export const nothing: ColumnFilter = { column: 'id', comparison: '=', value: [] }

/** The filters that each list knows: GET /resource_filters. */
export const resourceFilters: Record<string, string[]> = table({
  volume: [
    'name',
    'status',
    'metadata',
    'bootable',
    'migration_status',
    'availability_zone',
    'group_id',
    'size',
    'created_at',
    'updated_at',
    'consumes_quota',
  ],
  backup: ['name', 'status', 'volume_id'],
  snapshot: ['name', 'status', 'volume_id', 'metadata', 'availability_zone', 'consumes_quota'],
  group: ['name'],
  group_snapshot: ['name', 'status', 'group_id'],
  attachment: ['volume_id', 'status', 'instance_id', 'attach_status'],
  message: ['resource_uuid', 'resource_type', 'event_id', 'request_id', 'message_level'],
  pool: ['name', 'volume_type'],
  volume_type: ['is_public', 'extra_specs'],
})

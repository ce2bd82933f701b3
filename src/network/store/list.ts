// Lists of any table by filters, sorting and keyset pages, as one statement. What may be filtered and sorted, and how,
// is data: a ListShape beside each table's SQL.
import { sql, type RawBuilder } from 'kysely'
import { isoSeconds } from '../../platform/clock.ts'
import { momentsOf } from '../../platform/api/shown-time.ts'
import { readBoolean } from '../../platform/api/words.ts'
import { eachOnce, keyset, sortedBy, type Sort } from '../../platform/store/page.ts'
import type { Db } from '../../platform/store/store.ts'
import { table } from '../../platform/table.ts'

export type Condition = RawBuilder<boolean>

export interface ListColumn {
  column: string
  kind: 'text' | 'boolean' | 'integer'
  /** 64 bits wide */
  wide?: boolean
  /** null sorts as '' or -1 */
  nullable?: boolean
  /** cannot be sorted by */
  unsorted?: boolean
}

export interface ListShape {
  table: string
  /** more to select than the table's own columns, as SQL */
  extra?: RawBuilder<unknown>
  columns: Record<string, ListColumn>
  /** the rows that a project may see: its own and those shared with it */
  visible(projectId: string): Condition
  /**
   * The ids of the first visible rows in the order of ids, as selects of which each reads no more than the page from an
   * index. "Own or on an own network" alone has no index: all rows would be read and sorted for each page.
   */
  firstVisible?(db: Db, projectId: string, page: IdPage): RawBuilder<unknown>[]
  /** those of the special ones that are answered with yes or no */
  booleans?: string[]
  /** filters that are more than a column's value */
  special?: Record<string, (db: Db, values: string[], projectId: string | null) => Condition>
}

/** A page by ids alone. */
export interface IdPage {
  /** ids that come before it are left out */
  from(column: string): Condition
  direction: RawBuilder<unknown>
  limit: number
}

export interface ListRequest {
  filters: Map<string, string[]>
  sorts: { key: string; direction: 'asc' | 'desc' }[]
  limit: number
  /** the page begins after this row (before it, when reversed) */
  after?: Record<string, unknown> | undefined
  reverse?: boolean
  /** the project whose rows and shared rows are to be seen; null: all rows */
  visibleTo: string | null
  projectId: string | null
}

const text = (column: string): ListColumn => ({ column, kind: 'text' })

/** The columns that every resource with standard attributes has. */
export const standardColumns: Record<string, ListColumn> = table({
  id: text('id'),
  name: text('name'),
  project_id: text('project_id'),
  description: text('description'),
  created_at: text('created_at'),
  updated_at: text('updated_at'),
  revision_number: { column: 'revision_number', kind: 'integer' },
})

const jsonText = (value: string) => JSON.stringify(value)

/** Whether the JSON list in `tags` holds the tag: exact and case-sensitive on both engines. */
const hasTag = (table: string, tag: string): Condition => {
  const column = sql.ref(`${table}.tags`)
  return sql<boolean>`(replace(${column}, ${`[${jsonText(tag)}`}, '') <> ${column} or replace(${column}, ${`,${jsonText(tag)}`}, '') <> ${column})`
}

const split = (values: string[]) => values.flatMap((value) => value.split(',')).filter((tag) => tag !== '' && !tag.includes('\u0000'))

/** Filters of every table with standard attributes: changed_since, and four of tags (all of, any of, and their opposites). */
export const standardFilters = (table: string): NonNullable<ListShape['special']> => {
  const allOf = (values: string[]) =>
    sql<boolean>`(${sql.join([sql`1 = 1`, ...split(values).map((tag) => hasTag(table, tag))], sql` and `)})`
  const anyOf = (values: string[]) =>
    sql<boolean>`(${sql.join([sql`1 = 0`, ...split(values).map((tag) => hasTag(table, tag))], sql` or `)})`
  return {
    // what cannot be a time was refused (api/query.ts)
    changed_since: (_db, values) =>
      sql<boolean>`${sql.ref(`${table}.updated_at`)} >= ${isoSeconds(momentsOf(values[0] ?? '')?.firstMs ?? 0)}`,
    tags: (_db, values) => allOf(values),
    'tags-any': (_db, values) => anyOf(values),
    'not-tags': (_db, values) => sql<boolean>`not ${allOf(values)}`,
    'not-tags-any': (_db, values) => sql<boolean>`not ${anyOf(values)}`,
  }
}

export const filterNames = (shape: Pick<ListShape, 'columns' | 'special'>): Set<string> =>
  new Set([...Object.keys(shape.columns), ...Object.keys(shape.special ?? {})])
export const sortNames = (shape: Pick<ListShape, 'columns'>): Set<string> =>
  new Set(Object.entries(shape.columns).flatMap(([name, column]) => (column.unsorted ? [] : [name])))

/** The rows that a request asks for; a page that was asked for backwards comes in the usual order. */
export async function rowsList<Row>(db: Db, shape: ListShape, request: ListRequest): Promise<Row[]> {
  const sorts = sortsOf(shape, request)
  const conditions: Condition[] = visibility(db, shape, request)
  for (const [name, values] of request.filters) {
    const column = shape.columns[name]
    const special = shape.special?.[name]
    if (special) conditions.push(special(db, values, request.projectId))
    else if (column) conditions.push(equalsAny(shape.table, column, values))
  }
  if (request.after) conditions.push(keyset(sorts, request.after))
  const where = conditions.length === 0 ? sql`` : sql`where ${sql.join(conditions, sql` and `)}`
  const order = sql.join(sorts.map((sort) => sql`${sortedBy(sort)} ${sql.raw(sort.direction)}`))
  const extra = shape.extra ? sql`, ${shape.extra}` : sql``
  const table = sql.table(shape.table)
  const query = sql<Row>`select ${sql.ref(shape.table)}.*${extra} from ${table} ${where} order by ${order} limit ${request.limit}`
  const { rows } = await query.execute(db.as<never>())
  return request.reverse ? rows.reverse() : rows
}

function visibility(db: Db, shape: ListShape, request: ListRequest): Condition[] {
  const { visibleTo, filters, sorts, limit } = request
  if (visibleTo === null) return []
  const owners = filters.get('project_id')
  if (shape.columns['project_id'] && owners?.length === 1 && owners[0] === visibleTo) return [] // what the filter leaves is all its own
  if (!shape.firstVisible || filters.size > 0 || sorts.some(({ key }) => key !== 'id')) return [shape.visible(visibleTo)]
  const [{ direction }] = sortsOf(shape, request) as [Sort]
  const after = request.after?.['id']
  const from = (column: string) =>
    after === undefined ? sql<boolean>`1 = 1` : sql<boolean>`${sql.ref(column)} ${sql.raw(direction === 'asc' ? '>' : '<')} ${after}`
  const ids = shape.firstVisible(db, visibleTo, { from, direction: sql.raw(direction), limit })
  return [
    sql<boolean>`${sql.ref(`${shape.table}.id`)} in (${sql.join(
      ids.map((part) => sql`select id from (${part}) as part`),
      sql` union `,
    )})`,
  ]
}

/** What was asked for, then the id, which makes it total; all turned round for a page backwards. */
function sortsOf(shape: ListShape, request: ListRequest): Sort[] {
  const asked = request.sorts.flatMap(({ key, direction }): Sort[] => {
    const known = shape.columns[key]
    return known ? [{ column: `${shape.table}.${known.column}`, direction, ...nulls(known) }] : []
  })
  const sorts = eachOnce(asked, ({ column }) => column)
  const id = `${shape.table}.${(shape.columns['id'] ?? text('id')).column}`
  if (!sorts.some(({ column }) => column === id)) sorts.push({ column: id, direction: sorts.at(-1)?.direction ?? 'asc' })
  return request.reverse ? sorts.map((sort) => ({ ...sort, direction: sort.direction === 'asc' ? 'desc' : 'asc' })) : sorts
}

const nulls = ({ kind, nullable }: ListColumn) => (nullable ? { nullAs: kind === 'text' ? '' : -1 } : {})

/** Compares texts without regard to case, as MySQL does under Neutron; ids exactly, because they have an index. */
function equalsAny(table: string, column: ListColumn, values: string[]): Condition {
  const ref = sql.ref(`${table}.${column.column}`)
  const wanted = values.flatMap((value) => convert(column, value))
  if (wanted.length === 0) return sql<boolean>`1 = 0`
  const isExact = column.kind !== 'text' || /(^|_)id$/.test(column.column) || column.column === 'binding_host'
  const equals = (value: string | number) => (isExact ? sql`${ref} = ${value}` : sql`lower(${ref}) = lower(${value})`)
  const alternatives = wanted.map((value) => (value === null ? sql`${ref} is null` : equals(value)))
  return sql<boolean>`(${sql.join(alternatives, sql` or `)})`
}

const largestInteger = 0x7fffffff

/** A filter's text as the column holds it; nothing when no row can have such a value. */
function convert(column: ListColumn, value: string): (string | number | null)[] {
  // no row can hold it, and PostgreSQL would not even take it as a question
  if (value.includes('\u0000')) return []
  if (column.nullable && (value === 'None' || value === 'null')) return [null]
  if (column.column.endsWith('_at')) {
    // as it is shown, or in another spelling of the same second
    const moment = momentsOf(value)
    return moment === null ? [] : [isoSeconds(moment.firstMs)]
  }
  if (column.kind === 'text') return [value]
  if (column.kind === 'boolean') {
    const read = readBoolean(value)
    return read === null ? [] : [read ? 1 : 0]
  }
  const number = /^-?\d{1,15}$/.test(value) ? Number(value) : Number.NaN
  return Math.abs(number) <= (column.wide ? Number.MAX_SAFE_INTEGER : largestInteger) ? [number] : []
}

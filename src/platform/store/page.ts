// Keyset pages: "after this row" by the sorted columns, so that a page costs the same at 100 and at 100,000 rows.
// The columns must be not null (or say what null counts as) and the last one unique (the id).
import { sql, type RawBuilder, type SelectQueryBuilder } from 'kysely'

export interface Sort {
  column: string
  direction: 'asc' | 'desc'
  /** for a column that may be null: what null counts as ('' or -1) */
  nullAs?: string | number
}

export interface PageRequest {
  sorts: Sort[]
  limit: number
  /** the sorted columns' values of the row that the page comes after */
  after?: Record<string, unknown> | undefined
  /** rows to pass over, for lists that still page so; costs what it passes over */
  offset?: number | undefined
}

/** Adds order, limit and the keyset condition. One direction for all: a row-value comparison, which both engines answer from an index. */
export function page<DB, TB extends keyof DB, O>(
  query: SelectQueryBuilder<DB, TB, O>,
  request: PageRequest,
): SelectQueryBuilder<DB, TB, O> {
  let result = query
  const { after } = request
  const sorts = eachOnce(request.sorts, ({ column }) => column)
  if (after) result = result.where(keyset(sorts, after))
  for (const sort of sorts) result = result.orderBy(sortedBy(sort), sort.direction)
  return request.offset ? result.limit(request.limit).offset(request.offset) : result.limit(request.limit)
}

/** Sorted by a column already, the same column says nothing more: a thousand repetitions in a query become no thousand terms (F15). */
export function eachOnce<S>(sorts: S[], columnOf: (sort: S) => string): S[] {
  const seen = new Set<string>()
  return sorts.filter((sort) => !seen.has(columnOf(sort)) && seen.add(columnOf(sort)))
}

export const sortedBy = ({ column, nullAs }: Sort) =>
  nullAs === undefined ? sql.ref(column) : sql`coalesce(${sql.ref(column)}, ${sql.lit(nullAs)})`

/** "After this row": a comparison of rows where all directions are one, else one alternative per sorted column. */
export function keyset(sorts: Sort[], after: Record<string, unknown>): RawBuilder<boolean> {
  const value = (sort: Sort) => sql`${after[sort.column.split('.').pop() ?? sort.column] ?? sort.nullAs ?? null}`
  const [first] = sorts
  if (first && sorts.every((sort) => sort.direction === first.direction)) {
    const columns = sql.join(sorts.map(sortedBy))
    const values = sql.join(sorts.map(value))
    return first.direction === 'asc' ? sql<boolean>`(${columns}) > (${values})` : sql<boolean>`(${columns}) < (${values})`
  }
  const alternatives = sorts.map((sort, index) => {
    const equal = sorts.slice(0, index).map((earlier) => sql`${sortedBy(earlier)} = ${value(earlier)}`)
    const beyond = sort.direction === 'asc' ? sql`${sortedBy(sort)} > ${value(sort)}` : sql`${sortedBy(sort)} < ${value(sort)}`
    return sql`(${sql.join([...equal, beyond], sql` and `)})`
  })
  return sql<boolean>`(${sql.join(alternatives, sql` or `)})`
}

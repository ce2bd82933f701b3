// Keyset pages: "after this row" by the sorted columns, so that a page costs the same at 100 and at 100,000 rows.
// The columns must be not null and the last one unique (the id).
import { sql, type SelectQueryBuilder } from 'kysely'

export interface Sort {
  column: string
  direction: 'asc' | 'desc'
}

export interface PageRequest {
  sorts: Sort[]
  limit: number
  /** the sorted columns' values of the row that the page comes after */
  after?: Record<string, unknown> | undefined
}

/** Adds order, limit and the keyset condition. One direction for all: a row-value comparison, which both engines answer from an index. */
export function page<DB, TB extends keyof DB, O>(query: SelectQueryBuilder<DB, TB, O>, request: PageRequest): SelectQueryBuilder<DB, TB, O> {
  let result = query
  const { sorts, after } = request
  if (after) result = result.where(keysetCondition(sorts, after))
  for (const sort of sorts) result = result.orderBy(sql.ref(sort.column), sort.direction)
  return result.limit(request.limit)
}

function keysetCondition(sorts: Sort[], after: Record<string, unknown>) {
  const value = (sort: Sort) => sql`${after[sort.column.split('.').pop() ?? sort.column]}`
  const [first] = sorts
  if (first && sorts.every((sort) => sort.direction === first.direction)) {
    const columns = sql.join(sorts.map((sort) => sql.ref(sort.column)))
    const values = sql.join(sorts.map(value))
    return first.direction === 'asc' ? sql<boolean>`(${columns}) > (${values})` : sql<boolean>`(${columns}) < (${values})`
  }
  const alternatives = sorts.map((sort, index) => {
    const equal = sorts.slice(0, index).map((earlier) => sql`${sql.ref(earlier.column)} = ${value(earlier)}`)
    const beyond = sort.direction === 'asc' ? sql`${sql.ref(sort.column)} > ${value(sort)}` : sql`${sql.ref(sort.column)} < ${value(sort)}`
    return sql`(${sql.join([...equal, beyond], sql` and `)})`
  })
  return sql<boolean>`(${sql.join(alternatives, sql` or `)})`
}

// A stretch of names in the order of their bytes, and how a query reads it: one seek into the index, then row after row.
import type { OrderByDirection } from 'kysely'

export interface NameRange {
  /** from this name on */
  from?: string
  /** behind this name */
  after?: string
  /** up to this name, which is not in it */
  before?: string
  /** from its end to its beginning */
  reverse: boolean
  limit: number
}

interface Bounded {
  where(column: string, operator: '>=' | '>' | '<', value: unknown): Bounded
  orderBy(column: string, direction: OrderByDirection): Bounded
  limit(limit: number): Bounded
}

/** Of `from` and `after` one at most: with two the engine would seek to the one and read its way to the other. */
export function inRange<Query>(query: Query, { from, after, before, reverse, limit }: NameRange): Query {
  // all tables with a `name` are asked so, and no type of Kysely's says it
  let result = query as unknown as Bounded
  if (from !== undefined) result = result.where('name', '>=', from)
  if (after !== undefined) result = result.where('name', '>', after)
  if (before !== undefined) result = result.where('name', '<', before)
  return result.orderBy('name', reverse ? 'desc' : 'asc').limit(limit) as unknown as Query
}

// A stretch of names in the order of their bytes, as a condition that the engine answers by one seek into the index.
import { sql, type RawBuilder } from 'kysely'

export interface Bounds {
  /** from this name on */
  from?: string
  /** behind this name */
  after?: string
  /** up to this name, which is not in it */
  before?: string
}

export interface NameRange extends Bounds {
  /** from its end to its beginning */
  reverse: boolean
  limit: number
}

/** Of `from` and `after` one at most: with two the engine would seek to the one and read its way to the other. */
export function inRange({ from, after, before }: Bounds): RawBuilder<boolean> {
  const conditions = [
    ...(from === undefined ? [] : [sql`name >= ${from}`]),
    ...(after === undefined ? [] : [sql`name > ${after}`]),
    ...(before === undefined ? [] : [sql`name < ${before}`]),
  ]
  return conditions.length === 0 ? sql<boolean>`1 = 1` : sql<boolean>`${sql.join(conditions, sql` and `)}`
}

export const directionOf = ({ reverse }: NameRange): 'asc' | 'desc' => (reverse ? 'desc' : 'asc')

/** Of a range only its ends. */
export const boundsOf = ({ from, after, before }: Bounds): Bounds => ({
  ...(from === undefined ? {} : { from }),
  ...(after === undefined ? {} : { after }),
  ...(before === undefined ? {} : { before }),
})

// The SQL that all of identity's tables share: by id, by equal columns, insert, change, delete. Rows are decoded here and nowhere
// else: what is 0 or 1 in the table is a boolean outside, what is JSON there a value. What one table needs beyond that stands in
// its own file beside this one.
import type { RawBuilder } from 'kysely'
import { idsIn } from '../../platform/store/ids-in.ts'
import type { Db } from '../../platform/store/store.ts'

/** Which columns are not what the table holds. */
export interface Codec<Row> {
  flags?: readonly (keyof Row)[]
  json?: readonly (keyof Row)[]
}

/** Columns that must equal a value, or one of several; undefined asks nothing. */
export type Where<Row> = { [Column in keyof Row]?: Row[Column] | readonly Row[Column][] | undefined }

export interface Table<Row extends object> {
  name: string
  fetch(db: Db, id: string): Promise<Row | undefined>
  first(db: Db, where: Where<Row>): Promise<Row | undefined>
  /** in the order of the key, at most `limit` rows after the one whose key is `after` */
  list(db: Db, where?: Where<Row>, page?: { limit?: number | undefined; after?: string | undefined }): Promise<Row[]>
  /** the rows of these ids, in no order */
  many(db: Db, ids: readonly string[]): Promise<Row[]>
  insert(db: Db, row: Row): Promise<unknown>
  /** an existing equal row is left alone */
  insertMissing(db: Db, row: Row): Promise<unknown>
  update(db: Db, where: Where<Row>, change: Partial<Row>): Promise<unknown>
  remove(db: Db, where: Where<Row>): Promise<number>
}

type Tables = Record<string, Record<string, unknown>>

/** A query that takes conditions, of whatever kind. */
interface Matching {
  where(column: string, operator: 'is' | '=', value: unknown): Matching
  where(condition: RawBuilder<boolean>): Matching
}

/** The query with a condition for each column that something is asked of. */
function matching<Query extends Matching>(db: Db, query: Query, where: Record<string, unknown>): Query {
  let result: Matching = query
  for (const [column, value] of Object.entries(where)) {
    if (value === undefined) continue
    if (Array.isArray(value)) result = result.where(idsIn(db, column, value as string[]))
    else result = result.where(column, value === null ? 'is' : '=', value)
  }
  return result as Query
}

/** The table's door; `order` is the column that lists are sorted by, unique in the table. */
export function table<Row extends object>(name: string, order: keyof Row & string, codec: Codec<Row> = {}): Table<Row> {
  const q = (db: Db) => db.as<Tables>()
  const { encode, decode } = coder(codec)
  const select = (db: Db, where: object) => matching(db, q(db).selectFrom(name).selectAll(), encode(where))
  const one = (row: Record<string, unknown> | undefined) => row && decode(row)
  return {
    name,
    fetch: async (db, id) => one(await select(db, { id }).executeTakeFirst()),
    first: async (db, where) => one(await select(db, where).orderBy(order).limit(1).executeTakeFirst()),
    async list(db, where = {}, { limit, after } = {}) {
      let query = select(db, where).orderBy(order)
      if (after !== undefined) query = query.where(order, '>', after as never)
      if (limit !== undefined) query = query.limit(limit)
      return (await query.execute()).map(decode)
    },
    many: async (db, ids) => (await select(db, { id: ids }).execute()).map(decode),
    insert: (db, row) => q(db).insertInto(name).values(encode(row)).execute(),
    insertMissing: (db, row) =>
      q(db)
        .insertInto(name)
        .values(encode(row))
        .onConflict((c) => c.doNothing())
        .execute(),
    update: (db, where, change) => matching(db, q(db).updateTable(name).set(encode(change)), encode(where)).execute(),
    async remove(db, where) {
      const result = await matching(db, q(db).deleteFrom(name), encode(where)).executeTakeFirst()
      return Number(result.numDeletedRows)
    },
  }
}

/** Between what the table holds and what its rows are outside. */
function coder<Row extends object>(codec: Codec<Row>) {
  const [flags, json] = [(codec.flags ?? []).map(String), (codec.json ?? []).map(String)]
  const bit = (value: unknown) => (typeof value === 'boolean' ? Number(value) : value)
  const text = (value: unknown) => (value === null || value === undefined ? value : JSON.stringify(value))
  return {
    encode: (outside: object): Record<string, unknown> =>
      Object.fromEntries(
        Object.entries(outside).map(([column, value]) => [
          column,
          flags.includes(column) ? bit(value) : json.includes(column) ? text(value) : value,
        ]),
      ),
    decode(row: Record<string, unknown>): Row {
      for (const column of flags) row[column] = row[column] === 1
      for (const column of json) {
        const value = row[column]
        if (typeof value === 'string') row[column] = value === '{}' ? {} : (JSON.parse(value) as unknown)
      }
      return row as Row
    },
  }
}

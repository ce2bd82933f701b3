// The SQL that all of identity's tables share: by id, by equal columns, insert, change, delete. What one table
// needs beyond that stands in its own file beside this one.
import type { Db } from '../../platform/store/store.ts'

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
type Condition = [column: string, operator: 'in' | 'is' | '=', value: unknown]

const idsAtOnce = 500

function conditions(where: object): Condition[] {
  return Object.entries(where)
    .filter(([, value]) => value !== undefined)
    .map(([column, value]): Condition => {
      if (Array.isArray(value)) return [column, 'in', value]
      return value === null ? [column, 'is', null] : [column, '=', value]
    })
}

/** The table's door; `order` is the column that lists are sorted by, unique in the table. */
export function table<Row extends object>(name: string, order: keyof Row & string): Table<Row> {
  const q = (db: Db) => db.as<Tables>()
  const select = (db: Db, where: object) => {
    let query = q(db).selectFrom(name).selectAll()
    for (const [column, operator, value] of conditions(where)) query = query.where(column, operator, value as never)
    return query
  }
  const rows = (answer: Promise<unknown>) => answer as Promise<Row[]>
  return {
    name,
    fetch: (db, id) => select(db, { id }).executeTakeFirst() as Promise<Row | undefined>,
    first: (db, where) => select(db, where).orderBy(order).limit(1).executeTakeFirst() as Promise<Row | undefined>,
    list(db, where = {}, { limit, after } = {}) {
      let query = select(db, where).orderBy(order)
      if (after !== undefined) query = query.where(order, '>', after as never)
      if (limit !== undefined) query = query.limit(limit)
      return rows(query.execute())
    },
    async many(db, ids) {
      const unique = [...new Set(ids)]
      const found: Row[] = []
      for (let at = 0; at < unique.length; at += idsAtOnce) {
        found.push(...(await rows(select(db, { id: unique.slice(at, at + idsAtOnce) }).execute())))
      }
      return found
    },
    insert: (db, row) =>
      q(db)
        .insertInto(name)
        .values(row as never)
        .execute(),
    insertMissing: (db, row) =>
      q(db)
        .insertInto(name)
        .values(row as never)
        .onConflict((c) => c.doNothing())
        .execute(),
    update(db, where, change) {
      let query = q(db)
        .updateTable(name)
        .set(change as never)
      for (const [column, operator, value] of conditions(where)) query = query.where(column, operator, value as never)
      return query.execute()
    },
    async remove(db, where) {
      let query = q(db).deleteFrom(name)
      for (const [column, operator, value] of conditions(where)) query = query.where(column, operator, value as never)
      const result = await query.executeTakeFirst()
      return Number(result.numDeletedRows)
    },
  }
}

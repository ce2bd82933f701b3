// What is asked of any table: a row by its id or by equal columns, lists, insert, change, delete. Each statement is compiled once for
// each set of columns that it is asked by. What one table needs beyond that stands in its store file as statements of its own.
import type { DeleteResult, InsertResult, UpdateResult } from 'kysely'
import { assert } from '../errors.ts'
import { idList, inList } from './ids-in.ts'
import { shapedStatement, statement } from './statement.ts'
import type { Db } from './store.ts'

/** Columns that equal a value, or one of several texts; null is null, undefined asks nothing. */
export type Where<Row> = {
  [Column in keyof Row]?: Row[Column] | (NonNullable<Row[Column]> extends string ? readonly Row[Column][] : never) | undefined
}

export interface Page {
  limit?: number | undefined
  /** the page begins after the row whose order column holds this */
  after?: string | undefined
}

export interface Rows<Row extends object> {
  name: string
  fetch(db: Db, id: string): Promise<Row | undefined>
  /** the first in the table's order */
  first(db: Db, where: Where<Row>): Promise<Row | undefined>
  /** in the table's order */
  list(db: Db, where?: Where<Row>, page?: Page): Promise<Row[]>
  /** those of these ids that are there, in no order */
  many(db: Db, ids: Iterable<string>): Promise<Row[]>
  /** like the others below: how many rows it changed */
  insert(db: Db, row: Row): Promise<number>
  /** an equal row that is there already is left alone */
  insertMissing(db: Db, row: Row): Promise<number>
  insertMany(db: Db, rows: readonly Row[]): Promise<number>
  update(db: Db, where: string | Where<Row>, change: Partial<Row>): Promise<number>
  /** Compare and set: changes the row if it is as `where` says; the row as it is then, or undefined. */
  advance(db: Db, where: Where<Row>, change: Partial<Row>): Promise<Row | undefined>
  delete(db: Db, where: string | Where<Row>): Promise<number>
}

/** Kysely cannot follow a table that is not known yet: here every table has rows of some columns. */
type AnyTable = Record<'rows', Record<string, unknown>>

/** Conditions by kind, so that the names in each are all that the statement's text depends on. */
interface Conditions {
  equal: Record<string, unknown>
  among: Record<string, string>
  none: Record<string, 1>
}

/** Of one statement that inserts; SQLite takes at most 32,766. */
const parametersAtOnce = 30_000

function conditionsOf(where: object): Conditions {
  const found: Conditions = { equal: {}, among: {}, none: {} }
  for (const [column, value] of Object.entries(where)) {
    if (value === undefined) continue
    if (value === null) found.none[column] = 1
    else if (Array.isArray(value)) found.among[column] = idList(value as string[])
    else found.equal[column] = value
  }
  return found
}

interface Matching {
  where(column: string, operator: '=' | 'is', value: unknown): Matching
  where(condition: unknown): Matching
}

function matching<Query>(query: Query, { equal, among, none }: Conditions, db: Db): Query {
  // select, update and delete share `where`, and no type of Kysely
  let result = query as unknown as Matching
  for (const [column, value] of Object.entries(equal)) result = result.where(column, '=', value)
  for (const column of Object.keys(none)) result = result.where(column, 'is', null)
  for (const [column, list] of Object.entries(among)) result = result.where(inList(db, column, list))
  return result as unknown as Query
}

const byId = <Row>(where: string | Where<Row>): object => (typeof where === 'string' ? { id: where } : where)

/** What is undefined asks nothing: a change of every row is never meant. */
function someConditions(where: object, what: string): Conditions {
  const conditions = conditionsOf(where)
  assert(
    Object.values(conditions).some((kind) => Object.keys(kind as object).length > 0),
    `${what} without a condition`,
  )
  return conditions
}

/** The statements of a table, each compiled once for each set of columns. */
function statementsOf<Row extends object>(name: string, order: keyof Row & string) {
  const table = name as 'rows'
  const fetch = statement<AnyTable, { id: string }, Row>((from, { id }) => from.selectFrom(table).selectAll().where('id', '=', id) as never)
  const many = statement<AnyTable, { list: string }, Row>(
    (from, { list }, db) =>
      from
        .selectFrom(table)
        .selectAll()
        .where(inList(db, 'id', list)) as never,
  )
  const select = shapedStatement<AnyTable, Conditions & { after?: string; limit?: number }, Row>((from, { after, limit, ...where }, db) => {
    let query = matching(from.selectFrom(table).selectAll().orderBy(order), where, db)
    if (after !== undefined) query = query.where(order, '>', after as never)
    return (limit === undefined ? query : query.limit(limit)) as never
  })
  const insert = shapedStatement<AnyTable, { row: Row; isMissing: boolean }, InsertResult>((from, { row, isMissing }) => {
    const query = from.insertInto(table).values(row as never)
    return isMissing ? query.onConflict((conflict) => conflict.doNothing()) : query
  })
  const update = shapedStatement<AnyTable, Conditions & { change: Partial<Row> }, UpdateResult>((from, { change, ...where }, db) =>
    matching(from.updateTable(table).set(change as never), where, db),
  )
  // most changes are by id: no conditions to sort out
  const updateOne = shapedStatement<AnyTable, { id: string; change: Partial<Row> }, UpdateResult>((from, { id, change }) =>
    from
      .updateTable(table)
      .set(change as never)
      .where('id', '=', id),
  )
  const advance = shapedStatement<AnyTable, Conditions & { change: Partial<Row> }, Row>(
    (from, { change, ...where }, db) => matching(from.updateTable(table).set(change as never), where, db).returningAll() as never,
  )
  const remove = shapedStatement<AnyTable, Conditions, DeleteResult>((from, where, db) => matching(from.deleteFrom(table), where, db))
  return { fetch, many, select, insert, update, updateOne, advance, remove }
}

/** `rows<VolumeRow>('volumes')`; `order` is the column that lists are sorted by, unique in the table. */
export function rows<Row extends object>(name: string, order: keyof Row & string = 'id' as keyof Row & string): Rows<Row> {
  const { fetch, many, select, insert, update, updateOne, advance, remove } = statementsOf<Row>(name, order)
  return {
    name,
    fetch: (db, id) => fetch.first(db, { id }),
    first: (db, where) => select.first(db, { ...conditionsOf(where), limit: 1 }),
    list: (db, where = {}, { after, limit } = {}) =>
      select.rows(db, { ...conditionsOf(where), ...(after === undefined ? {} : { after }), ...(limit === undefined ? {} : { limit }) }),
    many: (db, ids) => many.rows(db, { list: idList(ids) }),
    insert: (db, row) => insert.change(db, { row, isMissing: false }),
    insertMissing: (db, row) => insert.change(db, { row, isMissing: true }),
    async insertMany(db, list) {
      const atOnce = Math.floor(parametersAtOnce / Math.max(1, Object.keys(list[0] ?? {}).length))
      let inserted = 0
      for (let at = 0; at < list.length; at += atOnce) {
        const part = list.slice(at, at + atOnce) as never
        const result = await db
          .as<AnyTable>()
          .insertInto(name as 'rows')
          .values(part)
          .executeTakeFirst()
        inserted += Number(result.numInsertedOrUpdatedRows ?? 0)
      }
      return inserted
    },
    update: async (db, where, change) =>
      typeof where === 'string'
        ? updateOne.change(db, { id: where, change })
        : update.change(db, { ...someConditions(where, `${name}: an update`), change }),
    advance: async (db, where, change) => advance.first(db, { ...someConditions(where, `${name}: an advance`), change }),
    delete: async (db, where) => remove.change(db, someConditions(byId(where), `${name}: a delete`)),
  }
}

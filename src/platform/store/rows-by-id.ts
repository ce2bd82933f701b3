// What is asked of any table whose rows have an id, in statements that are compiled once.
import type { DeleteResult, InsertResult, UpdateResult } from 'kysely'
import { idList, inList } from './ids-in.ts'
import { shapedStatement, statement } from './statement.ts'
import type { Db } from './store.ts'

export interface RowsById<Row> {
  fetch: (db: Db, id: string) => Promise<Row | undefined>
  /** those that are there, in no order */
  fetchAll: (db: Db, ids: Iterable<string>) => Promise<Row[]>
  /** like the others below: how many rows it changed */
  insert: (db: Db, row: Row) => Promise<number>
  update: (db: Db, id: string, change: Partial<Row>) => Promise<number>
  delete: (db: Db, id: string) => Promise<number>
}

/** Kysely cannot follow a table that is not known yet: here every table has such rows. */
type AnyTable = Record<'rows', { id: string }>

/** `rowsById<VolumeTables, 'volumes'>('volumes')` */
export function rowsById<Tables extends Record<Name, { id: string }>, Name extends string>(name: Name): RowsById<Tables[Name]> {
  type Row = Tables[Name]
  const table = name as string as 'rows'
  const fetch = statement<AnyTable, { id: string }, Row>((from, { id }) => from.selectFrom(table).selectAll().where('id', '=', id) as never)
  const fetchAll = statement<AnyTable, { list: string }, Row>(
    (from, { list }, db) =>
      from
        .selectFrom(table)
        .selectAll()
        .where(inList(db, 'id', list)) as never,
  )
  const insert = shapedStatement<AnyTable, { row: Row }, InsertResult>((from, { row }) => from.insertInto(table).values(row))
  const update = shapedStatement<AnyTable, { id: string; change: Partial<Row> }, UpdateResult>((from, { id, change }) =>
    from.updateTable(table).set(change).where('id', '=', id),
  )
  const remove = statement<AnyTable, { id: string }, DeleteResult>((from, { id }) => from.deleteFrom(table).where('id', '=', id))
  return {
    fetch: (db, id) => fetch.first(db, { id }),
    fetchAll: (db, ids) => fetchAll.rows(db, { list: idList(ids) }),
    insert: (db, row) => insert.change(db, { row }),
    update: (db, id, change) => update.change(db, { id, change }),
    delete: (db, id) => remove.change(db, { id }),
  }
}

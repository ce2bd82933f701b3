// "column in (these ids)" with one parameter whatever their number, so that the statement cache holds one statement
// and not one for each length of list.
import { sql, type RawBuilder } from 'kysely'
import type { Db } from './store.ts'

/** `where(idsIn(db, 'port_id', ids))` */
export const idsIn = (db: Db, column: string, ids: Iterable<string>): RawBuilder<boolean> => inList(db, column, idList(ids))

/** What a statement over a list is given. */
export interface InList {
  /** as idList makes it */
  list: string
}

/** The one parameter; what PostgreSQL cannot hold is no row's id. */
export const idList = (ids: Iterable<string>): string =>
  JSON.stringify([...ids].filter((id) => id.isWellFormed() && !id.includes('\u0000')))

/** `column in (…)`, for whatever is compared with them */
export const idValues = (db: Db, ids: Iterable<string>): RawBuilder<unknown> => listValues(db, idList(ids))

/** The ids of a list as rows with a `value`. */
export const listValues = (db: Db, list: string): RawBuilder<unknown> =>
  db.dialect === 'postgres'
    ? sql`select jsonb_array_elements_text(cast(${list} as jsonb)) as value`
    : sql`select value from json_each(${list})`

/** For a statement that is built once: `list` stands for what `idList` makes. */
export const inList = (db: Db, column: string, list: string): RawBuilder<boolean> =>
  sql<boolean>`${sql.ref(column)} in (${listValues(db, list)})`

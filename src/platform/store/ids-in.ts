// "column in (these ids)" with one parameter whatever their number, so that the statement cache holds one statement
// and not one for each length of list.
import { sql, type RawBuilder } from 'kysely'
import type { Db } from './store.ts'

/** `where(idsIn(db, 'port_id', ids))` */
export function idsIn(db: Db, column: string, ids: Iterable<string>): RawBuilder<boolean> {
  // what PostgreSQL cannot hold is no row's id
  const list = JSON.stringify([...ids].filter((id) => id.isWellFormed() && !id.includes('\u0000')))
  return db.dialect === 'postgres'
    ? sql<boolean>`${sql.ref(column)} in (select jsonb_array_elements_text(cast(${list} as jsonb)))`
    : sql<boolean>`${sql.ref(column)} in (select value from json_each(${list}))`
}

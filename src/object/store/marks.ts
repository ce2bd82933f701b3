// SQL of marks: what workers remember from one run to the next.
import type { DeleteResult, InsertResult } from 'kysely'
import { statement } from '../../platform/store/statement.ts'
import type { Db } from '../../platform/store/store.ts'
import type { MarkRow, ObjectTables } from './tables.ts'

const fetch = statement<ObjectTables, { name: string }, MarkRow>((from, { name }) =>
  from.selectFrom('marks').selectAll().where('name', '=', name),
)
export const markFetch = async (db: Db, name: string): Promise<string | undefined> => (await fetch.first(db, { name }))?.value

const set = statement<ObjectTables, MarkRow, InsertResult>((to, { name, value }) =>
  to
    .insertInto('marks')
    .values({ name, value })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ value })),
)
export const markSet = async (db: Db, name: string, value: string): Promise<void> => void (await set.change(db, { name, value }))

const insertMissing = statement<ObjectTables, MarkRow, InsertResult>((to, { name, value }) =>
  to
    .insertInto('marks')
    .values({ name, value })
    .onConflict((conflict) => conflict.doNothing()),
)
/** What is there already stays. */
export const markInsertMissing = async (db: Db, name: string, value: string): Promise<void> =>
  void (await insertMissing.change(db, { name, value }))

const remove = statement<ObjectTables, { name: string }, DeleteResult>((from, { name }) =>
  from.deleteFrom('marks').where('name', '=', name),
)
export const markDelete = async (db: Db, name: string): Promise<void> => void (await remove.change(db, { name }))

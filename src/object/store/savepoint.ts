// A part of a transaction that can fail alone.
import { CompiledQuery } from 'kysely'
import type { Db } from '../../platform/store/store.ts'

const begin = CompiledQuery.raw('savepoint part')
const end = CompiledQuery.raw('release savepoint part')
const undo = CompiledQuery.raw('rollback to savepoint part')

export const savepoint = {
  begin: (db: Db) => db.execute(begin),
  end: (db: Db) => db.execute(end),
  async undo(db: Db): Promise<void> {
    await db.execute(undo)
    await db.execute(end)
  },
}

// SQL of accounts, and of whose a bucket's name is.
import { rows } from '../../platform/store/rows.ts'
import { statement } from '../../platform/store/statement.ts'
import type { Db } from '../../platform/store/store.ts'
import type { AccountRow, ClaimRow, ObjectTables } from './tables.ts'

const table = rows<AccountRow>('accounts', 'account')

const find = statement<ObjectTables, { account: string }, AccountRow>((from, { account }) =>
  from.selectFrom('accounts').selectAll().where('account', '=', account),
)

export const accountRows = {
  find: (db: Db, account: string) => find.first(db, { account }),
  insertMissing: table.insertMissing,
  update: (db: Db, account: string, change: Partial<AccountRow>) => table.update(db, { account }, change),
  delete: (db: Db, account: string) => table.delete(db, { account }),
}

export const claimRows = rows<ClaimRow>('claims', 'bucket')

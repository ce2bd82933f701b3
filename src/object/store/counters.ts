// SQL that adds to the counters of a container and of its account.
import { sql, type UpdateResult } from 'kysely'
import { statement } from '../../platform/store/statement.ts'
import type { Db } from '../../platform/store/store.ts'
import type { Counters, ObjectTables } from './tables.ts'

export type AccountGrowth = Counters & { container_count: number }

/** While the statement is built `by` stands for numbers that come later. */
const plus = (column: string, by: number) => sql<number>`${sql.ref(column)} + ${by}`

const added = (by: Counters) => ({
  object_count: plus('object_count', by.object_count),
  bytes_used: plus('bytes_used', by.bytes_used),
  version_count: plus('version_count', by.version_count),
  version_bytes: plus('version_bytes', by.version_bytes),
  part_bytes: plus('part_bytes', by.part_bytes),
})

const toContainer = statement<ObjectTables, Counters & { id: string }, UpdateResult>((from, by) =>
  from.updateTable('containers').set(added(by)).where('id', '=', by.id),
)

const toAccount = statement<ObjectTables, AccountGrowth & { account: string }, UpdateResult>((from, by) =>
  from
    .updateTable('accounts')
    .set({ ...added(by), container_count: plus('container_count', by.container_count) })
    .where('account', '=', by.account),
)

export const countersAdd = {
  container: (db: Db, id: string, by: Counters) => toContainer.change(db, { ...by, id }),
  account: (db: Db, account: string, by: AccountGrowth) => toAccount.change(db, { ...by, account }),
}

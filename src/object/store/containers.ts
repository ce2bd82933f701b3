// SQL of containers.
import { rows } from '../../platform/store/rows.ts'
import { shapedStatement, statement } from '../../platform/store/statement.ts'
import type { Db } from '../../platform/store/store.ts'
import { directionOf, inRange, type NameRange } from './name-range.ts'
import type { ContainerRow, ObjectTables } from './tables.ts'

const table = rows<ContainerRow>('containers')

const find = statement<ObjectTables, { account: string; name: string }, ContainerRow>((from, { account, name }) =>
  from.selectFrom('containers').selectAll().where('account', '=', account).where('name', '=', name),
)

const page = shapedStatement<ObjectTables, NameRange & { account: string }, ContainerRow>((from, { account, ...range }) =>
  from
    .selectFrom('containers')
    .selectAll()
    .where('account', '=', account)
    .where(inRange(range))
    .orderBy('name', directionOf(range))
    .limit(range.limit),
)

export const containerRows = {
  find: (db: Db, account: string, name: string) => find.first(db, { account, name }),
  fetch: table.fetch,
  insert: table.insert,
  update: (db: Db, id: string, change: Partial<ContainerRow>) => table.update(db, id, change),
  delete: (db: Db, id: string) => table.delete(db, id),
  page: (db: Db, account: string, range: NameRange) => page.rows(db, { account, ...range }),
}

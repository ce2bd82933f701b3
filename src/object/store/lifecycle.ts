// SQL of lifecycles: which containers have one. It looks at every container, a page at a time; once an hour that is nothing.
import { shapedStatement } from '../../platform/store/statement.ts'
import type { Db } from '../../platform/store/store.ts'
import type { ContainerRow, ObjectTables } from './tables.ts'

interface After {
  after: string
  limit: number
}

const page = shapedStatement<ObjectTables, After, ContainerRow>((from, { after, limit }) =>
  from
    .selectFrom('containers')
    .selectAll()
    .where('id', '>', after)
    .where((of) => of(of.cast<string>('settings', 'text'), 'like', '%"lifecycle":%'))
    .orderBy('id')
    .limit(limit),
)

export const containersWithLifecycle = (db: Db, after: After): Promise<ContainerRow[]> => page.rows(db, { ...after })

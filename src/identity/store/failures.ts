// SQL of wrong passwords in a row. Not a change of identity: no revision moves, no token becomes void.
import type { Db } from '../../platform/store/store.ts'
import type { UserRow } from './tables.ts'

interface Tables {
  identity_users: UserRow
}
const q = (db: Db) => db.as<Tables>()

/** One more; `fresh` begins to count anew after a lockout that is over. */
export const failuresAdd = (db: Db, { userId, at, fresh }: { userId: string; at: string; fresh: boolean }) =>
  q(db)
    .updateTable('identity_users')
    .set((e) => ({ failures: fresh ? 1 : e('failures', '+', 1), failed_at: at }))
    .where('id', '=', userId)
    .execute()

export const failuresClear = (db: Db, userId: string) =>
  q(db).updateTable('identity_users').set({ failures: 0, failed_at: null }).where('id', '=', userId).execute()

/** The day on which the user last logged in by password. */
export const activeOnSet = (db: Db, userId: string, day: string) =>
  q(db).updateTable('identity_users').set({ last_active_on: day }).where('id', '=', userId).execute()

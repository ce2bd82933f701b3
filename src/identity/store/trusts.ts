// SQL of trusts beyond what all tables share: the count of uses left.
import type { Db } from '../../platform/store/store.ts'
import type { TrustRow } from './delegation-tables.ts'

interface Tables {
  identity_trusts: TrustRow
}
const q = (db: Db) => db.as<Tables>()

/** Takes one use; false when none was left. Unlimited trusts are not asked. */
export async function trustUse(db: Db, id: string): Promise<boolean> {
  const result = await q(db)
    .updateTable('identity_trusts')
    .set((e) => ({ remaining_uses: e('remaining_uses', '-', 1) }))
    .where('id', '=', id)
    .where('remaining_uses', '>', 0)
    .executeTakeFirst()
  return Number(result.numUpdatedRows) === 1
}

/** Live trusts of a trustor or a trustee, or all. */
export function trustsLive(db: Db, by: { trustor: string | undefined; trustee: string | undefined }): Promise<TrustRow[]> {
  let query = q(db).selectFrom('identity_trusts').selectAll().where('deleted_at', 'is', null)
  if (by.trustor !== undefined) query = query.where('trustor_user_id', '=', by.trustor)
  if (by.trustee !== undefined) query = query.where('trustee_user_id', '=', by.trustee)
  return query.orderBy('id').execute()
}

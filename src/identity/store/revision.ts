// SQL of the revision that every write of identity moves.
import type { Db } from '../../platform/store/store.ts'

interface Tables {
  identity_revision: { id: string; value: number }
}
const q = (db: Db) => db.as<Tables>()

export async function revisionRead(db: Db): Promise<number> {
  const row = await q(db).selectFrom('identity_revision').select('value').where('id', '=', 'identity').executeTakeFirstOrThrow()
  return row.value
}

export const revisionMove = (db: Db) =>
  q(db)
    .updateTable('identity_revision')
    .set((e) => ({ value: e('value', '+', 1) }))
    .where('id', '=', 'identity')
    .execute()

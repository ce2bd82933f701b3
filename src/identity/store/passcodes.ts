// SQL of used passcodes: of each seed the latest step that was taken. Not a change of identity: no token becomes void.
import type { Db } from '../../platform/store/store.ts'

interface Tables {
  identity_passcodes: { credential_id: string; step: number }
}
const q = (db: Db) => db.as<Tables>()

/** -1: none yet */
export async function passcodeLast(db: Db, credentialId: string): Promise<number> {
  const row = await q(db).selectFrom('identity_passcodes').select('step').where('credential_id', '=', credentialId).executeTakeFirst()
  return row?.step ?? -1
}

/** Takes a step and all before it; false when somebody else did already. */
export async function passcodeSpend(db: Db, { credentialId, step }: { credentialId: string; step: number }): Promise<boolean> {
  const moved = await q(db)
    .updateTable('identity_passcodes')
    .set({ step })
    .where('credential_id', '=', credentialId)
    .where('step', '<', step)
    .executeTakeFirst()
  if (Number(moved.numUpdatedRows) === 1) return true
  const made = await q(db)
    .insertInto('identity_passcodes')
    .values({ credential_id: credentialId, step })
    .onConflict((c) => c.doNothing())
    .executeTakeFirst()
  return Number(made.numInsertedOrUpdatedRows) === 1
}

export const passcodesDelete = (db: Db, credentialIds: string[]) =>
  q(db)
    .deleteFrom('identity_passcodes')
    .where('credential_id', 'in', credentialIds.length === 0 ? [''] : credentialIds)
    .execute()

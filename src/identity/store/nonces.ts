// SQL of nonces: each is good once, and remembered as long as a request with it could be taken for fresh.
import { isUniqueViolation, type Db } from '../../platform/store/store.ts'

interface Tables {
  identity_nonces: { id: string; expires_at: string }
}
const q = (db: Db) => db.as<Tables>()

/** False when it was used before. */
export async function nonceUse(db: Db, row: { id: string; expires_at: string }, now: string): Promise<boolean> {
  await q(db).deleteFrom('identity_nonces').where('expires_at', '<', now).execute()
  try {
    await q(db).insertInto('identity_nonces').values(row).execute()
    return true
  } catch (error) {
    if (isUniqueViolation(error)) return false
    throw error
  }
}

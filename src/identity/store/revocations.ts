// SQL of revoked tokens: by a token's own audit id, or by the chain that it began.
import type { Db } from '../../platform/store/store.ts'
import { revocations, type RevocationRow } from './tables.ts'

interface Tables {
  identity_revocations: RevocationRow
}
const q = (db: Db) => db.as<Tables>()

/** Is the token with these audit ids (its own, and its chain's when it was made from another) revoked? */
export async function isRevoked(db: Db, auditIds: string[]): Promise<boolean> {
  const [own, chain = own] = auditIds
  if (own === undefined || chain === undefined) return true
  const row = await q(db)
    .selectFrom('identity_revocations')
    .select('id')
    .where((e) => e.or([e('audit_id', '=', own), e('audit_chain_id', '=', chain)]))
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

export const revocationsSince = (db: Db, since: string | undefined) => {
  let query = q(db).selectFrom('identity_revocations').selectAll()
  if (since !== undefined) query = query.where('revoked_at', '>=', since)
  return query.orderBy('revoked_at').limit(1000).execute()
}

/** Rows of which every token has expired by itself. */
export const revocationsExpire = (db: Db, now: string) => q(db).deleteFrom('identity_revocations').where('expires_at', '<', now).execute()

export const revocationInsert = (db: Db, row: RevocationRow) => revocations.insert(db, row)

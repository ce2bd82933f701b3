// Revocation: of one token by its audit id. Users, projects and domains void their tokens by their epoch instead.
import { isoMillis } from '../../platform/clock.ts'
import type { Context } from '../../platform/context.ts'
import { permit } from '../permission.ts'
import { change } from '../revision.ts'
import { revocationInsert, revocationsExpire, revocationsSince } from '../store/revocations.ts'
import type { RevocationRow } from '../store/tables.ts'
import type { VerifiedToken } from './tokens.ts'

export type RevocationGrounds = Partial<Pick<RevocationRow, 'audit_id' | 'audit_chain_id' | 'user_id' | 'project_id' | 'domain_id'>>

/** One line of /OS-REVOKE/events; by audit id it also is what makes the token invalid. */
async function revocationAdd(tx: Context, grounds: RevocationGrounds, expiresAtMs: number): Promise<void> {
  const now = isoMillis(tx.clock.nowMs())
  await revocationsExpire(tx.db, now)
  await revocationInsert(tx.db, {
    id: tx.ids.uuid(),
    audit_id: null,
    audit_chain_id: null,
    user_id: null,
    project_id: null,
    domain_id: null,
    issued_before: now,
    revoked_at: now,
    expires_at: isoMillis(expiresAtMs),
    ...grounds,
  })
}

/** Notes that all tokens of a user, project or domain ended now; call where an epoch moves. */
export const revocationNote = (tx: Context, grounds: RevocationGrounds): Promise<void> =>
  revocationAdd(tx, grounds, tx.clock.nowMs() + tx.config.tokenLifetimeSeconds * 1000)

/** What was revoked since then, for services that keep tokens. */
export function revocationsList(ctx: Context, since: string | undefined): Promise<RevocationRow[]> {
  permit(ctx)
  return revocationsSince(ctx.db, since)
}

export function tokenRevoke(ctx: Context, token: VerifiedToken): Promise<void> {
  const { payload, user } = token.facts
  const [auditId = ''] = payload.auditIds
  return change(ctx, { type: 'token', id: user.id, action: 'revoke' }, (tx) =>
    revocationAdd(tx, { audit_id: auditId }, payload.expiresAtMs),
  )
}

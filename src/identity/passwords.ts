// New passwords: what they must be, how long they are good for, and which may not come back. A change of one voids every
// token of its user.
import { isoMillis } from '../platform/clock.ts'
import { cache, type Context } from '../platform/context.ts'
import { badRequest, unauthorized } from '../platform/errors.ts'
import { matchPattern } from '../platform/match-pattern.ts'
import { laneOf, longestPassword, passwordProve } from './auth/password.ts'
import { passwordHash, passwordMatches } from './backends/passwords.ts'
import { isEnabled } from './inactivity.ts'
import { change } from './revision.ts'
import { passwordHistory, users, type UserRow } from './store/tables.ts'
import { revocationNote } from './tokens/revoke.ts'

/** What a user's row holds of the password. */
export type PasswordColumns = Pick<UserRow, 'password_hash' | 'password_created_at' | 'password_expires_at' | 'password_self_service'>

const dayMs = 86_400_000

/** The columns for a password that an administrator (or the maker of the user) chose; null: the user has none. */
export async function passwordGiven(
  ctx: Context,
  password: string | null | undefined,
  options: UserRow['options'],
): Promise<PasswordColumns> {
  const columns = await columnsFor(ctx, password ?? null, options)
  const first = ctx.config.identity.changePasswordUponFirstUse && options.ignore_change_password_upon_first_use !== true
  return first && columns.password_hash !== null ? { ...columns, password_expires_at: isoMillis(ctx.clock.nowMs()) } : columns
}

async function columnsFor(ctx: Context, password: string | null, options: UserRow['options']): Promise<PasswordColumns> {
  if (password === null) return { password_hash: null, password_created_at: null, password_expires_at: null, password_self_service: false }
  if (password.length > longestPassword) throw badRequest(`The password is longer than ${longestPassword} characters.`)
  requirementsCheck(ctx, password)
  const nowMs = ctx.clock.nowMs()
  const { passwordExpiresDays: days } = ctx.config.identity
  const expires = days !== null && options.ignore_password_expiry !== true
  return {
    password_hash: await passwordHash(ctx.ids, password, { group: `user ${ctx.actor.userId}`, lane: '' }),
    password_created_at: isoMillis(nowMs),
    password_expires_at: expires ? isoMillis(Math.floor(nowMs / 1000) * 1000 + days * dayMs) : null,
    password_self_service: false,
  }
}

function requirementsCheck(ctx: Context, password: string): void {
  const { passwordRegex: source, passwordRegexDescription: description } = ctx.config.identity
  if (source === null) return
  const pattern = cache(ctx, 'identity.password-pattern', () => matchPattern(source))
  if (!pattern.matches(password)) throw badRequest(`The password does not match the requirements: ${description ?? source}.`)
}

/** Keeps what is replaced, as many as the operator wants to see no more. Inside the transaction of the change. */
export async function passwordRemember(tx: Context, row: UserRow): Promise<void> {
  const most = tx.config.identity.uniqueLastPasswordCount
  if (row.password_hash !== null && most > 0) {
    const id = `${isoMillis(tx.clock.nowMs())}-${tx.ids.hex()}`
    await passwordHistory.insert(tx.db, { id, user_id: row.id, password_hash: row.password_hash })
  }
  const kept = await passwordHistory.list(tx.db, { user_id: row.id })
  const beyond = kept.slice(0, Math.max(0, kept.length - most)).map(({ id }) => id)
  if (beyond.length > 0) await passwordHistory.delete(tx.db, { id: beyond })
}

/** The user's own way: the old password, also an expired one, is enough to set a new one; no token is needed. */
export async function passwordChange(
  ctx: Context,
  id: string,
  { original, wanted, address }: { original: string; wanted: string; address: string },
): Promise<void> {
  const found = await users.fetch(ctx.db, id)
  const usable = found && isEnabled(found, ctx) ? found : undefined
  const row = await passwordProve(ctx, usable, { password: original, lane: laneOf(address, { id }) })
  if (wanted === '') throw badRequest('The new password cannot be empty.')
  requirementsCheck(ctx, wanted)
  if (row.options.lock_password === true) {
    throw badRequest(
      'You cannot change your password at this time due to password policy disallowing password changes. ' +
        'Please contact your administrator to reset your password.',
    )
  }
  ageCheck(ctx, row)
  await historyCheck(ctx, row, wanted)
  const columns = { ...(await columnsFor(ctx, wanted, row.options)), password_self_service: true }
  await change(ctx, { type: 'user', id, action: 'password' }, async (tx) => {
    const now = await users.fetch(tx.db, id)
    // another change was first: what was proved is no longer the password
    if (!now || now.epoch !== row.epoch) throw unauthorized()
    await passwordRemember(tx, row)
    await users.update(tx.db, { id }, { ...columns, epoch: row.epoch + 1, failures: 0, failed_at: null })
    await revocationNote(tx, { user_id: id })
  })
}

function ageCheck(ctx: Context, row: UserRow): void {
  const days = ctx.config.identity.minimumPasswordAgeDays
  if (!row.password_self_service || row.password_created_at === null) return
  const leftMs = Date.parse(row.password_created_at) + days * dayMs - ctx.clock.nowMs()
  if (leftMs <= 0) return
  throw badRequest(
    'You cannot change your password at this time due to the minimum password age. Once you change your password, it must be ' +
      `used for ${days} day(s) before it can be changed. Please try again in ${Math.floor(leftMs / dayMs)} day(s) or contact your ` +
      'administrator to reset your password.',
  )
}

async function historyCheck(ctx: Context, row: UserRow, wanted: string): Promise<void> {
  const most = ctx.config.identity.uniqueLastPasswordCount
  if (most === 0) return
  const before = (await passwordHistory.list(ctx.db, { user_id: row.id })).map((each) => each.password_hash)
  for (const hash of [...before, row.password_hash].slice(-most)) {
    if (hash !== null && (await passwordMatches(hash, wanted, { group: `user ${row.id}`, lane: '' }))) {
      throw badRequest(
        'The new password cannot be identical to a previous password. The total number which includes the new password ' +
          `must be unique is ${most}.`,
      )
    }
  }
}

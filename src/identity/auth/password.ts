// The password method. What fails is told apart by nobody outside: the gate answers it at a time that does not depend on
// why, and the answer is the same, so that neither a name, an id nor a lockout shows (attack-13).
import { isoMillis } from '../../platform/clock.ts'
import type { Context } from '../../platform/context.ts'
import { unauthorized } from '../../platform/errors.ts'
import type { Lane } from '../backends/hash-queue.ts'
import { activityNote } from '../inactivity.ts'
import { failuresAdd, failuresClear } from '../store/failures.ts'
import { users, type UserRow } from '../store/tables.ts'
import { userFind } from './find.ts'
import { loginGate, sourceOf, type LoginCaller } from './gate.ts'
import { expecting, object, reference, type Json, type Reference } from './request.ts'

export const longestPassword = 4096

/** Whose turn a hash takes: of an address, the account that was named. */
export const laneOf = (address: string, { id, name, domain }: Reference): Lane => ({
  group: sourceOf(address),
  lane: id ?? JSON.stringify([name, domain?.id ?? domain?.name]),
})

/** The user, if the password is right, the account is not locked and the password has not expired. */
export async function byPassword(ctx: Context, proof: Json, caller: LoginCaller): Promise<UserRow> {
  const given = object(proof['user'], 'user', 'password')
  const password = given['password']
  if (typeof password !== 'string') throw expecting('password', 'user')
  const named = reference(given, 'user')
  const found = await userFind(ctx.db, named)
  const user = await passwordProve(ctx, found, { password, lane: laneOf(caller.address, named) })
  if (passwordExpired(ctx, user)) throw unauthorized(`The password is expired and needs to be changed for user: ${user.id}.`)
  await activityNote(ctx, user)
  return user
}

/** Refuses with 401 unless the password is the user's and the account not locked. */
export async function passwordProve(
  ctx: Context,
  user: UserRow | undefined,
  { password, lane }: { password: string; lane: Lane },
): Promise<UserRow> {
  const possible = user !== undefined && password.length <= longestPassword && !isLocked(ctx, user)
  const right = await loginGate(ctx.platform).matches(possible ? user.password_hash : null, password, lane)
  if (!possible || !user) throw unauthorized()
  if (!right) {
    await failureNote(ctx, user)
    throw unauthorized()
  }
  // others, at the same time, may have locked it
  const now = countsFailures(ctx, user) ? await users.fetch(ctx.db, user.id) : user
  if (!now || isLocked(ctx, now)) throw unauthorized()
  return user
}

const countsFailures = (ctx: Context, user: UserRow): boolean =>
  ctx.config.identity.lockoutFailureAttempts !== null && user.options.ignore_lockout_failure_attempts !== true

/** Counts a proof of this user that failed, of whatever method. */
export async function failureNote(ctx: Context, user: UserRow): Promise<void> {
  const { lockoutFailureAttempts: most } = ctx.config.identity
  const now = countsFailures(ctx, user) ? await users.fetch(ctx.db, user.id) : undefined
  if (most === null || !now || isLocked(ctx, now)) return
  await failuresAdd(ctx.db, { userId: user.id, at: isoMillis(ctx.clock.nowMs()), fresh: now.failures >= most })
}

/** A login that holds as a whole ends the count: one factor alone does not, or the other could be guessed at will. */
export async function failuresEnd(ctx: Context, user: UserRow): Promise<void> {
  if (user.failures > 0 && countsFailures(ctx, user)) await failuresClear(ctx.db, user.id)
}

/** After too many failures, until the time is over or somebody enables the account. */
export function isLocked(ctx: Context, user: UserRow): boolean {
  const { lockoutFailureAttempts: most, lockoutDurationSeconds: seconds } = ctx.config.identity
  if (most === null || user.failures < most || user.failed_at === null || user.options.ignore_lockout_failure_attempts === true)
    return false
  return seconds === null || Date.parse(user.failed_at) + seconds * 1000 > ctx.clock.nowMs()
}

const passwordExpired = (ctx: Context, user: UserRow): boolean =>
  user.password_expires_at !== null &&
  Date.parse(user.password_expires_at) <= ctx.clock.nowMs() &&
  user.options.ignore_password_expiry !== true

// The password method. Every way to fail takes the time of one hash and answers the same, so that neither a name,
// an id nor a lockout can be told from outside (attack-13).
import { isoMillis } from '../../platform/clock.ts'
import type { Context } from '../../platform/context.ts'
import { unauthorized } from '../../platform/errors.ts'
import { passwordMatches } from '../backends/passwords.ts'
import { failuresAdd, failuresClear } from '../store/failures.ts'
import type { UserRow } from '../store/tables.ts'
import { userFind } from './find.ts'
import { expecting, object, reference, type Json } from './request.ts'

export const longestPassword = 4096

interface Options {
  ignore_lockout_failure_attempts?: boolean
  ignore_password_expiry?: boolean
}

/** The user, if the password is right, the account is not locked and the password has not expired. */
export async function byPassword(ctx: Context, proof: Json): Promise<UserRow> {
  const given = object(proof['user'], 'user', 'password')
  const password = given['password']
  if (typeof password !== 'string') throw expecting('password', 'user')
  const user = await userFind(ctx.db, reference(given, 'user'))
  await passwordProve(ctx, user, password)
  if (user) return user
  throw unauthorized()
}

/** Refuses with 401 unless the password is the user's; counts failures when a lockout is configured. */
export async function passwordProve(ctx: Context, user: UserRow | undefined, password: string): Promise<void> {
  const right = password.length <= longestPassword && (await passwordMatches(user?.password_hash, password))
  const { lockout } = ctx.config
  const options = JSON.parse(user?.options ?? '{}') as Options
  if (user && lockout && !options.ignore_lockout_failure_attempts) {
    const nowMs = ctx.clock.nowMs()
    const over = user.failed_at === null || Date.parse(user.failed_at) + lockout.seconds * 1000 <= nowMs
    const locked = user.failures >= lockout.failures && !over
    if (locked) throw unauthorized()
    if (!right) await failuresAdd(ctx.db, { userId: user.id, at: isoMillis(nowMs), fresh: over && user.failures >= lockout.failures })
    else if (user.failures > 0) await failuresClear(ctx.db, user.id)
  }
  if (!right || !user) throw unauthorized()
  const expired = user.password_expires_at !== null && Date.parse(user.password_expires_at) <= ctx.clock.nowMs()
  if (expired && !options.ignore_password_expiry) throw unauthorized()
}

// A user who has not logged in for so many days counts as disabled, where the operator wants that: read from the last day on
// which a password was proved, never written into the row.
import { isoMillis } from '../platform/clock.ts'
import type { Context, Platform } from '../platform/context.ts'
import { activeOnSet } from './store/failures.ts'
import type { UserRow } from './store/tables.ts'

const dayMs = 86_400_000

export const dayOf = (ms: number): string => isoMillis(ms).slice(0, 10)

/** As the API shows it and logins take it. */
export function isEnabled(row: UserRow, { config, clock }: Pick<Platform, 'config' | 'clock'>): boolean {
  const { disableUserAccountDaysInactive: days } = config.identity
  if (!row.enabled) return false
  if (days === null || row.options.ignore_user_inactivity === true) return true
  const last = Date.parse(row.last_active_on ?? row.created_at.slice(0, 10))
  return (Date.parse(dayOf(clock.nowMs())) - last) / dayMs < days
}

/** Notes that the user was here today; once a day, and no change of identity: no token becomes void. */
export async function activityNote(ctx: Context, row: UserRow): Promise<void> {
  const nowMs = ctx.clock.nowMs()
  if (row.last_active_on === dayOf(nowMs) || !isEnabled(row, ctx)) return
  await activeOnSet(ctx.db, row.id, dayOf(nowMs))
}

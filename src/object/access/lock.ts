// Object lock: how long a version may not be deleted, and who may shorten that. A legal hold holds until it is lifted; compliance
// cannot be shortened by anybody, governance by whoever may bypass it.

export type LockMode = 'GOVERNANCE' | 'COMPLIANCE'

export interface ObjectLock {
  mode?: LockMode
  untilUs?: number
  hold?: boolean
}

/** Is there a retention that has not run out? */
const isRetained = ({ mode, untilUs = 0 }: ObjectLock, nowUs: number): boolean => mode !== undefined && untilUs > nowUs

/** Must a version with this lock stay as it is? */
export function lockHolds(lock: ObjectLock | undefined, nowUs: number, bypassGovernance: boolean): boolean {
  if (lock === undefined) return false
  if (lock.hold === true) return true
  return isRetained(lock, nowUs) && !(lock.mode === 'GOVERNANCE' && bypassGovernance)
}

/** May a retention be set in the place of the one that is? Longer always; shorter, or weaker, only where it can be bypassed. */
export function retentionMayChange(
  before: ObjectLock | undefined,
  after: { mode?: LockMode; untilUs?: number },
  { nowUs, bypassGovernance }: { nowUs: number; bypassGovernance: boolean },
): boolean {
  if (before === undefined || !isRetained(before, nowUs)) return true
  const isShorter = (after.untilUs ?? 0) < (before.untilUs ?? 0)
  if (before.mode === 'COMPLIANCE') return after.mode === 'COMPLIANCE' && !isShorter
  return bypassGovernance || (after.mode !== undefined && !isShorter)
}

/** A bucket's rule for objects that are written without a retention of their own. */
export interface DefaultRetention {
  mode: LockMode
  days?: number
  years?: number
}

const dayUs = 86_400_000_000

export const retentionOf = ({ mode, days, years }: DefaultRetention, nowUs: number): ObjectLock => ({
  mode,
  untilUs: nowUs + (days ?? (years ?? 0) * 365) * dayUs,
})

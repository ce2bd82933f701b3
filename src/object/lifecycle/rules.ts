// Rules of a bucket's lifecycle: which objects a rule means, and when it ends them. Days count from when something was written to the
// midnight (UTC) after they are over.

export interface LifecycleFilter {
  prefix?: string
  tags?: Record<string, string>
  sizeOver?: number
  sizeUnder?: number
}

export interface LifecycleRule {
  id: string
  enabled: boolean
  filter: LifecycleFilter
  /** written in the old way, without a Filter: told in the same way again */
  hasPlainPrefix?: boolean
  /** of current objects */
  expireDays?: number
  expireAtUs?: number
  /** a delete marker that hides nothing any more goes */
  expireMarkers?: boolean
  /** of versions that are not current */
  noncurrentDays?: number
  /** so many of the newest of them stay */
  noncurrentKeep?: number
  abortDays?: number
}

export interface LifecycleObject {
  name: string
  bytes: number
  tags: Record<string, string>
}

const dayUs = 86_400_000_000

/** The first midnight after so many days. */
export const dueUs = (sinceUs: number, days: number): number => Math.ceil((sinceUs + days * dayUs) / dayUs) * dayUs

export function ruleMeans({ filter: { prefix = '', tags = {}, sizeOver, sizeUnder } }: LifecycleRule, object: LifecycleObject): boolean {
  return (
    object.name.startsWith(prefix) &&
    (sizeOver === undefined || object.bytes > sizeOver) &&
    (sizeUnder === undefined || object.bytes < sizeUnder) &&
    Object.entries(tags).every(([key, value]) => Object.hasOwn(object.tags, key) && object.tags[key] === value)
  )
}

export interface Expiration {
  atUs: number
  ruleId: string
}

/** When the earliest rule ends a current object, and which it is. */
export function expirationOf(rules: readonly LifecycleRule[], object: LifecycleObject & { writtenUs: number }): Expiration | undefined {
  let first: Expiration | undefined
  for (const rule of rules) {
    if (!rule.enabled || !ruleMeans(rule, object)) continue
    const atUs = rule.expireAtUs ?? (rule.expireDays === undefined ? undefined : dueUs(object.writtenUs, rule.expireDays))
    if (atUs !== undefined && (first === undefined || atUs < first.atUs)) first = { atUs, ruleId: rule.id }
  }
  return first
}

/** Does a rule end a version that is not current since then, with so many newer ones of its kind before it? */
export const isNoncurrentDue = (
  rules: readonly LifecycleRule[],
  version: LifecycleObject & { sinceUs: number; newer: number },
  nowUs: number,
): boolean =>
  rules.some(
    (rule) =>
      rule.enabled &&
      rule.noncurrentDays !== undefined &&
      version.newer >= (rule.noncurrentKeep ?? 0) &&
      ruleMeans(rule, version) &&
      dueUs(version.sinceUs, rule.noncurrentDays) <= nowUs,
  )

/** Does a rule abort an upload that began then? Tags and sizes it has none. */
export const isAbortDue = (rules: readonly LifecycleRule[], upload: { name: string; createdUs: number }, nowUs: number): boolean =>
  rules.some(
    ({ enabled, abortDays, filter }) =>
      enabled && abortDays !== undefined && upload.name.startsWith(filter.prefix ?? '') && dueUs(upload.createdUs, abortDays) <= nowUs,
  )

/** A marker that is all that is left of a name: a rule may say so, or give it the days of an object. */
export const isMarkerDue = (rules: readonly LifecycleRule[], marker: { name: string; writtenUs: number }, nowUs: number): boolean =>
  rules.some((rule) => {
    if (!rule.enabled || !ruleMeans({ ...rule, filter: { prefix: rule.filter.prefix ?? '' } }, { name: marker.name, bytes: 0, tags: {} }))
      return false
    if (rule.expireMarkers === true) return true
    return rule.expireDays !== undefined && dueUs(marker.writtenUs, rule.expireDays) <= nowUs
  })

// Conditions of a policy's statement: operators, what each says of a key that a request has not, and how values are compared.
import { Address4, Address6 } from 'ip-address'
import { table } from '../../../platform/table.ts'
import { type Work, matches, wildcard, wildcardMatches } from './wildcard.ts'

export interface Condition {
  /** without the words that stand around it: `StringEquals` */
  operator: string
  /** `ForAllValues:` or `ForAnyValue:` */
  set: 'all' | 'any' | null
  ifExists: boolean
  key: string
  values: string[]
}

/** The values that a request has for a key (lower case), none when it has not. */
export type Facts = (key: string) => readonly string[] | undefined

interface Asking {
  variable: (name: string) => string | undefined
  work: Work | undefined
}

type Compare = (fact: string, wanted: string, asking: Asking) => boolean

const equal: Compare = (fact, wanted, { variable }) => {
  const text = wildcardText(wanted, variable)
  return text !== null && fact === text
}
const equalIgnoringCase: Compare = (fact, wanted, { variable }) => {
  const text = wildcardText(wanted, variable)
  return text !== null && fact.toLowerCase() === text.toLowerCase()
}
const like: Compare = (fact, wanted, { variable, work }) => {
  const pattern = wildcard(wanted, variable, work)
  return pattern !== null && wildcardMatches(pattern, fact, work)
}
const numbers =
  (holds: (a: number, b: number) => boolean): Compare =>
  (fact, wanted) => {
    const [a, b] = [Number(fact), Number(wanted)]
    return fact.trim() !== '' && wanted.trim() !== '' && !Number.isNaN(a) && !Number.isNaN(b) && holds(a, b)
  }
const dates =
  (holds: (a: number, b: number) => boolean): Compare =>
  (fact, wanted) => {
    const [a, b] = [instant(fact), instant(wanted)]
    return !Number.isNaN(a) && !Number.isNaN(b) && holds(a, b)
  }
const instant = (text: string): number => (/^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text))

/** A value without wildcards' meaning, its variables filled in; null when one is missing. */
function wildcardText(text: string, variable: (name: string) => string | undefined): string | null {
  if (!text.includes('${')) return text
  let missing = false
  const filled = text.replaceAll(/\$\{([^}]*)\}/g, (whole, name: string) => {
    if (name === '*' || name === '?' || name === '$') return name
    const value = variable(name)
    missing ||= value === undefined
    return value ?? whole
  })
  return missing ? null : filled
}

export const isAddressRange = (range: string): boolean => Address4.isValid(range) || Address6.isValid(range)

/** Is the address in the range? Neither needs to be well written: then it is not. */
export function addressWithin(address: string, range: string): boolean {
  const bare = address.replace(/^::ffff:(?=\d+\.)/i, '')
  const kind = [Address4, Address6].find(({ isValid }) => isValid(range))
  return kind !== undefined && kind.isValid(bare) && new kind(bare).isInSubnet(new kind(range))
}

/** ARNs match part by part, so that a star does not run over a colon of the first five. */
const arnLike: Compare = (fact, wanted, asking) => {
  const [parts, patterns] = [sixParts(fact), sixParts(wanted)]
  return parts.length === patterns.length && patterns.every((pattern, index) => like(parts[index] ?? '', pattern, asking))
}
function sixParts(arn: string): string[] {
  const parts = arn.split(':')
  return parts.length <= 6 ? parts : [...parts.slice(0, 5), parts.slice(5).join(':')]
}

interface Operator {
  compare: Compare
  /** true: holds when no value matches, and when the request has no such key */
  negated?: true
}

const negated = (compare: Compare): Operator => ({ compare, negated: true })

const operators = table<Operator>({
  StringEquals: { compare: equal },
  StringNotEquals: negated(equal),
  StringEqualsIgnoreCase: { compare: equalIgnoringCase },
  StringNotEqualsIgnoreCase: negated(equalIgnoringCase),
  StringLike: { compare: like },
  StringNotLike: negated(like),
  NumericEquals: { compare: numbers((a, b) => a === b) },
  NumericNotEquals: negated(numbers((a, b) => a === b)),
  NumericLessThan: { compare: numbers((a, b) => a < b) },
  NumericLessThanEquals: { compare: numbers((a, b) => a <= b) },
  NumericGreaterThan: { compare: numbers((a, b) => a > b) },
  NumericGreaterThanEquals: { compare: numbers((a, b) => a >= b) },
  DateEquals: { compare: dates((a, b) => a === b) },
  DateNotEquals: negated(dates((a, b) => a === b)),
  DateLessThan: { compare: dates((a, b) => a < b) },
  DateLessThanEquals: { compare: dates((a, b) => a <= b) },
  DateGreaterThan: { compare: dates((a, b) => a > b) },
  DateGreaterThanEquals: { compare: dates((a, b) => a >= b) },
  Bool: { compare: (fact, wanted) => fact.toLowerCase() === wanted.toLowerCase() },
  BinaryEquals: { compare: (fact, wanted) => fact === wanted },
  IpAddress: { compare: addressWithin },
  NotIpAddress: negated(addressWithin),
  ArnEquals: { compare: arnLike },
  ArnLike: { compare: arnLike },
  ArnNotEquals: negated(arnLike),
  ArnNotLike: negated(arnLike),
})

/** `ForAnyValue:StringLikeIfExists` → its parts; null for an operator that there is not. */
export function conditionOperator(word: string): Pick<Condition, 'operator' | 'set' | 'ifExists'> | null {
  const [, prefix, name = ''] = /^(?:(ForAllValues|ForAnyValue):)?(.*)$/.exec(word) ?? []
  const set = prefix === undefined ? null : prefix === 'ForAllValues' ? 'all' : 'any'
  if (name === 'Null') return set === null ? { operator: 'Null', set, ifExists: false } : null
  const ifExists = name.endsWith('IfExists')
  const operator = ifExists ? name.slice(0, -'IfExists'.length) : name
  return operators[operator] ? { operator, set, ifExists } : null
}

const keys = [
  'aws:CalledVia*',
  'aws:CurrentTime',
  'aws:EpochTime',
  'aws:MultiFactorAuth*',
  'aws:Principal*',
  'aws:RequestedRegion',
  'aws:RequestTag/*',
  'aws:Referer',
  'aws:Resource*',
  'aws:SecureTransport',
  'aws:Source*',
  'aws:TagKeys',
  'aws:TokenIssueTime',
  'aws:UserAgent',
  'aws:userid',
  'aws:username',
  'aws:Via*',
  'aws:VpcSourceIp',
  's3:authType',
  's3:BucketTag/*',
  's3:delimiter',
  's3:ExistingObjectTag/*',
  's3:if-match',
  's3:if-none-match',
  's3:locationconstraint',
  's3:max-keys',
  's3:object-lock-*',
  's3:ObjectCreationOperation',
  's3:prefix',
  's3:RequestObjectTag*',
  's3:ResourceAccount',
  's3:signatureAge',
  's3:signatureversion',
  's3:TlsVersion',
  's3:VersionId',
  's3:versionid',
  's3:x-amz-*',
  's3:DataAccessPoint*',
].map((key) => key.toLowerCase())

/** Is it a key that a policy may ask for? Written in any case. */
export const conditionKeyKnown = (key: string): boolean => keys.some((pattern) => matches(pattern, key.toLowerCase()))

/** Does the condition hold for what a request is? */
export function conditionHolds({ operator, set, ifExists, key, values }: Condition, facts: Facts, work?: Work): boolean {
  const found = facts(key.toLowerCase())
  const has = found !== undefined && found.length > 0
  if (operator === 'Null') return values.some((value) => (value.toLowerCase() === 'true') === !has)
  const { compare, negated: isNegated = false } = operators[operator] as Operator
  if (!has) return ifExists || set === 'all' || (set === null && isNegated)
  const variable = (name: string) => facts(name.toLowerCase())?.[0]
  const one = (fact: string) => values.some((wanted) => compare(fact, wanted, { variable, work })) !== isNegated
  if (set === 'all') return found.every(one)
  if (set === 'any') return found.some(one)
  return isNegated ? found.every(one) : found.some(one)
}

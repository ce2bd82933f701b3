// Is a policy public? It is when a statement allows something to whoever asks, and no condition of it ties them to values that
// name somebody: an address range that is not half the world, an account, a user.
import { isIPv4, isIPv6 } from 'node:net'
import type { Condition } from './conditions.ts'
import type { BucketPolicy, Statement } from './policy.ts'

/** Keys whose fixed values say who may ask. */
const tying = [
  'aws:principalaccount',
  'aws:principalarn',
  'aws:principalorgid',
  'aws:principalorgpaths',
  'aws:sourceaccount',
  'aws:sourcearn',
  'aws:sourceip',
  'aws:sourceorgid',
  'aws:sourceowner',
  'aws:sourcevpc',
  'aws:sourcevpce',
  'aws:userid',
  'aws:username',
  's3:dataaccesspointaccount',
  's3:dataaccesspointarn',
]
const exactOperators = ['StringEquals', 'StringEqualsIgnoreCase', 'StringLike', 'ArnEquals', 'ArnLike', 'IpAddress']

export const policyIsPublic = ({ statements }: BucketPolicy): boolean => statements.some(statementIsPublic)

function statementIsPublic({ effect, principals, conditions }: Statement): boolean {
  if (effect !== 'Allow') return false
  if (!principals.except && !principals.names.includes('*')) return false
  return !conditions.some(ties)
}

function ties({ operator, set, ifExists, key, values }: Condition): boolean {
  if (ifExists || set === 'all' || !exactOperators.includes(operator) || !tying.includes(key.toLowerCase())) return false
  return values.every((value) => (operator === 'IpAddress' ? isNarrow(value) : !/[*?]|\$\{/.test(value)))
}

/** Public are ranges wider than /8 (IPv4) and /32 (IPv6). */
function isNarrow(range: string): boolean {
  const [address = '', length] = range.split('/')
  if (isIPv4(address)) {
    const bits = length === undefined ? 32 : Number(length)
    return bits >= 8
  }
  return isIPv6(address) && (length === undefined || Number(length) >= 32)
}

// A user's rules for several factors: lists of methods, one of which must be proved whole. Methods that this cloud does not
// have do not count, and rules of nothing else neither, so that nobody is locked out by a word.
import type { UserRow } from '../store/tables.ts'
import { supportedMethods } from './request.ts'

/** The rules that hold for the user, each without what this cloud does not have. */
function rulesOf(user: Pick<UserRow, 'options'>): string[][] {
  const { multi_factor_auth_enabled: enabled = true, multi_factor_auth_rules: rules = [] } = user.options
  if (!enabled) return []
  return rules.map((rule) => [...new Set(rule)].filter((method) => supportedMethods.includes(method))).filter((rule) => rule.length > 0)
}

export function satisfiesRules(user: Pick<UserRow, 'options'>, methods: string[]): boolean {
  const rules = rulesOf(user)
  return rules.length === 0 || rules.some((rule) => rule.every((method) => methods.includes(method)))
}

/** What can still be completed: the rules that hold a method which was proved. */
export const rulesBegun = (user: Pick<UserRow, 'options'>, methods: string[]): string[][] =>
  rulesOf(user).filter((rule) => rule.some((method) => methods.includes(method)))

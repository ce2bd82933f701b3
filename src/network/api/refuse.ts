// 403 in Neutron's words: the rules that were asked and said no.
import { forbidden, type ApiError } from '../../platform/errors.ts'

export const refuse = (...rules: string[]): ApiError =>
  forbidden(`${rules.length > 1 ? `(${rules.map((rule) => `rule:${rule}`).join(' and ')})` : `rule:${rules[0]}`} is disallowed by policy`, {
    type: 'PolicyNotAuthorized',
  })

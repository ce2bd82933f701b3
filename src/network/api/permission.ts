// Policy by attribute: `create_network:shared`, `get_port:binding:host_id`, `update_port:fixed_ips:ip_address`.
import type { Target } from '../../platform/api/policy.ts'
import { cache, type Context } from '../../platform/context.ts'
import { forbidden, type ApiError } from '../../platform/errors.ts'
import type { Attributes } from './attribute.ts'
import type { Values } from './body.ts'
import { isObject } from './readers.ts'

export const refuse = (...rules: string[]): ApiError =>
  forbidden(`${rules.length > 1 ? `(${rules.map((rule) => `rule:${rule}`).join(' and ')})` : `rule:${rules[0]}`} is disallowed by policy`, { type: 'PolicyNotAuthorized' })

interface Question {
  /** 'create_network' */
  rule: string
  target: Target
  values: Values
  /** what the user named: defaults need no right */
  named: string[]
}

/** Refuses what the user named and has no right to set. */
export function authorizeAttributes(ctx: Context, { attributes }: { attributes: Attributes }, question: Question): void {
  for (const name of question.named) {
    const attribute = attributes[name]
    if (!attribute?.guarded) continue
    const value = question.values[name]
    // to say what would be so anyway needs no right
    if (question.rule.startsWith('create_') && 'default' in attribute && attribute.default === value) continue
    const rule = `${question.rule}:${name}`
    if (ctx.platform.policy.has(rule) && !ctx.allows(question.target, rule)) throw refuse(question.rule, rule)
    for (const part of partsOf(value)) {
      const inner = `${rule}:${part}`
      if (ctx.platform.policy.has(inner) && !ctx.allows(question.target, inner)) throw refuse(question.rule, rule, inner)
    }
  }
}

/** The keys of an object, or of the objects in a list. */
function partsOf(value: unknown): string[] {
  if (Array.isArray(value)) return [...new Set(value.flatMap((item) => (isObject(item) ? Object.keys(item) : [])))]
  return isObject(value) ? Object.keys(value) : []
}

/** The attributes that this actor may not see of this item. */
export function hiddenAttributes(ctx: Context, { name, attributes }: { name: string; attributes: Attributes }, target: Target): string[] {
  const known = cache(ctx, 'network.guards', () => new Map<string, string[]>())
  let guards = known.get(name)
  if (!guards) known.set(name, (guards = Object.keys(attributes).filter((attribute) => ctx.platform.policy.has(`get_${name}:${attribute}`))))
  return guards.filter((attribute) => !ctx.allows(target, `get_${name}:${attribute}`))
}

// Policy by attribute: `create_network:shared`, `get_port:binding:host_id`, `update_port:fixed_ips:ip_address`.
import type { Target } from '../../platform/api/policy.ts'
import { cache, type Context } from '../../platform/context.ts'
import type { Attributes } from './attribute.ts'
import type { ReadItem, Values } from './body.ts'
import { isObject } from './readers.ts'
import { refuse } from './refuse.ts'
import { resourceFor, type Found, type Resource, type ResourceRow } from './resource.ts'

export { refuse } from './refuse.ts'
export type { Found } from './resource.ts'

/** A resource with the table of its attributes. */
export interface Described<Row extends ResourceRow, Facts> {
  resource: Resource<Row, Facts>
  attributes: Attributes
}

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

/** Refuses what this actor may not make: the thing, or an attribute of it that he named. */
export async function authorizeCreate<Row extends ResourceRow, Facts>(
  tx: Context,
  { resource, attributes }: Described<Row, Facts>,
  { values, named }: ReadItem,
): Promise<void> {
  const rule = `create_${resource.name}`
  const target = { ...values, tenant_id: values['project_id'], ...(await resource.createTarget?.(tx, values)) }
  if (!tx.allows(target, rule)) throw refuse(rule)
  authorizeAttributes(tx, { attributes }, { rule, target, values, named })
}

/** The row, if this actor may change it so. */
export async function authorizeUpdate<Row extends ResourceRow, Facts>(
  tx: Context,
  { resource, attributes }: Described<Row, Facts>,
  { id, values, named }: ReadItem & { id: string },
): Promise<Found<Row, Facts>> {
  const rule = `update_${resource.name}`
  const found = await resourceFor(tx, resource, id, rule)
  // what a rule looks at is the stored row; only the attribute that is set stands in its new value (device_owner)
  authorizeAttributes(tx, { attributes }, { rule, target: { ...found.target, ...guardedValues(attributes, values) }, values, named })
  return found
}

const ownership = new Set(['project_id', 'tenant_id', 'shared', 'router:external'])

const guardedValues = (attributes: Attributes, values: Values): Values =>
  Object.fromEntries(Object.entries(values).filter(([name]) => attributes[name]?.guarded && !ownership.has(name)))

/** The keys of an object, or of the objects in a list. */
function partsOf(value: unknown): string[] {
  if (Array.isArray(value)) return [...new Set(value.flatMap((item) => (isObject(item) ? Object.keys(item) : [])))]
  return isObject(value) ? Object.keys(value) : []
}

/** The attributes that this actor may not see of this item. */
export function hiddenAttributes(ctx: Context, { name, attributes }: { name: string; attributes: Attributes }, target: Target): string[] {
  const known = cache(ctx, 'network.guards', () => new Map<string, string[]>())
  let guards = known.get(name)
  if (!guards)
    known.set(name, (guards = Object.keys(attributes).filter((attribute) => ctx.platform.policy.has(`get_${name}:${attribute}`))))
  return guards.filter((attribute) => !ctx.allows(target, `get_${name}:${attribute}`))
}

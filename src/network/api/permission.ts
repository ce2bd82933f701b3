// Policy by attribute: `create_network:shared`, `get_port:binding:host_id`, `update_port:fixed_ips:ip_address`.
import type { Target } from '../../platform/api/policy.ts'
import { cache, type Context } from '../../platform/context.ts'
import type { Attributes } from './attribute.ts'
import type { Owned, ReadItem, Values } from './body.ts'
import { isObject } from './readers.ts'
import { refuse } from './refuse.ts'
import { resourceFor, type Found, type Resource, type ResourceRow } from './resource.ts'

export { refuse } from './refuse.ts'
export type { Found } from './resource.ts'

interface Question {
  /** 'create_network' */
  rule: string
  target: Target
  values: Values
  /** what the user named: defaults need no right */
  named: string[]
}

/** Refuses what the user named and has no right to set. */
function authorizeAttributes(ctx: Context, { attributes }: { attributes: Attributes }, question: Question): void {
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

/** Refuses what this actor may not make: the things, or an attribute of them that he named. Returns what each is made on. */
export async function authorizeCreate<Row extends ResourceRow, Facts>(
  tx: Context,
  resource: Resource<Row, Facts>,
  items: ReadItem<Owned>[],
): Promise<unknown[]> {
  const rule = `create_${resource.name}`
  const parentOf = parents(tx, resource)
  const found: unknown[] = []
  for (const { values, named } of items) {
    const on = await parentOf(values)
    const target = { ...values, tenant_id: values.project_id, ...on?.target }
    if (!tx.allows(target, rule)) throw refuse(rule)
    authorizeAttributes(tx, resource, { rule, target, values, named })
    found.push(on?.parent)
  }
  return found
}

/** Looks up what items are made on, each once: a thousand rules of one group ask for it a thousand times. */
function parents<Row extends ResourceRow, Facts>(tx: Context, resource: Resource<Row, Facts>) {
  const names = Object.keys(resource.attributes).find((name) => resource.attributes[name]?.refers === 'target') ?? ''
  const known = new Map<string, { parent: unknown; target: Target } | undefined>()
  return async (values: Values) => {
    const id = String(values[names])
    if (!known.has(id)) known.set(id, await resource.parent?.(tx, id))
    return known.get(id)
  }
}

/** The row, if this actor may change it so. */
export async function authorizeUpdate<Row extends ResourceRow, Facts>(
  tx: Context,
  resource: Resource<Row, Facts>,
  { id, values, named }: ReadItem & { id: string },
): Promise<Found<Row, Facts>> {
  const rule = `update_${resource.name}`
  const found = await resourceFor(tx, resource, id, rule)
  // rules judge the stored row; only guarded attributes that the user sets are judged by their new value (device_owner)
  const target = { ...found.target, ...guardedValues(resource.attributes, values) }
  authorizeAttributes(tx, resource, { rule, target, values, named })
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

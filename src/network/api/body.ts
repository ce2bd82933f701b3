// Reads create and update bodies by a resource's attribute table: one object or, in bulk, a list of them.
import type { Context } from '../../platform/context.ts'
import type { Attributes } from './attribute.ts'
import { isObject, malformed, text } from './readers.ts'

export type Values = Record<string, unknown>

export interface ReadItem<V extends Values = Values> {
  /** every attribute that has a value, defaults filled in */
  values: V
  /** the attributes that the user named */
  named: string[]
}

/** What a create makes belongs to a project. */
export type Owned = Values & { project_id: string }

const maxBulk = 1000

/** { network: {…} } or { networks: [{…}, …] } */
export function readCreate(
  ctx: Context,
  body: unknown,
  shape: { name: string; collection: string; attributes: Attributes },
): { items: ReadItem<Owned>[]; bulk: boolean } {
  if (!isObject(body)) throw malformed('Body contains invalid data')
  const bulk = !(shape.name in body) && shape.collection in body
  const raw = bulk ? body[shape.collection] : [body[shape.name]]
  if (!bulk && !(shape.name in body)) throw malformed(`Unable to find '${shape.name}' in request body`)
  if (!Array.isArray(raw) || raw.length === 0) throw malformed('Resources required')
  if (raw.length > maxBulk) throw malformed(`At most ${maxBulk} resources can be created at once`)
  // in bulk an item may stand in its own wrapping again: { networks: [{ network: {…} }, …] }
  const unwrapped = raw.map((item: unknown) => (bulk && isObject(item) && shape.name in item ? item[shape.name] : item))
  return { items: unwrapped.map((item) => readOne(ctx, item, shape)), bulk }
}

function readOne(ctx: Context, item: unknown, { name, attributes }: { name: string; attributes: Attributes }): ReadItem<Owned> {
  if (!isObject(item)) throw malformed(`Object '${name}' contains invalid data`)
  const named = Object.keys(item)
  refuseUnknown(named, attributes)
  const values: Owned = { project_id: '' }
  for (const [key, attribute] of Object.entries(attributes)) {
    if (key === 'project_id' || key === 'tenant_id') continue
    const given = Object.hasOwn(item, key)
    if (given && !attribute.post) throw malformed(`Attribute '${key}' not allowed in POST`)
    if (!attribute.post) continue
    if (given) values[key] = attribute.read ? attribute.read(item[key], key) : item[key]
    else if (!('default' in attribute)) throw malformed(`Failed to parse request. Required attribute '${key}' not specified`)
    else if (attribute.default !== undefined) values[key] = attribute.default
  }
  values['project_id'] = owner(ctx, item)
  return { values, named }
}

/** The token's project; another one only for admins and services. */
function owner(ctx: Context, item: Values): string {
  const asked = item['project_id'] ?? item['tenant_id']
  if ('project_id' in item && 'tenant_id' in item && item['project_id'] !== item['tenant_id'])
    throw malformed("'project_id' and 'tenant_id' do not match")
  if (asked === undefined || asked === null) {
    if (ctx.actor.projectId === null) throw malformed('Running without keystone AuthN requires that tenant_id is specified')
    return ctx.actor.projectId
  }
  const project = text(255)(asked, 'project_id')
  if (project !== ctx.actor.projectId && !ctx.allows({}, 'context_is_admin') && !ctx.allows({}, 'service_api')) {
    throw malformed("Specifying 'project_id' other than the authenticated project in request is not allowed for the current user.")
  }
  return project
}

/** { network: {…} } with what may be changed. */
export function readUpdate(body: unknown, { name, attributes }: { name: string; attributes: Attributes }): ReadItem {
  if (!isObject(body)) throw malformed('Body contains invalid data')
  const item = body[name]
  if (item === undefined) throw malformed(`Unable to find '${name}' in request body`)
  if (!isObject(item)) throw malformed(`Object '${name}' contains invalid data`)
  const named = Object.keys(item)
  refuseUnknown(named, attributes)
  const values: Values = {}
  for (const key of named) {
    const attribute = attributes[key]
    if (!attribute?.put) throw malformed(`Cannot update read-only attribute ${key}`)
    values[key] = attribute.read ? attribute.read(item[key], key) : item[key]
  }
  return { values, named }
}

function refuseUnknown(named: string[], attributes: Attributes): void {
  const unknown = named.filter((key) => !Object.hasOwn(attributes, key))
  if (unknown.length > 0) throw malformed(`Unrecognized attribute(s) '${unknown.join(', ')}'`)
}

// The five operations of an API resource, made from one description: list, show, create (bulk too), update, delete.
// Permission comes with the look-up: a row that `get_x` does not allow is not found; what it allows but not
// `update_x` is 403. Attributes that a rule hides are absent.
import Type, { type TSchema } from 'typebox'
import { operation, Reply, type ApiRequest, type Operation } from '../../platform/api/operation.ts'
import type { Target } from '../../platform/api/policy.ts'
import type { Context } from '../../platform/context.ts'
import { ApiError } from '../../platform/errors.ts'
import { eventAppend } from '../../platform/events.ts'
import { filterNames, rowsList, sortNames, type Condition, type ListShape } from '../store/list.ts'
import type { Attributes } from './attribute.ts'
import { readCreate, readUpdate, type ReadItem, type Values } from './body.ts'
import { authorizeAttributes, hiddenAttributes, refuse } from './permission.ts'
import { pageLinks, readListQuery } from './query.ts'
import { quotaReserve } from './quota.ts'

export interface ResourceRow {
  id: string
  project_id: string
}

export type Item = Record<string, unknown>

export interface Resource<Row extends ResourceRow> {
  /** 'network': in bodies, policy rules and events */
  name: string
  /** 'networks': in bodies */
  collection: string
  /** '/networks' */
  path: string
  attributes: Attributes
  shape: ListShape
  /** rows that others' projects may see: SQL, for actors whom `get_x` does not allow everything */
  visible(projectId: string): Condition
  missing(id: string): ApiError
  /** rows → what the API shows, in few queries */
  views(ctx: Context, rows: Row[]): Promise<Item[]>
  /** what policy looks at beside the item itself: the parent's owner */
  targets?(ctx: Context, rows: Row[]): Promise<Target[]>
  /** the same for something that is to be made */
  createTarget?(tx: Context, values: Values): Promise<Target>
  /** what must be there before anybody looks */
  beforeList?(ctx: Context): Promise<void>
  /** what is counted against a quota of the same name */
  quota?: string
  create?(tx: Context, values: Values): Promise<Row>
  update?(tx: Context, row: Row, values: Values): Promise<Row>
  remove?(tx: Context, row: Row): Promise<void>
}

/** The row, if this actor may see it; else it is not found. */
export async function resourceFetch<Row extends ResourceRow>(ctx: Context, resource: Resource<Row>, id: string): Promise<{ row: Row; item: Item; target: Target }> {
  const [row] = await rowsList<Row>(ctx.db, resource.shape, { filters: new Map([['id', [id]]]), sorts: [], limit: 1, visible: null, projectId: ctx.actor.projectId })
  const found = row && (await describe(ctx, resource, [row]))[0]
  if (!found || !ctx.allows(found.target, `get_${resource.name}`)) {
    ctx.allows({}, 'context_is_admin')
    throw resource.missing(id)
  }
  return found
}

/** The same with the right to do more: 403 when it may be seen only. */
export async function resourceFor<Row extends ResourceRow>(ctx: Context, resource: Resource<Row>, id: string, rule: string): Promise<{ row: Row; item: Item; target: Target }> {
  const found = await resourceFetch(ctx, resource, id)
  if (!ctx.allows(found.target, rule)) throw refuse(rule)
  return found
}

async function describe<Row extends ResourceRow>(ctx: Context, resource: Resource<Row>, rows: Row[]): Promise<{ row: Row; item: Item; target: Target }[]> {
  const items = await resource.views(ctx, rows)
  const targets = await resource.targets?.(ctx, rows)
  return rows.map((row, index) => {
    const item = items[index] ?? {}
    return { row, item, target: { ...item, project_id: row.project_id, tenant_id: row.project_id, ...targets?.[index] } }
  })
}

/** One item as this actor may see it. */
export function show<Row extends ResourceRow>(ctx: Context, resource: Resource<Row>, found: { item: Item; target: Target }, fields: string[] = []): Item {
  const hidden = hiddenAttributes(ctx, resource, found.target)
  if (hidden.length === 0 && fields.length === 0) return found.item
  const shown = { ...found.item }
  for (const name of hidden) delete shown[name]
  if (fields.length === 0) return shown
  return Object.fromEntries(Object.entries(shown).filter(([name]) => fields.includes(name)))
}

async function list<Row extends ResourceRow>(ctx: Context, resource: Resource<Row>, request: ApiRequest): Promise<unknown> {
  const rule = `get_${resource.name}`
  const query = readListQuery(ctx, request, { filters: filterNames(resource.shape), sorts: sortNames(resource.shape) })
  await resource.beforeList?.(ctx)
  const everything = ctx.allows({ project_id: '', tenant_id: '' }, rule)
  const after = query.marker === null ? undefined : ((await resourceFetch(ctx, resource, query.marker)).row as unknown as Record<string, unknown>)
  const rows = await rowsList<Row>(ctx.db, resource.shape, {
    filters: query.filters, sorts: query.sorts, limit: query.limit, reverse: query.reverse, after,
    visible: everything ? null : resource.visible(ctx.actor.projectId ?? ''),
    projectId: ctx.actor.projectId,
  })
  const found = await describe(ctx, resource, rows)
  const allowed = everything ? found : found.filter(({ target }) => ctx.allows(target, rule))
  return {
    [resource.collection]: allowed.map((one) => show(ctx, resource, one, query.fields)),
    ...pageLinks(ctx, request, { collection: resource.collection, query, ids: rows.map(({ id }) => id) }),
  }
}

async function create<Row extends ResourceRow>(ctx: Context, resource: Resource<Row>, request: ApiRequest): Promise<unknown> {
  const { items, bulk } = readCreate(ctx, request.body, resource)
  const made = await ctx.transaction(async (tx) => {
    const rows: Row[] = []
    for (const item of items) await authorizeCreate(tx, resource, item)
    if (resource.quota !== undefined) await quotaReserve(tx, resource.quota, items.map(({ values }) => String(values['project_id'])))
    for (const { values } of items) {
      const row = (await resource.create?.(tx, values)) as Row
      await eventAppend(tx, { resourceType: resource.name, resourceId: row.id, projectId: row.project_id, action: 'create', result: 'success' })
      rows.push(row)
    }
    return describe(tx, resource, rows)
  })
  const shown = made.map((one) => show(ctx, resource, one))
  return bulk ? { [resource.collection]: shown } : { [resource.name]: shown[0] }
}

async function authorizeCreate<Row extends ResourceRow>(tx: Context, resource: Resource<Row>, { values, named }: ReadItem): Promise<void> {
  const rule = `create_${resource.name}`
  const target = { ...values, tenant_id: values['project_id'], ...(await resource.createTarget?.(tx, values)) }
  if (!tx.allows(target, rule)) throw refuse(rule)
  authorizeAttributes(tx, resource, { rule, target, values, named })
}

async function update<Row extends ResourceRow>(ctx: Context, resource: Resource<Row>, request: ApiRequest): Promise<unknown> {
  const rule = `update_${resource.name}`
  const { values, named } = readUpdate(request.body, resource)
  const changed = await ctx.transaction(async (tx) => {
    const found = await resourceFor(tx, resource, request.params['id'] ?? '', rule)
    checkRevision(request, found.item)
    // what a rule looks at is the stored row; only the attribute that is set stands in its new value (device_owner)
    authorizeAttributes(tx, resource, { rule, target: { ...found.target, ...guardedValues(resource, values) }, values, named })
    const row = (await resource.update?.(tx, found.row, values)) as Row
    await eventAppend(tx, { resourceType: resource.name, resourceId: row.id, projectId: row.project_id, action: 'update', result: 'success', details: { changed: named } })
    return (await describe(tx, resource, [row]))[0]
  })
  return { [resource.name]: changed && show(ctx, resource, changed) }
}

const ownership = new Set(['project_id', 'tenant_id', 'shared', 'router:external'])

function guardedValues<Row extends ResourceRow>({ attributes }: Resource<Row>, values: Values): Values {
  return Object.fromEntries(Object.entries(values).filter(([name]) => attributes[name]?.guarded && !ownership.has(name)))
}

async function remove<Row extends ResourceRow>(ctx: Context, resource: Resource<Row>, request: ApiRequest): Promise<undefined> {
  await ctx.transaction(async (tx) => {
    const { row, item } = await resourceFor(tx, resource, request.params['id'] ?? '', `delete_${resource.name}`)
    checkRevision(request, item)
    await resource.remove?.(tx, row)
    await eventAppend(tx, { resourceType: resource.name, resourceId: row.id, projectId: row.project_id, action: 'delete', result: 'success' })
  })
}

/** If-Match: revision_number=3 */
export function checkRevision(request: ApiRequest, item: Item): void {
  const header = request.headers['if-match']
  if (header === undefined) return
  const wanted = /^"?revision_number=(\d+)"?$/.exec(header.trim())?.[1]
  if (wanted === undefined) throw new ApiError('bad_request', 'Bad If-Match request: invalid criteria.', { type: 'BadRequest' })
  if (Number(wanted) !== item['revision_number']) {
    throw new ApiError('precondition_failed', `Constrained to ${wanted}, but current revision is ${item['revision_number']}`, { type: 'RevisionNumberConstraintFailed' })
  }
}

/** For the API document: what a body looks like. The reading, in Neutron's own words, is done by body.ts. */
function bodySchema({ name, collection, attributes }: Resource<never>, method: 'post' | 'put'): TSchema {
  const properties = Object.fromEntries(Object.entries(attributes).flatMap(([key, attribute]) => (attribute[method] ? [[key, Type.Optional(Type.Unknown())]] : [])))
  const one = Type.Object({ [name]: Type.Object(properties) })
  const many = Type.Object({ [collection]: Type.Array(Type.Object(properties)) })
  return Type.Union([one, ...(method === 'post' ? [many] : []), Type.Unknown()])
}

/** The operations that the resource has functions for. */
export function resourceOperations<Row extends ResourceRow>(resource: Resource<Row>): Operation[] {
  const { name, path } = resource
  const described = resource as unknown as Resource<never>
  const operations = [
    operation({ method: 'GET', path, summary: `List ${resource.collection}`, policy: `get_${name}`, status: 200, handler: (ctx, request) => list(ctx, resource, request) }),
    operation({
      method: 'GET', path: `${path}/:id`, summary: `Show a ${name}`, policy: `get_${name}`, status: 200,
      async handler(ctx, { params, query }) {
        const fields = [(query as Values)['fields'] ?? []].flat().map(String)
        return { [name]: show(ctx, resource, await resourceFetch(ctx, resource, params['id'] ?? ''), fields) }
      },
    }),
  ]
  if (resource.create) {
    operations.push(operation({ method: 'POST', path, summary: `Create a ${name}`, policy: `create_${name}`, status: 201, bodyOptional: true, body: bodySchema(described, 'post'), handler: (ctx, request) => create(ctx, resource, request) }))
  }
  if (resource.update) {
    operations.push(operation({ method: 'PUT', path: `${path}/:id`, summary: `Update a ${name}`, policy: `update_${name}`, status: 200, bodyOptional: true, body: bodySchema(described, 'put'), handler: (ctx, request) => update(ctx, resource, request) }))
  }
  if (resource.remove) {
    operations.push(
      operation({
        method: 'DELETE', path: `${path}/:id`, summary: `Delete a ${name}`, policy: `delete_${name}`, status: 204,
        handler: async (ctx, request) => new Reply(await remove(ctx, resource, request), { status: 204 }),
      }),
    )
  }
  return operations
}

// The five operations of an API resource, made from one description: list, show, create (bulk too), update, delete.
// Attributes that a rule hides are absent; bodies are read by the attribute table, in Neutron's own words.
import type { TSchema } from 'typebox'
import { Type } from '../../platform/api/type.ts'
import type { ApiRequest, Operation } from '../../platform/api/operation.ts'
import { resource as declaredResource } from '../../platform/api/resource.ts'
import type { Context } from '../../platform/context.ts'
import { Budget } from '../../platform/budget.ts'
import { ApiError, assert } from '../../platform/errors.ts'
import { eventAppend } from '../../platform/events.ts'
import { readCreate, readUpdate } from '../api/body.ts'
import { listRows } from '../api/list.ts'
import { authorizeCreate, authorizeUpdate, hiddenAttributes } from '../api/permission.ts'
import { pageLinks, readListQuery } from '../api/query.ts'
import { quotaReserve } from '../quotas/check.ts'
import { resourceFetch, resourceFor, resourceLoad, type Found, type Loaded, type Resource, type ResourceRow } from '../api/resource.ts'
import { referencesCheck } from '../api/references.ts'

export type Item = Record<string, unknown>

/** A row with its event takes 0.4 ms: a dozen of a thousand, then others have a turn. */
const stepsPerItem = 20_000

export interface ApiResource<Row extends ResourceRow, Facts> {
  resource: Resource<Row, Facts>
  /** 'networks': in bodies */
  collection: string
  /** '/networks' */
  path: string
  /** a list is answered to everybody, with what he may see: often nothing */
  isListedToAll?: boolean
  view(loaded: Loaded<Row, Facts>): Item
}

/** One item as this actor may see it. */
export function show<Row extends ResourceRow, Facts>(
  ctx: Context,
  api: ApiResource<Row, Facts>,
  found: Found<Row, Facts>,
  fields: string[] = [],
): Item {
  const item = api.view(found)
  for (const name of hiddenAttributes(ctx, api.resource, found.target)) delete item[name]
  return fields.length === 0 ? item : Object.fromEntries(Object.entries(item).filter(([name]) => fields.includes(name)))
}

async function list<Row extends ResourceRow, Facts>(ctx: Context, api: ApiResource<Row, Facts>, request: ApiRequest): Promise<unknown> {
  const query = readListQuery(ctx, request, api.resource.shape)
  const { rows, allowed } = await listRows(ctx, api.resource, query)
  return {
    [api.collection]: allowed.map((one) => show(ctx, api, one, query.fields)),
    ...pageLinks(ctx, request, { collection: api.collection, query, ids: rows.map(({ id }) => id) }),
  }
}

async function create<Row extends ResourceRow, Facts>(ctx: Context, api: ApiResource<Row, Facts>, request: ApiRequest): Promise<unknown> {
  const { resource } = api
  const { name } = resource
  const { items, bulk } = readCreate(ctx, request.body, { name, collection: api.collection, attributes: resource.attributes })
  const made = await ctx.transaction(async (tx) => {
    const rows: Row[] = []
    // Neutron's own order: the quota, the policy, and only then what the values name
    if (resource.quota !== undefined)
      await quotaReserve(
        tx,
        resource.quota,
        items.map(({ values }) => values.project_id),
      )
    const parents = await authorizeCreate(tx, resource, items)
    await referencesCheck(tx, resource.attributes, items)
    const budget = new Budget()
    for (const [index, { values }] of items.entries()) {
      await budget.take(stepsPerItem)
      assert(resource.create, `${name} cannot be created`)
      const row = await resource.create(tx, values, parents[index])
      await eventAppend(tx, { resourceType: name, resourceId: row.id, projectId: row.project_id, action: 'create', result: 'success' })
      rows.push(row)
    }
    return resourceLoad(tx, resource, rows)
  })
  const shown = made.map((one) => show(ctx, api, one))
  return bulk ? { [api.collection]: shown } : { [name]: shown[0] }
}

async function update<Row extends ResourceRow, Facts>(ctx: Context, api: ApiResource<Row, Facts>, request: ApiRequest): Promise<unknown> {
  const { resource } = api
  const { values, named } = readUpdate(request.body, resource)
  const changed = await ctx.transaction(async (tx) => {
    const found = await authorizeUpdate(tx, resource, { id: request.params['id'] ?? '', values, named })
    checkRevision(request, found.row)
    await referencesCheck(tx, resource.attributes, [{ values, named }])
    assert(resource.update, `${resource.name} cannot be changed`)
    const row = await resource.update(tx, found.row, values)
    await eventAppend(tx, {
      resourceType: resource.name,
      resourceId: row.id,
      projectId: row.project_id,
      action: 'update',
      result: 'success',
      details: { changed: named },
    })
    return resourceLoad(tx, resource, [row])
  })
  return { [resource.name]: changed[0] && show(ctx, api, changed[0]) }
}

async function remove<Row extends ResourceRow, Facts>(
  ctx: Context,
  { resource }: ApiResource<Row, Facts>,
  request: ApiRequest,
): Promise<undefined> {
  await ctx.transaction(async (tx) => {
    const { row } = await resourceFor(tx, resource, request.params['id'] ?? '', `delete_${resource.name}`)
    checkRevision(request, row)
    await resource.delete?.(tx, row)
    await eventAppend(tx, {
      resourceType: resource.name,
      resourceId: row.id,
      projectId: row.project_id,
      action: 'delete',
      result: 'success',
    })
  })
}

/** If-Match: revision_number=3 */
function checkRevision(request: ApiRequest, row: ResourceRow & { revision_number?: number }): void {
  const header = request.headers['if-match']
  if (header === undefined) return
  const wanted = /^"?revision_number=(\d+)"?$/.exec(header.trim())?.[1]
  if (wanted === undefined) throw new ApiError('bad_request', 'Bad If-Match request: invalid criteria.', { type: 'BadRequest' })
  if (Number(wanted) !== row.revision_number) {
    throw new ApiError('precondition_failed', `Constrained to ${wanted}, but current revision is ${row.revision_number}`, {
      type: 'RevisionNumberConstraintFailed',
    })
  }
}

/** For the API document: what a body looks like. The reading, in Neutron's own words, is done by api/body.ts. */
function bodySchema<Row extends ResourceRow, Facts>({ collection, resource }: ApiResource<Row, Facts>, method: 'post' | 'put'): TSchema {
  const { name, attributes } = resource
  const properties = Object.fromEntries(
    Object.entries(attributes).flatMap(([key, attribute]) => (attribute[method] ? [[key, Type.Optional(Type.Unknown())]] : [])),
  )
  const one = Type.Object({ [name]: Type.Object(properties) })
  const many = Type.Object({ [collection]: Type.Array(Type.Object(properties)) })
  return Type.Union([one, ...(method === 'post' ? [many] : []), Type.Unknown()])
}

/** The rule that allows everybody. */
const everybody = 'get_extension'

/** The operations that the resource has functions for. */
export function resourceOperations<Row extends ResourceRow, Facts>(api: ApiResource<Row, Facts>): Operation[] {
  const { path, resource, collection } = api
  const { name } = resource
  const declared = declaredResource({
    path,
    one: `a ${name}`,
    many: collection,
    rule: (act) => `${act === 'list' || act === 'show' ? 'get' : act}_${name}`,
  })
  const operations = [
    declared.list({ ...(api.isListedToAll ? { orPolicies: [everybody] } : {}), handler: (ctx, request) => list(ctx, api, request) }),
    declared.show({
      async handler(ctx, id, { query }) {
        const fields = [query['fields'] ?? []].flat()
        return { [name]: show(ctx, api, await resourceFetch(ctx, resource, id), fields) }
      },
    }),
  ]
  const bodyOptional = true
  if (resource.create)
    operations.push(declared.create({ bodyOptional, body: bodySchema(api, 'post'), handler: (ctx, request) => create(ctx, api, request) }))
  if (resource.update)
    operations.push(
      declared.update({ bodyOptional, body: bodySchema(api, 'put'), handler: (ctx, _id, request) => update(ctx, api, request) }),
    )
  if (resource.delete) operations.push(declared.delete({ handler: (ctx, _id, request) => remove(ctx, api, request) }))
  return operations
}

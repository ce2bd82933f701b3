// Metadata definitions: what properties, objects and tags mean, in namespaces that are public or a project's own.
// Nothing here reads them; dashboards do.
import { isoMillis } from '../platform/clock.ts'
import type { Context } from '../platform/context.ts'
import { badRequest, conflict, forbidden, notFound } from '../platform/errors.ts'
import type { PageRequest } from '../platform/store/page.ts'
import { isUniqueViolation } from '../platform/store/store.ts'
import {
  itemFetch,
  type ItemKind,
  type ItemRow,
  itemRows,
  itemsOf,
  type NamespaceFilters,
  type NamespaceRow,
  namespaceRows,
  namespacesPage,
  resourceTypeNames,
} from './store/metadefs.ts'

export type { ItemKind, ItemRow, NamespaceRow } from './store/metadefs.ts'

/** A namespace with what it holds. */
export interface Namespace {
  row: NamespaceRow
  items: ItemRow[]
}

const now = (ctx: Context) => isoMillis(ctx.clock.nowMs())
const namespaceNotFound = (namespace: string) => notFound(`Metadata definition namespace=${namespace} was not found.`)

/** The namespace, if the actor may do to it what `rule` says; a private one of others is not found. */
async function namespaceRowGet(ctx: Context, namespace: string, rule: string | null = ctx.rule): Promise<NamespaceRow> {
  const row = await namespaceRows.first(ctx.db, { namespace: namespace })
  const target = row ? { project_id: row.project_id, visibility: row.visibility } : undefined
  const seen = ctx.allows(target, 'get_metadef_namespace')
  if (!row || !seen) throw namespaceNotFound(namespace)
  if (rule !== 'get_metadef_namespace' && !ctx.allows(target, rule)) throw forbidden(`You are not authorized to complete ${rule} action.`)
  return row
}

export async function namespaceGet(ctx: Context, namespace: string): Promise<Namespace> {
  const row = await namespaceRowGet(ctx, namespace)
  return { row, items: await itemsOf(ctx.db, [row.id]) }
}

export async function namespaceList(
  ctx: Context,
  filters: Omit<NamespaceFilters, 'projectId'>,
  { marker, ...request }: Omit<PageRequest, 'after'> & { marker: string | undefined },
): Promise<Namespace[]> {
  ctx.authorize()
  if (request.limit === 0) return []
  const after = marker === undefined ? undefined : await namespaceRows.first(ctx.db, { namespace: marker })
  if (marker !== undefined && !after) throw badRequest(`Metadata definition namespace=${marker} was not found.`)
  const rows = await namespacesPage(
    ctx.db,
    { ...filters, projectId: ctx.isAdmin ? undefined : ctx.actor.projectId },
    { ...request, after: after && { ...after } },
  )
  const items =
    rows.length === 0
      ? []
      : await itemsOf(
          ctx.db,
          rows.map(({ id }) => id),
          'resource_type',
        )
  return rows.map((row) => ({ row, items: items.filter((item) => item.namespace_id === row.id) }))
}

export interface NamespaceBody {
  namespace: string
  display_name?: string
  description?: string
  visibility?: 'public' | 'private'
  protected?: boolean
  owner?: string
  resource_type_associations?: { name: string }[]
  properties?: Record<string, object>
  objects?: { name: string }[]
  tags?: { name: string }[]
}

/** With everything that the body brings along, in one transaction. */
export async function namespaceCreate(ctx: Context, body: NamespaceBody): Promise<Namespace> {
  if (!ctx.allows()) throw forbidden(`You are not authorized to complete ${ctx.rule} action.`)
  return ctx.transaction(async (tx) => {
    const row: NamespaceRow = {
      id: tx.ids.uuid(),
      namespace: body.namespace,
      display_name: body.display_name ?? null,
      description: body.description ?? null,
      visibility: body.visibility ?? 'private',
      protected: body.protected ?? false,
      project_id: body.owner ?? tx.actor.projectId,
      created_at: now(tx),
      updated_at: now(tx),
    }
    await namespaceRows.insert(tx.db, row).catch((error: unknown) => {
      throw isUniqueViolation(error) ? conflict(`The metadata definition namespace=${body.namespace} already exists.`) : error
    })
    const add = (kind: ItemKind, items: object[] = []) => Promise.all(items.map((item) => insert(tx, row, kind, item as { name: string })))
    await add('resource_type', body.resource_type_associations)
    await add('object', body.objects)
    await add('tag', body.tags)
    await add(
      'property',
      Object.entries(body.properties ?? {}).map(([name, property]) => ({ ...property, name })),
    )
    return { row, items: await itemsOf(tx.db, [row.id]) }
  })
}

export async function namespaceUpdate(ctx: Context, namespace: string, body: NamespaceBody): Promise<NamespaceRow> {
  return ctx.transaction(async (tx) => {
    const row = await namespaceRowGet(tx, namespace)
    const other = body.namespace === namespace ? undefined : await namespaceRows.first(tx.db, { namespace: body.namespace })
    if (other) throw conflict(`The metadata definition namespace=${body.namespace} already exists.`)
    const change: Partial<NamespaceRow> = {
      namespace: body.namespace,
      display_name: body.display_name ?? null,
      description: body.description ?? null,
      visibility: body.visibility ?? row.visibility,
      protected: body.protected ?? row.protected,
      project_id: body.owner ?? row.project_id,
      updated_at: now(tx),
    }
    await namespaceRows.update(tx.db, row.id, change)
    return { ...row, ...change }
  })
}

export async function namespaceDelete(ctx: Context, namespace: string): Promise<void> {
  await ctx.transaction(async (tx) => {
    const row = await namespaceRowGet(tx, namespace)
    if (row.protected) throw forbidden(`Metadata definition namespace ${namespace} is protected and cannot be deleted.`)
    await namespaceRows.delete(tx.db, row.id)
  })
}

const kindNames: Record<ItemKind, string> = { object: 'object', property: 'property', tag: 'tag', resource_type: 'resource type' }

async function insert(tx: Context, namespace: NamespaceRow, kind: ItemKind, { name, ...body }: { name: string }): Promise<ItemRow> {
  const row: ItemRow = {
    id: tx.ids.uuid(),
    namespace_id: namespace.id,
    kind,
    name,
    body,
    created_at: now(tx),
    updated_at: now(tx),
  }
  await itemRows.insert(tx.db, row).catch((error: unknown) => {
    throw isUniqueViolation(error)
      ? conflict(`A metadata definition ${kindNames[kind]} with name=${name} already exists in namespace=${namespace.namespace}.`)
      : error
  })
  return row
}

/** Adds an object, a property, a tag or a resource type. */
export async function itemCreate(ctx: Context, namespace: string, kind: ItemKind, body: { name: string }): Promise<ItemRow> {
  return ctx.transaction(async (tx) => {
    const row = await namespaceRowGet(tx, namespace)
    if (kind !== 'resource_type') return insert(tx, row, kind, body)
    // associating twice is fine: the newer one holds
    const known = await itemFetch(tx.db, row.id, kind, body.name)
    if (known) await itemRows.delete(tx.db, known.id)
    return insert(tx, row, kind, body)
  })
}

/** The tags become these; with `append`, these are added. */
export async function tagsReplace(ctx: Context, namespace: string, names: string[], { append }: { append: boolean }): Promise<void> {
  await ctx.transaction(async (tx) => {
    const row = await namespaceRowGet(tx, namespace)
    if (!append) await itemRows.delete(tx.db, { namespace_id: row.id, kind: 'tag' })
    for (const name of names) await insert(tx, row, 'tag', { name })
  })
}

export async function itemGet(ctx: Context, namespace: string, kind: ItemKind, name: string): Promise<ItemRow> {
  const row = await namespaceRowGet(ctx, namespace)
  const item = await itemFetch(ctx.db, row.id, kind, name)
  if (!item) throw notFound(`The metadata definition ${kindNames[kind]} with name=${name} was not found in namespace=${namespace}.`)
  return item
}

export async function itemList(ctx: Context, namespace: string, kind: ItemKind): Promise<ItemRow[]> {
  const row = await namespaceRowGet(ctx, namespace)
  return itemsOf(ctx.db, [row.id], kind)
}

export async function itemUpdate(
  ctx: Context,
  namespace: string,
  kind: ItemKind,
  name: string,
  { name: newName, ...body }: { name: string },
): Promise<ItemRow> {
  return ctx.transaction(async (tx) => {
    const item = await itemGet(tx, namespace, kind, name)
    const other = newName === name ? undefined : await itemFetch(tx.db, item.namespace_id, kind, newName)
    if (other) throw conflict(`A metadata definition ${kindNames[kind]} with name=${newName} already exists in namespace=${namespace}.`)
    const change = { name: newName, body, updated_at: now(tx) }
    await itemRows.update(tx.db, item.id, change)
    return { ...item, ...change }
  })
}

export async function itemDelete(ctx: Context, namespace: string, kind: ItemKind, name: string): Promise<void> {
  await ctx.transaction(async (tx) => {
    const row = await namespaceRowGet(tx, namespace)
    if (row.protected) throw forbidden(`Metadata definition namespace ${namespace} is protected: nothing can be deleted from it.`)
    const item = await itemGet(tx, namespace, kind, name)
    await itemRows.delete(tx.db, item.id)
  })
}

export async function itemsDelete(ctx: Context, namespace: string, kind: ItemKind): Promise<void> {
  await ctx.transaction(async (tx) => {
    const row = await namespaceRowGet(tx, namespace)
    await itemRows.delete(tx.db, { namespace_id: row.id, kind: kind })
  })
}

/** What definitions may be about, and what some namespace is already about. */
const stockResourceTypes = [
  'OS::Cinder::Volume',
  'OS::Glance::Image',
  'OS::Nova::Aggregate',
  'OS::Nova::Flavor',
  'OS::Nova::Server',
  'OS::Trove::Instance',
]
const stockTime = '2014-08-28T00:00:00.000Z'

export async function resourceTypeList(ctx: Context): Promise<{ name: string; createdAt: string }[]> {
  ctx.authorize()
  const used = await resourceTypeNames(ctx.db)
  const stock = stockResourceTypes
    .filter((name) => !used.some((each) => each.name === name))
    .map((name) => ({ name, createdAt: stockTime }))
  return [...used.map(({ name, created_at }) => ({ name, createdAt: created_at })), ...stock]
}

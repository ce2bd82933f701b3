// Resource providers: what has something to give (a compute host), in trees. Every change moves a provider's
// generation on, which writers must name.
import { isoMillis } from '../platform/clock.ts'
import { lookup, permitted } from '../platform/api/lookup.ts'
import type { Context } from '../platform/context.ts'
import { badRequest, conflict, notFound } from '../platform/errors.ts'
import { codes, concurrentUpdate, providerMissing } from './failures.ts'
import type { NewProvider, ProviderChange } from './schemas.ts'
import { classesInUse } from './store/allocations.ts'
import { inventories } from './store/inventories.ts'
import { providerGenerationRaise, providers, providersList } from './store/providers.ts'
import type { ProviderRow } from './store/tables.ts'
import { aggregatesReplace, traitsReplace } from './store/traits.ts'

export const providerGet = lookup<ProviderRow>({ find: (ctx, id) => providers.fetch(ctx.db, id), missing: providerMissing })

/** Moves the generation on: to be called by whoever changed something of the provider, in the same transaction. */
export async function providerChange(tx: Context, row: ProviderRow): Promise<ProviderRow> {
  const now = isoMillis(tx.clock.nowMs())
  if (!(await providerGenerationRaise(tx.db, row, now))) {
    throw concurrentUpdate('Update conflict: Another thread concurrently updated the resource provider data. Please retry your update')
  }
  return { ...row, generation: row.generation + 1, updated_at: now }
}

export async function providerCreate(ctx: Context, wanted: NewProvider): Promise<ProviderRow> {
  ctx.authorize()
  const id = wanted.uuid === undefined ? ctx.ids.uuid() : dashed(wanted.uuid)
  const parentId = wanted.parent_provider_uuid ?? null
  const now = isoMillis(ctx.clock.nowMs())
  return ctx.transaction(async (tx) => {
    const unable = (why: string) =>
      badRequest(`Unable to create resource provider "${wanted.name}", ${id}: Object action create failed because: ${why}`)
    if (parentId === id) throw unable('parent provider UUID cannot be same as UUID. Please create with empty parent_provider_uuid')
    const duplicates = [
      ...((await providers.fetch(tx.db, id)) ? [`uuid: ${id}`] : []),
      ...((await providers.first(tx.db, { name: wanted.name })) ? [`name: ${wanted.name}`] : []),
    ]
    if (duplicates.length > 0)
      throw conflict(`Conflicting resource provider ${duplicates.join(', ')} already exists.`, { type: codes.duplicateName })
    const parent = parentId === null ? null : await providers.fetch(tx.db, parentId)
    if (parent === undefined) throw unable('parent provider UUID does not exist.')
    const row: ProviderRow = {
      id,
      name: wanted.name,
      generation: 0,
      parent_id: parentId,
      root_id: parent?.root_id ?? id,
      created_at: now,
      updated_at: now,
    }
    await providers.insert(tx.db, row)
    return row
  })
}

/** 8-4-4-4-12, lower case: what rows hold. */
export function dashed(uuid: string): string {
  const hex = uuid.replaceAll('-', '').toLowerCase()
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}

/** Renames, and moves in the tree: before 1.37 only from no parent to one. */
export async function providerUpdate(ctx: Context, id: string, change: ProviderChange, mayMove: boolean): Promise<ProviderRow> {
  return ctx.transaction(async (tx) => {
    const row = await providerGet(tx, id)
    const name = change.name ?? row.name
    const parentId = change.parent_provider_uuid === undefined ? row.parent_id : change.parent_provider_uuid
    const clash = name === row.name ? undefined : await providers.first(tx.db, { name: name })
    if (clash) throw conflict(`Conflicting resource provider ${name} already exists.`, { type: codes.duplicateName })
    const now = isoMillis(tx.clock.nowMs())
    const rootId = parentId === row.parent_id ? row.root_id : await move(tx, row, parentId, mayMove)
    await providers.update(tx.db, id, { name, parent_id: parentId, root_id: rootId, updated_at: now })
    return { ...row, name, parent_id: parentId, root_id: rootId, updated_at: now }
  })
}

async function move(tx: Context, row: ProviderRow, parentId: string | null, mayMove: boolean): Promise<string> {
  const unable = (why: string) => badRequest(`Unable to save resource provider ${row.id}: Object action update failed because: ${why}`)
  if (!mayMove && row.parent_id !== null) {
    throw unable(
      parentId === null ? 'un-parenting a provider is not currently allowed.' : 're-parenting a provider is not currently allowed.',
    )
  }
  const parent = parentId === null ? null : await providers.fetch(tx.db, parentId)
  if (parent === undefined) throw unable('parent provider UUID does not exist.')
  const subtree = subtreeIds(row.id, await providersList(tx.db, { rootId: row.root_id }))
  if (parentId !== null && subtree.has(parentId)) throw unable('creating loop in the provider tree is not allowed.')
  const rootId = parent?.root_id ?? row.id
  for (const id of subtree) await providers.update(tx.db, id, { root_id: rootId })
  return rootId
}

function subtreeIds(id: string, tree: ProviderRow[]): Set<string> {
  const ids = new Set([id])
  for (let grown = true; grown;) {
    grown = false
    for (const row of tree) {
      if (row.parent_id === null || ids.has(row.id) || !ids.has(row.parent_id)) continue
      ids.add(row.id)
      grown = true
    }
  }
  return ids
}

export async function providerDelete(ctx: Context, id: string): Promise<void> {
  await ctx.transaction(async (tx) => {
    const missing = () => notFound(`No resource provider with uuid ${id} found for delete`)
    permitted(tx, await providers.fetch(tx.db, id), { id, missing })
    if (await providers.first(tx.db, { parent_id: id })) {
      throw conflict(`Unable to delete parent resource provider ${id}: It has child resource providers.`, {
        type: codes.cannotDeleteParent,
      })
    }
    if ((await classesInUse(tx.db, id)).length > 0) {
      throw conflict(`Unable to delete resource provider ${id}: Resource provider has allocations.`, { type: codes.providerInUse })
    }
    await inventories.delete(tx.db, { provider_id: id })
    await traitsReplace(tx.db, id, [])
    await aggregatesReplace(tx.db, id, new Map())
    await providers.delete(tx.db, id)
  })
}

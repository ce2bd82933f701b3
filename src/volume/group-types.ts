// Types of volume groups: names with specs, for operators.
import { isoMillis } from '../platform/clock.ts'
import { publicFilter } from '../platform/api/words.ts'
import type { Context } from '../platform/context.ts'
import { badRequest, conflict, notFound } from '../platform/errors.ts'
import { isUuidLike } from '../platform/ids.ts'
import { specsMerged } from './specs.ts'
import { pageOf, type ListQuery } from './listing.ts'
import { groupTypeRows, groupTypeInUse, groupTypesPage, type GroupTypeRow } from './store/groups.ts'

export type { GroupTypeRow } from './store/groups.ts'

const missing = (id: string) => notFound(`Group type ${id} could not be found.`)

/** Types may be seen by everybody; the private ones by admins. */
export async function groupTypeGet(ctx: Context, id: string): Promise<GroupTypeRow> {
  ctx.authorize()
  const row = await groupTypeRows.fetch(ctx.db, id)
  if (!row || (!row.is_public && !ctx.isAdmin)) throw missing(id)
  return row
}

/** By id or name, for a new group. */
export async function groupTypeMayBeUsed(ctx: Context, nameOrId: string): Promise<GroupTypeRow> {
  const row = isUuidLike(nameOrId) ? await groupTypeRows.fetch(ctx.db, nameOrId) : await groupTypeRows.first(ctx.db, { name: nameOrId })
  if (!row || (!row.is_public && !ctx.isAdmin))
    throw isUuidLike(nameOrId) ? missing(nameOrId) : notFound(`Group type with name ${nameOrId} could not be found.`)
  return row
}

export async function groupTypesList(ctx: Context, query: ListQuery): Promise<GroupTypeRow[]> {
  ctx.authorize()
  const isPublic = ctx.isAdmin ? (publicFilter(query.filters.get('is_public')) ?? undefined) : true
  return groupTypesPage(ctx.db, isPublic, await pageOf(query, (id) => groupTypeGet(ctx, id)))
}

export interface GroupTypeDraft {
  name: string
  description: string | null
  isPublic: boolean
  specs: Record<string, string>
}

export async function groupTypeCreate(ctx: Context, { name, description, isPublic, specs }: GroupTypeDraft): Promise<GroupTypeRow> {
  ctx.authorize()
  return ctx.transaction(async (tx) => {
    if (await groupTypeRows.first(tx.db, { name })) throw conflict(`Group Type ${name} already exists.`)
    const row: GroupTypeRow = {
      id: tx.ids.uuid(),
      name,
      description,
      is_public: isPublic,
      group_specs: specs,
      created_at: isoMillis(tx.clock.nowMs()),
    }
    await groupTypeRows.insert(tx.db, row)
    return row
  })
}

export async function groupTypeUpdate(
  ctx: Context,
  id: string,
  change: { name?: string | null; description?: string | null; isPublic?: boolean },
): Promise<GroupTypeRow> {
  return ctx.transaction(async (tx) => {
    const row = await groupTypeGet(tx, id)
    const other = change.name ? await groupTypeRows.first(tx.db, { name: change.name }) : undefined
    if (other && other.id !== id) throw conflict(`Group Type ${change.name} already exists.`)
    const changed: Partial<GroupTypeRow> = {
      name: change.name || row.name,
      description: change.description === undefined ? row.description : change.description,
      is_public: change.isPublic ?? row.is_public,
    }
    await groupTypeRows.update(tx.db, id, changed)
    return { ...row, ...changed }
  })
}

/** Sets or unsets specs: null takes one away. */
export async function groupSpecsUpdate(ctx: Context, id: string, specs: Record<string, string | null>): Promise<void> {
  await ctx.transaction(async (tx) => {
    await groupTypeRows.update(tx.db, id, { group_specs: specsMerged((await groupTypeGet(tx, id)).group_specs, specs) })
  })
}

export async function groupTypeDelete(ctx: Context, id: string): Promise<void> {
  await ctx.transaction(async (tx) => {
    await groupTypeGet(tx, id)
    if (await groupTypeInUse(tx.db, id)) throw badRequest('Target group type is still in use.')
    await groupTypeRows.delete(tx.db, id)
  })
}

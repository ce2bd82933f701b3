// Flavors: the sizes that servers come in. Public ones are everybody's, private ones those projects' that were given access.
import { isoMillis } from '../../platform/clock.ts'
import { eventAppend } from '../../platform/events.ts'
import type { Context } from '../../platform/context.ts'
import { badRequest, conflict, notFound } from '../../platform/errors.ts'
import { isUniqueViolation } from '../../platform/store/store.ts'
import { Budget } from '../../platform/budget.ts'
import type { Pattern } from '../../platform/pattern.ts'
import { patternOf } from '../servers/list.ts'
import {
  flavorAccessClear,
  flavorAccessDelete,
  flavorAccessHas,
  flavorAccessInsert,
  flavorAccessList,
  flavors,
  flavorsPage,
  type FlavorQuestion,
  type FlavorRow,
} from './store.ts'
import type { ServerFlavor } from '../servers/store/servers.ts'

const missing = (id: string) => notFound(`Flavor ${id} could not be found.`)

/** Public, given to the project, or asked for by an admin. */
async function isSeen(ctx: Context, row: FlavorRow): Promise<boolean> {
  if (row.is_public || ctx.isAdmin) return true
  return ctx.actor.projectId !== null && flavorAccessHas(ctx.db, row.id, ctx.actor.projectId)
}

/** The flavor, if the operation's rule allows and the project sees it; else 404. */
export async function flavorGet(ctx: Context, id: string, rule?: string): Promise<FlavorRow> {
  ctx.authorize(undefined, rule ?? ctx.rule)
  const row = await flavors.fetch(ctx.db, id)
  if (!row || !(await isSeen(ctx, row))) throw missing(id)
  return row
}

/** What a new server takes of a flavor; 400 in Nova's words when there is none of this id that the project sees. */
export async function flavorForServer(ctx: Context, id: string): Promise<ServerFlavor> {
  const row = await flavors.fetch(ctx.db, id)
  if (!row || row.disabled || !(await isSeen(ctx, row))) throw badRequest(`Flavor ${id} could not be found.`)
  return serverFlavor(row)
}

/** The flavor as a server keeps it. */
const serverFlavor = (row: FlavorRow): ServerFlavor => ({
  id: row.id,
  name: row.name,
  vcpus: row.vcpus,
  ramMib: row.memory_mb,
  rootGib: row.root_gb,
  ephemeralGib: row.ephemeral_gb,
  swapMib: row.swap,
  rxtxFactor: row.rxtx_factor,
  extraSpecs: row.extra_specs,
})

export interface FlavorListing extends Omit<FlavorQuestion, 'seen' | 'after'> {
  /** what the query says: true, false, 'none' (all) or nothing */
  isPublic: boolean | 'none' | undefined
  marker?: string | undefined
  /** a pattern, as in the lists of servers */
  name?: string | undefined
}

export async function flavorsList(ctx: Context, { isPublic, marker, name, ...question }: FlavorListing): Promise<FlavorRow[]> {
  ctx.authorize()
  const own = ctx.actor.projectId
  const mine: FlavorQuestion['seen'] = own === null ? { kind: 'public' } : { kind: 'public', orOf: own }
  const wanted = ctx.isAdmin ? (isPublic ?? true) : true
  const seen: FlavorQuestion['seen'] = wanted === 'none' ? { kind: 'all' } : wanted ? mine : { kind: 'private' }
  const after = marker === undefined ? undefined : await flavors.fetch(ctx.db, marker)
  if (marker !== undefined && !after) throw badRequest(`marker [${marker}] not found`)
  const page = { ...question, seen, after }
  return name === undefined ? flavorsPage(ctx.db, page) : flavorsMatching(ctx, patternOf('name', name), page)
}

/** The page of those whose name the pattern matches: looked for batch by batch, since a database's own patterns could run for ever. */
async function flavorsMatching(ctx: Context, pattern: Pattern, { after, ...question }: FlavorQuestion): Promise<FlavorRow[]> {
  const batchRows = 500
  const found: FlavorRow[] = []
  const budget = new Budget()
  let from = after
  for (;;) {
    const batch = await flavorsPage(ctx.db, { ...question, limit: batchRows, after: from })
    for (const row of batch) {
      await budget.take(pattern.stepsPerCharacter * row.name.length)
      if (found.length < question.limit && pattern.matches(row.name)) found.push(row)
    }
    if (batch.length < batchRows || found.length >= question.limit) return found
    from = batch.at(-1)
  }
}

export type NewFlavor = Omit<FlavorRow, 'id' | 'disabled' | 'extra_specs' | 'created_at' | 'updated_at'> & { id: string | undefined }

export async function flavorCreate(ctx: Context, wanted: NewFlavor): Promise<FlavorRow> {
  ctx.authorize()
  const row: FlavorRow = {
    ...wanted,
    id: wanted.id ?? ctx.ids.uuid(),
    disabled: false,
    extra_specs: {},
    created_at: isoMillis(ctx.clock.nowMs()),
    updated_at: null,
  }
  await ctx.transaction(async (tx) => {
    if (await flavors.fetch(tx.db, row.id)) throw conflict(`Flavor with ID ${row.id} already exists.`)
    await flavors.insert(tx.db, row).catch((error: unknown) => {
      throw isUniqueViolation(error) ? conflict(`Flavor with name ${row.name} already exists.`) : error
    })
    await flavorEvent(tx, row.id, 'create')
  })
  return row
}

/** Flavors are the cloud's: their timeline is of no project. */
const flavorEvent = (tx: Context, id: string, action: 'create' | 'update' | 'delete') =>
  eventAppend(tx, { resourceType: 'flavor', resourceId: id, projectId: null, action, result: 'success' })

export const flavorUpdate = (ctx: Context, id: string, description: string | null): Promise<FlavorRow> =>
  flavorChange(ctx, id, () => ({ description }))

/** Reads and writes in one transaction. */
function flavorChange(ctx: Context, id: string, change: (row: FlavorRow) => Partial<FlavorRow>): Promise<FlavorRow> {
  return ctx.transaction(async (tx) => {
    const row = await flavorGet(tx, id)
    const changed = { ...change(row), updated_at: isoMillis(tx.clock.nowMs()) }
    await flavors.update(tx.db, id, changed)
    await flavorEvent(tx, id, 'update')
    return { ...row, ...changed }
  })
}

export async function flavorDelete(ctx: Context, id: string): Promise<void> {
  await ctx.transaction(async (tx) => {
    await flavorGet(tx, id)
    await flavorAccessClear(tx.db, id)
    await flavors.delete(tx.db, id)
    await flavorEvent(tx, id, 'delete')
  })
}

/** Changes the extra specs by a pure function of the old ones. */
export async function flavorExtraSpecsChange(
  ctx: Context,
  id: string,
  change: (specs: Record<string, string>) => Record<string, string>,
): Promise<void> {
  await flavorChange(ctx, id, (row) => ({ extra_specs: change(row.extra_specs) }))
}

export interface FlavorAccess {
  flavor_id: string
  tenant_id: string
}

export async function flavorAccess(ctx: Context, id: string): Promise<FlavorAccess[]> {
  const row = await flavorGet(ctx, id)
  if (row.is_public) throw notFound('Access list not available for public flavors.')
  return accessOf(ctx, id)
}

const accessOf = async (ctx: Context, id: string): Promise<FlavorAccess[]> =>
  (await flavorAccessList(ctx.db, id)).map((row) => ({ flavor_id: row.flavor_id, tenant_id: row.project_id }))

export async function flavorAccessAdd(ctx: Context, id: string, projectId: string): Promise<FlavorAccess[]> {
  return ctx.transaction(async (tx) => {
    const row = await flavorGet(tx, id)
    if (row.is_public) throw conflict('Can not add access to a public flavor.')
    await flavorAccessInsert(tx.db, id, projectId).catch((error: unknown) => {
      throw isUniqueViolation(error)
        ? conflict(`Flavor access already exists for flavor ${id} and project ${projectId} combination.`)
        : error
    })
    await flavorEvent(tx, id, 'update')
    return accessOf(tx, id)
  })
}

export async function flavorAccessRemove(ctx: Context, id: string, projectId: string): Promise<FlavorAccess[]> {
  return ctx.transaction(async (tx) => {
    await flavorGet(tx, id)
    if (!(await flavorAccessDelete(tx.db, id, projectId))) throw notFound(`Flavor access not found for ${id} / ${projectId} combination.`)
    await flavorEvent(tx, id, 'update')
    return accessOf(tx, id)
  })
}

// Volume types: public ones for all, private ones for projects that were let in. The type named __DEFAULT__ always exists.
import { isoMillis } from '../platform/clock.ts'
import type { Context } from '../platform/context.ts'
import { assert, badRequest, conflict, notFound } from '../platform/errors.ts'
import { eventAppend } from '../platform/events.ts'
import { isUuidLike } from '../platform/ids.ts'
import { specsMerged } from './specs.ts'
import { isUniqueViolation } from '../platform/store/store.ts'
import { defaultTypeRows, typeAccessRows, typeRows, type TypeAccessRow, type VolumeTypeRow } from './store/types.ts'
import { volumeTypeInUse } from './store/volumes.ts'

const defaultTypeName = '__DEFAULT__'

export type { VolumeTypeRow } from './store/types.ts'

/** What tells of the backend is for operators; what tells of abilities is for all. */
export const userVisibleSpecs = new Set(['RESKEY:availability_zones', 'multiattach', 'replication_enabled'])

export const isMultiattach = (row: VolumeTypeRow): boolean => row.extra_specs['multiattach'] === '<is> True'

export const typeNotFound = (id: string) => notFound(`Volume type ${id} could not be found.`)

/** The type by id or name, when the actor's project may use it. */
export async function typeMayBeUsed(ctx: Context, nameOrId: string): Promise<VolumeTypeRow> {
  const row =
    (isUuidLike(nameOrId) ? await typeRows.fetch(ctx.db, nameOrId) : undefined) ?? (await typeRows.first(ctx.db, { name: nameOrId }))
  if (row && (await isVisible(ctx, row))) return row
  throw isUuidLike(nameOrId) ? typeNotFound(nameOrId) : notFound(`Volume type with name ${nameOrId} could not be found.`)
}

async function isVisible(ctx: Context, row: VolumeTypeRow): Promise<boolean> {
  if (row.is_public || ctx.isAdmin) return true
  return (
    ctx.actor.projectId !== null &&
    (await typeAccessRows.first(ctx.db, { volume_type_id: row.id, project_id: ctx.actor.projectId })) !== undefined
  )
}

/** That of the source, else the project's default, else the cloud's. */
export async function typeForNew(ctx: Context, ofSource: string | null): Promise<VolumeTypeRow> {
  const chosen =
    ofSource ??
    (ctx.actor.projectId === null ? undefined : (await defaultTypeRows.first(ctx.db, { project_id: ctx.actor.projectId }))?.volume_type_id)
  const row = (chosen && (await typeRows.fetch(ctx.db, chosen))) || (await typeRows.first(ctx.db, { name: defaultTypeName }))
  assert(row, 'there is no default volume type')
  return row
}

/** For the API: may be seen, and the rule allows it. */
export async function typeGet(ctx: Context, id: string, rule: string | null = ctx.rule): Promise<VolumeTypeRow> {
  ctx.authorize(undefined, rule)
  const row = await typeRows.fetch(ctx.db, id)
  if (!row || !(await isVisible(ctx, row))) throw typeNotFound(id)
  return row
}

export interface TypeDraft {
  name: string
  description: string | null
  isPublic: boolean
  extraSpecs: Record<string, string>
}

export async function typeCreate(ctx: Context, draft: TypeDraft): Promise<VolumeTypeRow> {
  ctx.authorize()
  return ctx.transaction(async (tx) => {
    const row: VolumeTypeRow = {
      id: tx.ids.uuid(),
      name: draft.name,
      description: draft.description,
      is_public: draft.isPublic,
      extra_specs: draft.extraSpecs,
      qos_specs_id: null,
      encryption: null,
      created_at: isoMillis(tx.clock.nowMs()),
      updated_at: null,
    }
    await insert(tx, row)
    await eventAppend(tx, { resourceType: 'volume_type', resourceId: row.id, action: 'create', result: 'success' })
    return row
  })
}

const taken = (name: string) => conflict(`Volume Type ${name} already exists.`)

async function insert(tx: Context, row: VolumeTypeRow): Promise<void> {
  if (await typeRows.first(tx.db, { name: row.name })) throw taken(row.name)
  await typeRows.insert(tx.db, row)
}

export interface TypeChange {
  name?: string | null | undefined
  description?: string | null | undefined
  isPublic?: boolean | undefined
}

export async function typeUpdate(ctx: Context, id: string, { name, description, isPublic }: TypeChange): Promise<VolumeTypeRow> {
  return ctx.transaction(async (tx) => {
    await typeGet(tx, id)
    const change: Partial<VolumeTypeRow> = { updated_at: isoMillis(tx.clock.nowMs()) }
    if (name !== undefined && name !== null) {
      const other = await typeRows.first(tx.db, { name })
      if (other && other.id !== id) throw taken(name)
      change.name = name
    }
    if (description !== undefined) change.description = description
    if (isPublic !== undefined) change.is_public = isPublic
    await eventAppend(tx, { resourceType: 'volume_type', resourceId: id, action: 'update', result: 'success' })
    return (await typeRows.advance(tx.db, { id }, change)) as VolumeTypeRow
  })
}

export async function typeDelete(ctx: Context, id: string): Promise<void> {
  await ctx.transaction(async (tx) => {
    const row = await typeGet(tx, id)
    if (row.name === defaultTypeName) throw badRequest(`Target volume type is still in use or is the default: ${defaultTypeName}.`)
    if (await volumeTypeInUse(tx.db, id)) throw badRequest('Target volume type is still in use.')
    // told one by one, which the table's own cascade would not
    await defaultTypeRows.delete(tx.db, { volume_type_id: id })
    await typeRows.delete(tx.db, id)
    await eventAppend(tx, { resourceType: 'volume_type', resourceId: id, action: 'delete', result: 'success' })
  })
}

/** Sets or unsets extra specs: null takes one away. */
export async function typeSpecsUpdate(ctx: Context, id: string, specs: Record<string, string | null>): Promise<Record<string, string>> {
  return ctx.transaction(async (tx) => {
    const row = await typeGet(tx, id)
    const merged = specsMerged(row.extra_specs, specs)
    await typeRows.advance(tx.db, { id }, { extra_specs: merged, updated_at: isoMillis(tx.clock.nowMs()) })
    return merged
  })
}

export async function typeAccessList(ctx: Context, id: string): Promise<TypeAccessRow[]> {
  const row = await typeGet(ctx, id)
  if (row.is_public) throw notFound(`Access list not available for public volume types.`)
  return typeAccessRows.list(ctx.db, { volume_type_id: id })
}

export async function typeAccessAdd(ctx: Context, id: string, projectId: string): Promise<void> {
  await ctx.transaction(async (tx) => {
    const row = await typeGet(tx, id)
    if (row.is_public) throw conflict('Type access modification is not applicable to public volume type.')
    await typeAccessRows.insert(tx.db, { volume_type_id: id, project_id: projectId }).catch((error: unknown) => {
      throw isUniqueViolation(error) ? conflict(`Volume type access for ${id} / ${projectId} combination already exists.`) : error
    })
  })
}

export async function typeAccessRemove(ctx: Context, id: string, projectId: string): Promise<void> {
  await ctx.transaction(async (tx) => {
    const row = await typeGet(tx, id)
    if (row.is_public) throw conflict('Type access modification is not applicable to public volume type.')
    if (!(await typeAccessRows.delete(tx.db, { volume_type_id: id, project_id: projectId })))
      throw notFound(`Volume type access not found for ${id} / ${projectId} combination.`)
  })
}

/** The type that must always exist. */
export async function defaultTypeEnsure(ctx: Context): Promise<void> {
  await ctx.transaction(async (tx) => {
    if (await typeRows.first(tx.db, { name: defaultTypeName })) return
    const now = isoMillis(tx.clock.nowMs())
    await typeRows.insert(tx.db, {
      id: tx.ids.uuid(),
      name: defaultTypeName,
      description: 'Default Volume Type',
      is_public: true,
      extra_specs: {},
      qos_specs_id: null,
      encryption: null,
      created_at: now,
      updated_at: null,
    })
  })
}

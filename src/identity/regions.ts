// Regions: places that endpoints are in; a region may lie in another one.
import type { Context } from '../platform/context.ts'
import { badRequest, conflict, forbidden } from '../platform/errors.ts'
import { isUniqueViolation } from '../platform/store/store.ts'
import { extraMerged, extraOf } from './extra.ts'
import { existing, sameId } from './found.ts'
import { permit, permitFound } from './permission.ts'
import { change } from './revision.ts'
import { nullable, optional, text, type Body } from './schemas.ts'
import { referredDelete } from './store/references.ts'
import { endpoints, regions, type RegionRow } from './store/tables.ts'

export const regionProperties = {
  id: optional(text),
  description: optional(nullable(text)),
  parent_region_id: optional(nullable(text)),
}
export type RegionBody = Body<typeof regionProperties>

const attributes = Object.keys(regionProperties)
const longestId = 255
const levelsAtMost = 32

export function regionsList(ctx: Context): Promise<RegionRow[]> {
  permit(ctx)
  return regions.list(ctx.db)
}

export async function regionGet(ctx: Context, id: string): Promise<RegionRow> {
  return permitFound(ctx, await regions.fetch(ctx.db, id), { what: 'region', id })
}

/** A region may choose its own id: 'RegionOne'. */
export async function regionCreate(ctx: Context, body: RegionBody, id = body.id): Promise<RegionRow> {
  permit(ctx)
  if (body.id !== undefined && id !== body.id) throw badRequest('Conflicting region IDs specified in the URL and the body.')
  if (id !== undefined && id.length > longestId) throw badRequest(`A region id has at most ${longestId} characters.`)
  await parentCheck(ctx, id, body.parent_region_id)
  const row: RegionRow = {
    id: id === undefined || id === '' ? ctx.ids.hex() : id,
    description: body.description ?? '',
    parent_region_id: body.parent_region_id ?? null,
    extra: extraOf(body, attributes),
  }
  await change(ctx, { type: 'region', id: row.id, action: 'create' }, async (tx) => {
    await regions.insert(tx.db, row).catch((error: unknown) => {
      throw isUniqueViolation(error) ? conflict(`Conflict occurred attempting to store region - Duplicate ID, ${row.id}.`) : error
    })
  })
  return row
}

export async function regionUpdate(ctx: Context, id: string, body: RegionBody): Promise<RegionRow> {
  const row = await regionGet(ctx, id)
  sameId(id, body.id)
  await parentCheck(ctx, id, body.parent_region_id)
  const next = {
    description: body.description === undefined ? row.description : (body.description ?? ''),
    parent_region_id: body.parent_region_id === undefined ? row.parent_region_id : body.parent_region_id,
    extra: extraMerged(row.extra, body, attributes),
  }
  await change(ctx, { type: 'region', id, action: 'update' }, (tx) => regions.update(tx.db, { id }, next))
  return { ...row, ...next }
}

/** The parent must exist, and going up from it must not lead here. */
async function parentCheck(ctx: Context, id: string | undefined, parentId: string | null | undefined): Promise<void> {
  let at = parentId ?? null
  for (let level = 0; at !== null && level < levelsAtMost; level++) {
    if (at === id) throw badRequest('A region cannot be its own ancestor.')
    at = existing(await regions.fetch(ctx.db, at), 'region', at).parent_region_id
  }
}

/** Not while endpoints are in it; regions within it go too. */
export async function regionDelete(ctx: Context, id: string): Promise<void> {
  await regionGet(ctx, id)
  await change(ctx, { type: 'region', id, action: 'delete' }, async (tx) => {
    const doomed = [id]
    for (let index = 0; index < doomed.length; index++) {
      const below = await regions.list(tx.db, { parent_region_id: doomed[index] ?? '' })
      doomed.push(...below.map((row) => row.id))
    }
    if (await endpoints.first(tx.db, { region_id: doomed })) {
      throw forbidden(`Unable to delete region ${id} because it or its child regions have associated endpoints.`)
    }
    for (const each of doomed) await referredDelete(tx.db, 'region', each)
  })
}

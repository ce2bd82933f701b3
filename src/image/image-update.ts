// Changes an image's attributes, additional properties and tags, in one transaction.
import { isoMillis } from '../platform/clock.ts'
import type { Context } from '../platform/context.ts'
import { conflict, forbidden, notFound } from '../platform/errors.ts'
import { eventAppend } from '../platform/events.ts'
import type { Change, PatchDraft } from './image-patch.ts'
import { authorizeVisibility, checkLimits, checkMinimum, imageGetFull, imageTarget } from './images.ts'
import { isAttribute } from './reserved-names.ts'
import { type Image, imageRows, imageSave, type ImageVisibility, tagRows } from './store/images.ts'

/** Applies a patch in order; all of it or nothing. */
export async function imagePatch(ctx: Context, id: string, changes: Change[], draft: PatchDraft): Promise<Image> {
  return ctx.transaction(async (tx) => {
    const image = await imageGetFull(tx, id, changes.length === 0 ? 'get_image' : 'modify_image')
    for (const change of changes) apply(tx, image, change, draft)
    if (changes.length === 0) return image
    checkLimits(image.properties, image.tags)
    image.updated_at = isoMillis(tx.clock.nowMs())
    await imageSave(tx.db, image)
    await eventAppend(tx, { resourceType: 'image', resourceId: id, projectId: image.project_id, action: 'update', result: 'success' })
    return image
  })
}

function apply(ctx: Context, image: Image, change: Change, draft: PatchDraft): void {
  const { op, name, value } = change
  if (name === 'locations') return refuseLocations(op, value)
  if (op === 'replace' && name === 'owner' && !ctx.isAdmin) throw forbidden("Owner can't be updated by non admin.")
  if (op === 'remove') return remove(image, name)
  const present = isAttribute(name) || Object.hasOwn(image.properties, name)
  if (op === 'replace' && !present) throw conflict(`Property ${name} does not exist.`)
  if (op === 'add' && present && draft === 4) throw conflict(`Property ${name} already present.`)
  if (isAttribute(name)) setAttribute(ctx, image, name, value)
  else image.properties[name] = value as string | null
}

function remove(image: Image, name: string): void {
  if (isAttribute(name)) throw forbidden(`Property ${name} may not be removed.`)
  if (!Object.hasOwn(image.properties, name)) throw conflict(`Property ${name} does not exist.`)
  delete image.properties[name]
}

/** Locations are off, as by default: no image points anywhere but into the store (attack 18). */
function refuseLocations(op: Change['op'], value: unknown): never {
  if (op === 'replace' && Array.isArray(value) && value.length === 0) throw forbidden('Cannot set locations to empty list.')
  const verb = op === 'replace' ? 'update' : op
  throw forbidden(`It's not allowed to ${verb} locations if locations are invisible.`)
}

function setAttribute(ctx: Context, image: Image, name: string, value: unknown): void {
  switch (name) {
    case 'visibility':
      authorizeVisibility(ctx, imageTarget(image, null), value as ImageVisibility)
      image.visibility = value as ImageVisibility
      return
    case 'disk_format':
    case 'container_format':
      if (image.status !== 'queued') throw forbidden(`Attribute ${name} can be only replaced for a queued image.`)
      image[name] = value as string | null
      return
    case 'owner':
      if (!ctx.isAdmin && value !== ctx.actor.projectId) throw forbidden("Owner can't be updated by non admin.")
      image.project_id = value as string | null
      return
    case 'min_disk':
    case 'min_ram':
      checkMinimum(name, value as number)
      image[name] = value as number
      return
    case 'protected':
    case 'os_hidden':
      image[name] = Boolean(value)
      return
    case 'tags':
      image.tags = [...new Set(value as string[])]
      return
    case 'name':
      image.name = value as string | null
      return
    default:
      throw forbidden(`Attribute '${name}' is read-only.`)
  }
}

export async function imageTagCreate(ctx: Context, id: string, tag: string): Promise<void> {
  await changeTags(ctx, id, async (tx, image) => {
    checkLimits({}, [...new Set([...image.tags, tag])])
    await tagRows.insertMissing(tx.db, { image_id: id, tag })
  })
}

export async function imageTagDelete(ctx: Context, id: string, tag: string): Promise<void> {
  await changeTags(ctx, id, async (tx, image) => {
    if (!image.tags.includes(tag)) throw notFound()
    await tagRows.delete(tx.db, { image_id: id, tag })
  })
}

async function changeTags(ctx: Context, id: string, work: (tx: Context, image: Image) => Promise<void>): Promise<void> {
  await ctx.transaction(async (tx) => {
    await work(tx, await imageGetFull(tx, id, 'modify_image'))
    await imageRows.update(tx.db, id, { updated_at: isoMillis(tx.clock.nowMs()) })
  })
}

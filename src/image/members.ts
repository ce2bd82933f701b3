// Members of shared images: projects that may see one, once they accepted it in their lists.
import { isoMillis } from '../platform/clock.ts'
import type { Context } from '../platform/context.ts'
import { ApiError, badRequest, conflict, forbidden, notFound } from '../platform/errors.ts'
import { eventAppend } from '../platform/events.ts'
import { isUniqueViolation } from '../platform/store/store.ts'
import { imageRowGet, imageTarget } from './images.ts'
import { limits } from './quota.ts'
import type { ImageRow } from './store/images.ts'
import { type ImageMemberRow, memberFetch, memberRows, membersOfImage, type MemberStatus } from './store/members.ts'

/** The image and whether this actor's project is one of its members. */
async function imageFor(
  ctx: Context,
  imageId: string,
): Promise<{ image: ImageRow; target: Record<string, unknown>; own: ImageMemberRow | undefined }> {
  const image = await imageRowGet(ctx, imageId, 'get_image')
  const own = ctx.actor.projectId === null ? undefined : await memberFetch(ctx.db, imageId, ctx.actor.projectId)
  return { image, own, target: imageTarget(image, own ? own.member : null) }
}

export async function memberCreate(ctx: Context, imageId: string, member: string): Promise<ImageMemberRow> {
  return ctx.transaction(async (tx) => {
    const { image, target } = await imageFor(tx, imageId)
    if (image.visibility !== 'shared' || !tx.allows(target, 'add_member'))
      throw forbidden(`Not allowed to create members for image ${imageId}.`)
    if (member === '') throw badRequest("Member can't be empty")
    const known = await membersOfImage(tx.db, imageId)
    if (known.length >= limits.members) {
      throw new ApiError(
        'too_large',
        `Image member limit exceeded for image ${imageId}: The limit has been exceeded on the number of allowed image members for this image. Attempted: ${known.length + 1}, Maximum: ${limits.members}:`,
      )
    }
    const now = isoMillis(tx.clock.nowMs())
    const row: ImageMemberRow = { image_id: imageId, member, status: 'pending', created_at: now, updated_at: now }
    await memberRows.insert(tx.db, row).catch((error: unknown) => {
      throw isUniqueViolation(error) ? conflict(`Member ${member} is duplicated for image ${imageId}`) : error
    })
    await eventAppend(tx, {
      resourceType: 'image',
      resourceId: imageId,
      projectId: image.project_id,
      action: 'member-add',
      result: 'success',
      details: { member },
    })
    return row
  })
}

/** Only the member itself (or an admin) decides; the owner does not. */
export async function memberUpdate(ctx: Context, imageId: string, member: string, status: MemberStatus): Promise<ImageMemberRow> {
  return ctx.transaction(async (tx) => {
    const { image, own } = await imageFor(tx, imageId)
    if (image.visibility !== 'shared') throw forbidden(`Not allowed to update members for image ${imageId}.`)
    const row = await memberOf(tx, image, member)
    const target = imageTarget(image, own && own.member === row.member ? own.member : null)
    if (!tx.allows(target, 'modify_member')) throw forbidden(`Not allowed to update members for image ${imageId}.`)
    const changed = await memberRows.advance(tx.db, { image_id: imageId, member }, { status, updated_at: isoMillis(tx.clock.nowMs()) })
    await eventAppend(tx, {
      resourceType: 'image',
      resourceId: imageId,
      projectId: image.project_id,
      action: 'member-update',
      result: 'success',
      details: { member, status },
    })
    return changed ?? row
  })
}

/** The owner sees all members, a member only itself. */
export async function memberList(ctx: Context, imageId: string): Promise<ImageMemberRow[]> {
  const { image, own, target } = await imageFor(ctx, imageId)
  if (image.visibility !== 'shared') throw forbidden(`Not allowed to list members for image ${imageId}: Only shared images have members.`)
  ctx.authorize(target, 'get_members')
  const rows = await membersOfImage(ctx.db, imageId)
  const seesAll = ctx.allows(imageTarget(image, null), 'get_members')
  return seesAll ? rows : rows.filter((row) => row.member === own?.member)
}

export async function memberGet(ctx: Context, imageId: string, member: string): Promise<ImageMemberRow> {
  const { image } = await imageFor(ctx, imageId)
  if (image.visibility !== 'shared') throw notFound('Only shared images have members.')
  return memberOf(ctx, image, member)
}

async function memberOf(ctx: Context, image: ImageRow, member: string): Promise<ImageMemberRow> {
  const missing = notFound(`${member} not found in the member list of the image ${image.id}.`)
  const own = member === ctx.actor.projectId ? member : null
  if (!ctx.allows(imageTarget(image, own), 'get_member')) throw missing
  const row = await memberFetch(ctx.db, image.id, member)
  if (!row) throw missing
  return row
}

export async function memberDelete(ctx: Context, imageId: string, member: string): Promise<void> {
  await ctx.transaction(async (tx) => {
    const { image, target } = await imageFor(tx, imageId)
    if (image.visibility !== 'shared' || !tx.allows(target, 'delete_member'))
      throw forbidden(`Not allowed to delete members for image ${imageId}.`)
    await memberOf(tx, image, member)
    await memberRows.delete(tx.db, { image_id: imageId, member: member })
    await eventAppend(tx, {
      resourceType: 'image',
      resourceId: imageId,
      projectId: image.project_id,
      action: 'member-remove',
      result: 'success',
      details: { member },
    })
  })
}

// Images as records: look-ups with their permission, creation, deletion, state. Their bytes are data.ts's business.
import { isoMillis } from '../platform/clock.ts'
import { permitted } from '../platform/api/lookup.ts'
import type { Context } from '../platform/context.ts'
import { ApiError, badRequest, conflict, forbidden, notFound } from '../platform/errors.ts'
import { eventAppend, eventsOf } from '../platform/events.ts'
import { isUuidLike } from '../platform/ids.ts'
import { quotaExcess } from '../platform/quota.ts'
import { isUniqueViolation } from '../platform/store/store.ts'
import { imageQuotas, limits } from './quota.ts'
import { checkPropertyNames } from './reserved-names.ts'
import {
  type Image,
  imageAdvance,
  imageFetch,
  imageInsert,
  type ImageRow,
  imageRows,
  imagesComplete,
  imageUsage,
  type ImageVisibility,
} from './store/images.ts'
import { memberFetch } from './store/members.ts'
import { taskChange, tasksOfImage } from './store/tasks.ts'
import { imageCacheClean } from './work/image-cache-clean.ts'
import { imageDataRemove } from './work/image-data-remove.ts'

export type { Image, ImageStatus, ImageVisibility } from './store/images.ts'

export interface ImageDraft {
  id?: string | undefined
  name?: string | null | undefined
  owner?: string | null | undefined
  visibility?: ImageVisibility | undefined
  disk_format?: string | null | undefined
  container_format?: string | null | undefined
  min_disk?: number | undefined
  min_ram?: number | undefined
  protected?: boolean | undefined
  os_hidden?: boolean | undefined
  tags?: string[] | undefined
  properties: Record<string, string | null>
}

/**
 * The image, if this actor may see it and may do to it what `rule` says; one that may not be seen is not found.
 * `row` only: without properties and tags.
 */
export async function imageRowGet(ctx: Context, id: string, rule: string | null = ctx.rule): Promise<ImageRow> {
  const row = await imageRows.fetch(ctx.db, id)
  const member = row && (await membershipOf(ctx, row))
  return permitted(ctx, row, {
    id,
    rule,
    target: (image) => imageTarget(image, member ?? null),
    knows: (_, image) => isSeen(ctx, image, member !== null) && ctx.allows(imageTarget(image, member ?? null), 'get_image'),
    missing: () => notFound(`No image found with ID ${id}`),
  })
}

/** The actor's project, where the image is shared with it. */
async function membershipOf(ctx: Context, { id, visibility, project_id }: ImageRow): Promise<string | null> {
  const own = ctx.actor.projectId
  if (visibility !== 'shared' || own === null || own === project_id) return null
  return (await memberFetch(ctx.db, id, own)) ? own : null
}

const isSeen = (ctx: Context, { visibility, project_id }: ImageRow, isMember: boolean): boolean =>
  isMember ||
  visibility === 'public' ||
  visibility === 'community' ||
  (ctx.actor.projectId !== null && ctx.actor.projectId === project_id) ||
  ctx.isAdmin

/** What rules look at. */
export const imageTarget = (row: ImageRow, memberId: string | null) => ({
  project_id: row.project_id,
  owner: row.project_id,
  visibility: row.visibility,
  ...(memberId === null ? {} : { member_id: memberId }),
})

export async function imageGetFull(ctx: Context, id: string, rule: string | null = ctx.rule): Promise<Image> {
  const row = await imageRowGet(ctx, id, rule)
  return (await imagesComplete(ctx.db, [row]))[0] as Image
}

/** Makes a queued image. */
export async function imageCreate(ctx: Context, draft: ImageDraft): Promise<Image> {
  const owner = draft.owner === undefined ? ctx.actor.projectId : draft.owner
  const visibility = draft.visibility ?? 'shared'
  const target = { project_id: owner, owner, visibility }
  if (!ctx.allows(target, 'add_image')) {
    throw forbidden(
      owner === ctx.actor.projectId
        ? 'You are not authorized to complete add_image action.'
        : `You are not permitted to create images owned by '${owner}'`,
    )
  }
  authorizeVisibility(ctx, target, visibility)
  checkPropertyNames(Object.keys(draft.properties))
  checkLimits(draft.properties, draft.tags ?? [])
  checkMinimum('min_disk', draft.min_disk)
  checkMinimum('min_ram', draft.min_ram)
  if (draft.id !== undefined && !isUuidLike(draft.id)) throw badRequest(`Invalid image id format`)
  const now = isoMillis(ctx.clock.nowMs())
  const image: Image = {
    id: draft.id ?? ctx.ids.uuid(),
    name: draft.name ?? null,
    project_id: owner,
    status: 'queued',
    visibility,
    disk_format: draft.disk_format ?? null,
    container_format: draft.container_format ?? null,
    size: null,
    virtual_size: null,
    checksum: null,
    os_hash_algo: null,
    os_hash_value: null,
    min_disk: draft.min_disk ?? 0,
    min_ram: draft.min_ram ?? 0,
    protected: draft.protected ?? false,
    os_hidden: draft.os_hidden ?? false,
    created_at: now,
    updated_at: now,
    upload_token: null,
    upload_lease_until: 0,
    staged: null,
    data_token: null,
    failed_import: null,
    properties: draft.properties,
    tags: [...new Set(draft.tags ?? [])],
  }
  await ctx.transaction(async (tx) => {
    if (draft.id !== undefined) await checkNewId(tx, draft.id)
    if (owner !== null) await checkCount(tx, owner)
    await imageInsert(tx.db, image).catch((error: unknown) => {
      throw isUniqueViolation(error) ? conflict(`Image ID ${image.id} already exists!`) : error
    })
    await eventAppend(tx, { resourceType: 'image', resourceId: image.id, projectId: owner, action: 'create', result: 'success' })
  })
  return image
}

/** Glance keeps deleted images' ids; here the timeline does. A host's cache knows an image by its id, and its bytes never change. */
async function checkNewId(tx: Context, id: string): Promise<void> {
  const [last] = await eventsOf(tx.db, id, 1)
  if (last?.resource_type === 'image') throw conflict(`Image ID ${id} already exists!`)
}

async function checkCount(tx: Context, projectId: string): Promise<void> {
  const used = async () => (await imageUsage(tx.db, projectId)).count
  const [excess] = await quotaExcess(tx, { service: 'image', projectId, builtIn: imageQuotas, wanted: { image_count_total: 1 }, used })
  if (excess)
    throw new ApiError(
      'too_large',
      `Project ${projectId} is over a limit for [Resource image_count_total is over limit of ${excess.limit} due to current usage ${excess.used} and delta 1]`,
    )
}

export function authorizeVisibility(ctx: Context, target: Record<string, unknown>, visibility: ImageVisibility): void {
  const rule = visibility === 'public' ? 'publicize_image' : visibility === 'community' ? 'communitize_image' : null
  if (rule !== null && !ctx.allows(target, rule)) throw forbidden(`You are not authorized to complete ${rule} action.`)
}

export function checkMinimum(name: string, value: number | undefined): void {
  if (value !== undefined && value < 0) throw badRequest(`Invalid value '${value}' for parameter '${name}': Cannot be a negative value`)
  if (value !== undefined && value > 2_147_483_647) throw badRequest(`'${name}' value out of range, must not exceed 2147483647.`)
}

export function checkLimits(properties: Record<string, unknown>, tags: string[]): void {
  const count = Object.keys(properties).length
  if (count > limits.properties) {
    throw new ApiError(
      'too_large',
      `The limit has been exceeded on the number of allowed image properties. Attempted: ${count}, Maximum: ${limits.properties}`,
    )
  }
  if (tags.length > limits.tags) {
    throw new ApiError(
      'too_large',
      `The limit has been exceeded on the number of allowed image tags. Attempted: ${tags.length}, Maximum: ${limits.tags}`,
    )
  }
}

/** Deletes the record, and its file soon after, by durable work. */
export async function imageDelete(ctx: Context, id: string): Promise<void> {
  await ctx.transaction(async (tx) => {
    const row = await imageRowGet(tx, id, 'delete_image')
    if (row.protected) throw forbidden(`Image ${id} is protected and cannot be deleted.`)
    await recordDelete(tx, row)
  })
}

/** The same on behalf of the cloud (undo of imageReserve, a failed snapshot): no policy, no protection, fine when it is gone. */
export async function imageRemove(ctx: Context, id: string): Promise<void> {
  await ctx.transaction(async (tx) => {
    const row = await imageRows.fetch(tx.db, id)
    if (row) await recordDelete(tx, row)
  })
}

async function recordDelete(tx: Context, row: ImageRow): Promise<void> {
  if (row.status === 'importing') await importAbandon(tx, row.id)
  await imageRows.delete(tx.db, row.id)
  if (row.data_token !== null) {
    await tx.work.enqueue(tx, imageDataRemove, { imageId: row.id, token: row.data_token }, { resourceId: row.id, priority: 'background' })
    await tx.work.signal(tx, imageCacheClean)
  }
  await eventAppend(tx, { resourceType: 'image', resourceId: row.id, projectId: row.project_id, action: 'delete', result: 'success' })
}

/** The import under way ends with its image. */
async function importAbandon(tx: Context, id: string): Promise<void> {
  await tx.work.cancel(tx, id, [{ name: 'image-import' }])
  await tx.work.signal(tx, { name: 'image-store-clean' })
  const now = isoMillis(tx.clock.nowMs())
  for (const { id: taskId } of await tasksOfImage(tx.db, id))
    await taskChange(tx.db, taskId, { status: 'failure', message: 'The image was deleted.', updated_at: now, expires_at: now })
}

/** active ⇄ deactivated: a deactivated image can be downloaded by nobody but an admin. */
export async function imageSwitch(ctx: Context, id: string, to: 'active' | 'deactivated'): Promise<void> {
  const action = to === 'active' ? 'reactivate' : 'deactivate'
  await ctx.transaction(async (tx) => {
    const row = await imageRowGet(tx, id, action)
    if (row.status === to) return
    const from = to === 'active' ? 'deactivated' : 'active'
    const done = await imageAdvance(tx.db, id, { status: [from] }, { status: to, updated_at: isoMillis(tx.clock.nowMs()) })
    if (!done) throw forbidden(`Not allowed to ${action} image in status '${row.status}'`)
    await eventAppend(tx, { resourceType: 'image', resourceId: id, projectId: row.project_id, action, result: 'success' })
  })
}

export const imageOf = (ctx: Context, id: string): Promise<Image | undefined> => imageFetch(ctx.db, id)

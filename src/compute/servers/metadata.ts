// Metadata and tags of servers: small facts that users write and guests may read. Changed at once.
import { isoMillis } from '../../platform/clock.ts'
import type { Context } from '../../platform/context.ts'
import { badRequest, notFound } from '../../platform/errors.ts'
import { assertWithinItemLimits } from './quota.ts'
import { serverActions } from './states.ts'
import { assertAllowed, serverGet } from './servers.ts'
import { tagDelete, tagsDelete, tagsInsert, tagsOf } from './store/parts.ts'
import { serverChange, type ServerRow } from './store/servers.ts'

export type Metadata = Record<string, string>
const metadataOf = (server: ServerRow): Metadata => server.metadata

export const serverMetadata = async (ctx: Context, id: string): Promise<Metadata> => metadataOf(await serverGet(ctx, id))

export async function serverMetadataItem(ctx: Context, id: string, key: string): Promise<string> {
  const metadata = await serverMetadata(ctx, id)
  const value = Object.hasOwn(metadata, key) ? metadata[key] : undefined
  if (value === undefined) throw notFound('Metadata item was not found')
  return value
}

/** Makes the metadata what `change` says of what it was. */
export async function serverMetadataChange(ctx: Context, id: string, word: string, change: (was: Metadata) => Metadata): Promise<Metadata> {
  return ctx.transaction(async (tx) => {
    const server = await serverGet(tx, id)
    assertAllowed(tx, { ...serverActions.metadata, word }, server)
    const metadata = change(metadataOf(server))
    await assertWithinItemLimits(tx, { metadata, files: [] })
    await serverChange(tx.db, id, { metadata: metadata, updated_at: isoMillis(tx.clock.nowMs()) })
    return metadata
  })
}

const maxTags = 50

export async function serverTags(ctx: Context, id: string): Promise<string[]> {
  await serverGet(ctx, id)
  return (await tagsOf(ctx.db, [id])).get(id) ?? []
}

export async function serverTagCheck(ctx: Context, id: string, tag: string): Promise<void> {
  if (!(await serverTags(ctx, id)).includes(tag)) throw notFound(`Server ${id} has no tag '${tag}'`)
}

export async function serverTagsReplace(ctx: Context, id: string, tags: string[]): Promise<string[]> {
  return ctx.transaction(async (tx) => {
    const server = await serverGet(tx, id)
    assertAllowed(tx, serverActions.tags, server)
    await tagsDelete(tx.db, id)
    await tagsInsert(tx.db, id, [...new Set(tags)])
    await serverChange(tx.db, id, { updated_at: isoMillis(tx.clock.nowMs()) })
    return [...new Set(tags)]
  })
}

/** True when the tag is new. */
export async function serverTagAdd(ctx: Context, id: string, tag: string): Promise<boolean> {
  return ctx.transaction(async (tx) => {
    const server = await serverGet(tx, id)
    assertAllowed(tx, { ...serverActions.tags, word: 'update tag' }, server)
    const tags = (await tagsOf(tx.db, [id])).get(id) ?? []
    if (tags.includes(tag)) return false
    if (tags.length >= maxTags) throw badRequest(`The number of tags exceeded the per-server limit ${maxTags}`)
    await tagsInsert(tx.db, id, [tag])
    await serverChange(tx.db, id, { updated_at: isoMillis(tx.clock.nowMs()) })
    return true
  })
}

export async function serverTagDelete(ctx: Context, id: string, tag: string): Promise<void> {
  await ctx.transaction(async (tx) => {
    const server = await serverGet(tx, id)
    assertAllowed(tx, { ...serverActions.tags, word: 'delete tag' }, server)
    if (!(await tagDelete(tx.db, id, tag))) throw notFound(`Server ${id} has no tag '${tag}'`)
    await serverChange(tx.db, id, { updated_at: isoMillis(tx.clock.nowMs()) })
  })
}

export async function serverTagsClear(ctx: Context, id: string): Promise<void> {
  await ctx.transaction(async (tx) => {
    const server = await serverGet(tx, id)
    assertAllowed(tx, { ...serverActions.tags, word: 'delete tags' }, server)
    await tagsDelete(tx.db, id)
    await serverChange(tx.db, id, { updated_at: isoMillis(tx.clock.nowMs()) })
  })
}

// User messages: another project's are not found (attack 27).
import { lookup, ofProject } from '../platform/api/lookup.ts'
import type { Context } from '../platform/context.ts'
import { notFound } from '../platform/errors.ts'
import { pageOf, plainFilters, resourceFilters, type ListQuery } from './listing.ts'
import { messageRows, messagesPage, type MessageRow } from './store/messages.ts'

export type { MessageRow } from './store/messages.ts'

export const messageGet = lookup<MessageRow>({
  find: (ctx, id) => messageRows.fetch(ctx.db, id),
  target: ({ project_id }) => ({ project_id }),
  knows: ofProject,
  missing: (id) => notFound(`Message ${id} could not be found.`),
})

export async function messagesList(ctx: Context, query: ListQuery): Promise<MessageRow[]> {
  ctx.authorize()
  const known = resourceFilters['message'] ?? []
  const columns = plainFilters(ctx, query, { resource: 'message', before: known, columns: ['id', 'project_id', ...known] })
  return messagesPage(ctx.db, { projectId: ctx.projectId, columns }, await pageOf(query, (id) => messageGet(ctx, id)))
}

export async function messageDelete(ctx: Context, id: string): Promise<void> {
  await messageGet(ctx, id)
  await ctx.transaction((tx) => messageRows.delete(tx.db, id))
}

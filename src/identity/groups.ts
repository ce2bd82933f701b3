// Groups of users, and who is in them.
import { isoMillis } from '../platform/clock.ts'
import type { Context } from '../platform/context.ts'
import { defined } from '../platform/defined.ts'
import { badRequest, notFound } from '../platform/errors.ts'
import { extraMerged, extraOf } from './extra.ts'
import { duplicateName, existing, orConflict, sameId } from './found.ts'
import type { Pages, Query } from './links.ts'
import { inOwnDomain, ownDomainTarget, permit, permitFound } from './permission.ts'
import { change } from './revision.ts'
import { idSchema, nameSchema, nullable, optional, text, type Body } from './schemas.ts'
import { referredDelete } from './store/references.ts'
import { groups, projects, userGroups, users, type GroupRow, type UserRow } from './store/tables.ts'
import { ownDomain, userTarget } from './users.ts'

export const groupProperties = { description: optional(nullable(text)), domain_id: optional(idSchema), name: nameSchema }
export type GroupBody = Body<typeof groupProperties>

const attributes = Object.keys(groupProperties)
const groupTarget = (row: GroupRow | undefined) => (row ? { group: { id: row.id, domain_id: row.domain_id, name: row.name } } : {})

export function groupsList(ctx: Context, query: Query): Pages<GroupRow> {
  permit(ctx, { target: { group: ownDomainTarget(ctx) } })
  return {
    table: groups,
    where: { domain_id: query['domain_id'] ?? ctx.actor.domainId ?? undefined, name: query['name'] },
    keeps: (rows) => inOwnDomain(ctx, rows),
  }
}

export async function groupGet(ctx: Context, id: string): Promise<GroupRow> {
  const row = await groups.fetch(ctx.db, id)
  permit(ctx, { target: groupTarget(row) })
  return existing(row, 'group', id)
}

/** As with users: who leaves the domain out must be allowed everywhere. */
export function permitNewGroup(ctx: Context, { name, domain_id: domainId }: Pick<GroupBody, 'name' | 'domain_id'>): void {
  permit(ctx, { target: { group: { name, ...defined({ domain_id: domainId }) } } })
}

export async function groupCreate(ctx: Context, body: GroupBody): Promise<GroupRow> {
  permitNewGroup(ctx, body)
  const domainId = body.domain_id ?? ownDomain(ctx)
  existing(await projects.first(ctx.db, { id: domainId, is_domain: true }), 'domain', domainId)
  const row: GroupRow = {
    id: ctx.ids.hex(),
    name: (body.name ?? '').trim(),
    domain_id: domainId,
    description: body.description ?? '',
    extra: extraOf(body, attributes),
    created_at: isoMillis(ctx.clock.nowMs()),
  }
  await change(ctx, { type: 'group', id: row.id, action: 'create' }, async (tx) => {
    await groups.insert(tx.db, row).catch(orConflict('group', duplicateName(row.name, domainId)))
  })
  return row
}

export async function groupUpdate(ctx: Context, id: string, body: GroupBody): Promise<GroupRow> {
  const row = await groupGet(ctx, id)
  sameId(id, body['id'])
  if (body.domain_id !== undefined && body.domain_id !== row.domain_id) throw badRequest('Cannot change Domain ID')
  const next = {
    name: body.name?.trim() ?? row.name,
    description: body.description === undefined ? row.description : (body.description ?? ''),
    extra: extraMerged(row.extra, body, attributes),
  }
  await change(ctx, { type: 'group', id, action: 'update' }, async (tx) => {
    await groups.update(tx.db, { id }, next).catch(orConflict('group', duplicateName(next.name, row.domain_id)))
  })
  return { ...row, ...next }
}

export async function groupDelete(ctx: Context, id: string): Promise<void> {
  const row = await groups.fetch(ctx.db, id)
  permitFound(ctx, row, { what: 'group', id, target: { target: groupTarget(row) } })
  await change(ctx, { type: 'group', id, action: 'delete' }, (tx) => referredDelete(tx.db, 'group', id))
}

/** Both, if the rule lets this actor at the pair. */
async function pair(ctx: Context, groupId: string, userId: string): Promise<{ group: GroupRow; user: UserRow }> {
  const [group, user] = [await groups.fetch(ctx.db, groupId), await users.fetch(ctx.db, userId)]
  permit(ctx, { user_id: userId, target: { ...groupTarget(group), ...userTarget(user).target } })
  return { group: existing(group, 'group', groupId), user: existing(user, 'user', userId) }
}

export async function memberAdd(ctx: Context, groupId: string, userId: string): Promise<void> {
  await pair(ctx, groupId, userId)
  const row = { user_id: userId, group_id: groupId }
  await change(ctx, { type: 'group', id: groupId, action: 'add-user' }, (tx) => userGroups.insertMissing(tx.db, row))
}

export async function memberCheck(ctx: Context, groupId: string, userId: string): Promise<void> {
  await pair(ctx, groupId, userId)
  if (!(await userGroups.first(ctx.db, { user_id: userId, group_id: groupId }))) throw notFound(`Could not find user: ${userId}.`)
}

export async function memberRemove(ctx: Context, groupId: string, userId: string): Promise<void> {
  await memberCheck(ctx, groupId, userId)
  await change(ctx, { type: 'group', id: groupId, action: 'remove-user' }, (tx) =>
    userGroups.delete(tx.db, { user_id: userId, group_id: groupId }),
  )
}

export async function membersList(ctx: Context, groupId: string): Promise<UserRow[]> {
  await groupGet(ctx, groupId)
  const ids = (await userGroups.list(ctx.db, { group_id: groupId })).map((row) => row.user_id)
  return inOwnDomain(ctx, await users.many(ctx.db, ids)).sort((a, b) => (a.id < b.id ? -1 : 1))
}

export async function userGroupsList(ctx: Context, userId: string): Promise<GroupRow[]> {
  const user = await users.fetch(ctx.db, userId)
  permit(ctx, { user_id: userId, ...userTarget(user) })
  existing(user, 'user', userId)
  const rows = await groups.many(
    ctx.db,
    (await userGroups.list(ctx.db, { user_id: userId })).map((row) => row.group_id),
  )
  return inOwnDomain(ctx, rows).sort((a, b) => (a.id < b.id ? -1 : 1))
}

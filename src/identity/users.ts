// Users: names, passwords, options. A new password, disabling or deletion voids every token of the user at once.
import { Type } from '../platform/api/type.ts'
import { isoMillis } from '../platform/clock.ts'
import type { Context } from '../platform/context.ts'
import { defined } from '../platform/defined.ts'
import { badRequest } from '../platform/errors.ts'
import { extraMerged, extraOf, optionsMerged } from './extra.ts'
import { duplicateName, existing, orConflict, sameId } from './found.ts'
import { dayOf } from './inactivity.ts'
import type { Pages, Query } from './links.ts'
import { expiringAs } from './password-expiry.ts'
import { passwordGiven, passwordRemember } from './passwords.ts'
import { inOwnDomain, ownDomainTarget, permit } from './permission.ts'
import { change } from './revision.ts'
import { flag, idSchema, nameSchema, nullable, optional, text, type Body } from './schemas.ts'
import { credentials, trusts } from './store/delegation-tables.ts'
import { referredDelete } from './store/references.ts'
import { trustsEnd } from './store/trusts.ts'
import { passcodesDelete } from './store/passcodes.ts'
import { projects, users, type UserRow } from './store/tables.ts'
import { revocationNote } from './tokens/revoke.ts'

const userOptions = Type.Object(
  {
    ignore_change_password_upon_first_use: optional(nullable(flag)),
    ignore_password_expiry: optional(nullable(flag)),
    ignore_lockout_failure_attempts: optional(nullable(flag)),
    ignore_user_inactivity: optional(nullable(flag)),
    lock_password: optional(nullable(flag)),
    multi_factor_auth_enabled: optional(nullable(flag)),
    multi_factor_auth_rules: optional(
      nullable(Type.Array(Type.Array(Type.String(), { minItems: 1, uniqueItems: true }), { uniqueItems: true })),
    ),
  },
  { additionalProperties: false },
)
export const userProperties = {
  default_project_id: optional(nullable(idSchema)),
  description: optional(nullable(text)),
  domain_id: optional(idSchema),
  enabled: optional(flag),
  name: nameSchema,
  password: optional(nullable(text)),
  options: optional(userOptions),
}
export type UserBody = Body<typeof userProperties>

/** the description is kept among the further attributes */
const attributes = [
  ...Object.keys(userProperties).filter((name) => name !== 'description'),
  'original_password',
  'federated',
  'password_expires_at',
]

export const userTarget = (row: UserRow | undefined) => ({
  target: row ? { user: { id: row.id, domain_id: row.domain_id, name: row.name } } : {},
})

/** Of one domain when the token is scoped to one, or one is asked for. */
export function usersList(ctx: Context, query: Query): Pages<UserRow> {
  permit(ctx, { target: ownDomainTarget(ctx) })
  const isExpiring = expiringAs(query['password_expires_at'])
  return {
    table: users,
    where: { domain_id: query['domain_id'] ?? ctx.actor.domainId ?? undefined, name: query['name'] },
    keeps: (rows) => inOwnDomain(ctx, rows).filter(isExpiring),
  }
}

export async function userGet(ctx: Context, id: string): Promise<UserRow> {
  const row = await users.fetch(ctx.db, id)
  permit(ctx, { user_id: id, ...userTarget(row) })
  return existing(row, 'user', id)
}

/** The domain that a new user, group or role is for when the body does not say: the token's. */
export const ownDomain = (ctx: Context): string => ctx.actor.domainId ?? ctx.actor.projectDomainId ?? 'default'

async function refuseDomainAsDefault(ctx: Context, projectId: string | null | undefined): Promise<void> {
  if (projectId && (await projects.fetch(ctx.db, projectId))?.is_domain)
    throw badRequest("User's default project ID cannot be a domain ID.")
}

/** The rule looks at what is asked for: only an actor who may make users anywhere may leave the domain out. */
export function permitNewUser(ctx: Context, { name, domain_id: domainId }: Pick<UserBody, 'name' | 'domain_id'>): void {
  permit(ctx, { target: { user: { name, ...defined({ domain_id: domainId }) } } })
}

export async function userCreate(ctx: Context, body: UserBody): Promise<UserRow> {
  permitNewUser(ctx, body)
  const domainId = body.domain_id ?? ownDomain(ctx)
  if (!(await projects.first(ctx.db, { id: domainId, is_domain: true }))) throw existing(undefined, 'domain', domainId)
  await refuseDomainAsDefault(ctx, body.default_project_id)
  const options = optionsMerged({}, body.options)
  const password = await passwordGiven(ctx, body.password, options)
  const row: UserRow = {
    id: ctx.ids.hex(),
    name: (body.name ?? '').trim(),
    domain_id: domainId,
    enabled: body.enabled !== false,
    default_project_id: body.default_project_id ?? null,
    extra: extraOf(body, attributes),
    options,
    epoch: 1,
    ...password,
    failures: 0,
    failed_at: null,
    last_active_on: null,
    created_at: isoMillis(ctx.clock.nowMs()),
  }
  await change(ctx, { type: 'user', id: row.id, action: 'create' }, async (tx) => {
    await users.insert(tx.db, row).catch(orConflict('user', duplicateName(row.name, row.domain_id)))
  })
  return row
}

export async function userUpdate(ctx: Context, id: string, body: UserBody): Promise<UserRow> {
  const row = await userGet(ctx, id)
  sameId(id, body['id'])
  if (body.domain_id !== undefined && body.domain_id !== row.domain_id) throw badRequest('Cannot change Domain ID')
  await refuseDomainAsDefault(ctx, body.default_project_id)
  const newPassword = body.password !== undefined
  const options = optionsMerged(row.options, body.options)
  const password = newPassword ? await passwordGiven(ctx, body.password, options) : {}
  const ended = newPassword || (body.enabled === false && row.enabled)
  const next: Partial<UserRow> = {
    name: body.name?.trim() ?? row.name,
    enabled: body.enabled ?? row.enabled,
    default_project_id: body.default_project_id === undefined ? row.default_project_id : body.default_project_id,
    extra: extraMerged(row.extra, body, attributes),
    options,
    ...password,
    epoch: ended ? row.epoch + 1 : row.epoch,
    ...(newPassword || body.enabled === true ? { failures: 0, failed_at: null } : {}),
    ...(body.enabled === true ? { last_active_on: dayOf(ctx.clock.nowMs()) } : {}),
  }
  await change(ctx, { type: 'user', id, action: 'update' }, async (tx) => {
    await users.update(tx.db, { id }, next).catch(orConflict('user', duplicateName(String(next.name), row.domain_id)))
    if (newPassword) await passwordRemember(tx, row)
    if (ended) await revocationNote(tx, { user_id: id })
  })
  return { ...row, ...next }
}

export async function userDelete(ctx: Context, id: string): Promise<void> {
  await userGet(ctx, id)
  await change(ctx, { type: 'user', id, action: 'delete' }, (tx) => userRowsDelete(tx, id))
}

/** The rows of a user and of everything that lets somebody act as this user. */
export async function userRowsDelete(tx: Context, id: string): Promise<void> {
  const seeds = await credentials.list(tx.db, { user_id: id, type: 'totp' })
  const trusted = [...(await trusts.list(tx.db, { trustor_user_id: id })), ...(await trusts.list(tx.db, { trustee_user_id: id }))]
  await passcodesDelete(
    tx.db,
    seeds.map((row) => row.id),
  )
  await trustsEnd(
    tx,
    trusted.map((row) => row.id),
  )
  await referredDelete(tx.db, 'user', id)
  await revocationNote(tx, { user_id: id })
}

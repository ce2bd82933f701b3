// Application credentials: a secret that stands for its user in one project, with some of the user's roles, for some
// requests if it has rules. What it can do is bounded by the token that made it, never by what the user holds
// elsewhere (attack-8).
import type { Static, TObject } from 'typebox'
import { Type } from '../platform/api/type.ts'
import { isoMillis } from '../platform/clock.ts'
import type { Context } from '../platform/context.ts'
import { badRequest, forbidden } from '../platform/errors.ts'
import { accessRuleSchema, accessRulesEnsure } from './access-rules.ts'
import { passwordHash } from './backends/passwords.ts'
import { expiryRead } from './expiry.ts'
import { existing, orConflict } from './found.ts'
import { permit, refuseRestricted, refuseTrust } from './permission.ts'
import { change } from './revision.ts'
import { flag, nameSchema, nullable, optional, roleReferences, text, type RoleReference } from './schemas.ts'
import { accessRules, applicationCredentials, type AccessRuleRow, type ApplicationCredentialRow } from './store/delegation-tables.ts'
import { roles, users, type RoleRow } from './store/tables.ts'

export const applicationCredentialProperties = {
  name: nameSchema,
  description: optional(nullable(text)),
  secret: optional(nullable(text)),
  expires_at: optional(nullable(text)),
  roles: optional(roleReferences),
  unrestricted: optional(flag),
  access_rules: optional(Type.Array(accessRuleSchema)),
}
type ApplicationCredentialBody = Static<TObject<typeof applicationCredentialProperties>>

const secretBytes = 64
const what = 'additional application credentials'

/** The rows of the token's own roles, by their names. */
const tokenRoles = (ctx: Context): Promise<RoleRow[]> => roles.list(ctx.db, { domain_id: '', name: ctx.actor.roles })

/** The roles that are delegated: those asked for, each of which the token must hold, or all that it holds. */
export async function delegatedRoles(ctx: Context, wanted: RoleReference[] | undefined, refusal: () => Error): Promise<RoleRow[]> {
  const held = await tokenRoles(ctx)
  return !wanted || wanted.length === 0 ? held : rolesAmong(held, wanted, refusal)
}

/** Those that are named, each of which must be among the ones that are held. */
export function rolesAmong(held: RoleRow[], wanted: RoleReference[], refusal: () => Error): RoleRow[] {
  return wanted.map((reference) => {
    const found = held.find((role) => (reference.id === undefined ? role.name === reference.name : role.id === reference.id))
    if (!found) throw refusal()
    return found
  })
}

export interface MadeCredential {
  row: ApplicationCredentialRow
  /** shown once, never kept */
  secret: string
}

/** Nobody but the user makes them, and not with every token. */
export function permitNewApplicationCredential(ctx: Context, userId: string): void {
  permit(ctx, { user_id: userId })
  refuseRestricted(ctx, what)
}

export async function applicationCredentialCreate(ctx: Context, userId: string, body: ApplicationCredentialBody): Promise<MadeCredential> {
  permitNewApplicationCredential(ctx, userId)
  const { projectId } = ctx.actor
  if (projectId === null) throw forbidden('An application credential needs a project-scoped token.')
  existing(await users.fetch(ctx.db, userId), 'user', userId)
  const given = await delegatedRoles(ctx, body.roles, () =>
    badRequest('Invalid application credential: Cannot create an application credential with unassigned role'),
  )
  if (given.length === 0) throw forbidden('The token holds no role to delegate.')
  const secret = body.secret ?? ctx.ids.bytes(secretBytes).toString('base64url')
  if (secret === '') throw badRequest('The secret cannot be empty.')
  const row: ApplicationCredentialRow = {
    id: ctx.ids.hex(),
    name: body.name,
    user_id: userId,
    project_id: projectId,
    secret_hash: await passwordHash(ctx.ids, secret),
    description: body.description ?? null,
    expires_at: expiryRead(body.expires_at, ctx.clock.nowMs(), 'application credential'),
    // what a limited credential makes cannot be less limited
    unrestricted: body.unrestricted === true,
    roles: given.map((role) => role.id),
    access_rules: null,
    created_at: isoMillis(ctx.clock.nowMs()),
  }
  const wantedRules = body.access_rules ?? (ctx.actor.accessRules ? ctx.actor.accessRules : undefined)
  if (body.access_rules && ctx.actor.accessRules) throw forbidden('A credential with access rules makes none with other rules.')
  await change(ctx, { type: 'application_credential', id: row.id, action: 'create' }, async (tx) => {
    if (wantedRules) row.access_rules = await accessRulesEnsure(tx, userId, wantedRules)
    await applicationCredentials
      .insert(tx.db, row)
      .catch(orConflict('application_credential', `Duplicate entry found with name ${row.name}`))
  })
  return { row, secret }
}

/** Of the user of the path; another user's is not found there. */
export async function applicationCredentialGet(ctx: Context, userId: string, id: string): Promise<ApplicationCredentialRow> {
  const row = await applicationCredentials.fetch(ctx.db, id)
  permit(ctx, { user_id: row?.user_id ?? userId })
  refuseTrust(ctx, 'application credentials')
  return existing(row?.user_id === userId ? row : undefined, 'application credential', id)
}

export async function applicationCredentialsList(
  ctx: Context,
  userId: string,
  name: string | undefined,
): Promise<ApplicationCredentialRow[]> {
  permit(ctx, { user_id: userId })
  refuseTrust(ctx, 'application credentials')
  existing(await users.fetch(ctx.db, userId), 'user', userId)
  return applicationCredentials.list(ctx.db, { user_id: userId, name })
}

/** The roles and rules of several, each kind in one query. */
export async function credentialParts(
  ctx: Context,
  rows: ApplicationCredentialRow[],
): Promise<{ roles: RoleRow[]; rules: AccessRuleRow[] }> {
  return {
    roles: await roles.many(
      ctx.db,
      rows.flatMap((row) => row.roles),
    ),
    rules: await accessRules.many(
      ctx.db,
      rows.flatMap((row) => row.access_rules ?? []),
    ),
  }
}

/** Tokens won by it are void at once. */
export async function applicationCredentialDelete(ctx: Context, userId: string, id: string): Promise<void> {
  await applicationCredentialGet(ctx, userId, id)
  refuseRestricted(ctx, what)
  await change(ctx, { type: 'application_credential', id, action: 'delete' }, (tx) => applicationCredentials.delete(tx.db, { id }))
}

// Trusts: a user (the trustor) lets another (the trustee) act in a project with some of the trustor's roles. The roles
// are those of the token that makes it, not those that the trustor holds beside it (attacks 8 and 9).
import type { Static, TObject } from 'typebox'
import { Type } from '../platform/api/type.ts'
import { isoMillis } from '../platform/clock.ts'
import type { Context } from '../platform/context.ts'
import { badRequest, forbidden } from '../platform/errors.ts'
import { delegatedRoles, rolesAmong } from './application-credentials.ts'
import { roleGraphRead, rolesOn } from './effective-roles.ts'
import { expiryRead } from './expiry.ts'
import { extraOf } from './extra.ts'
import { existing, missing } from './found.ts'
import type { Query } from './links.ts'
import { permit, permitFound, refusal } from './permission.ts'
import { change } from './revision.ts'
import { externalIdSchema, flag, idSchema, nullable, optional, roleReferences, text, type RoleReference } from './schemas.ts'
import { trustsEnd } from './store/trusts.ts'
import { trusts, type TrustRow } from './store/delegation-tables.ts'
import { projects, roles, users, type ProjectRow, type RoleRow } from './store/tables.ts'

export const trustProperties = {
  trustor_user_id: externalIdSchema,
  trustee_user_id: externalIdSchema,
  impersonation: flag,
  project_id: optional(nullable(idSchema)),
  remaining_uses: optional(nullable(Type.Integer({ minimum: 1 }))),
  expires_at: optional(nullable(text)),
  allow_redelegation: optional(nullable(flag)),
  redelegation_count: optional(nullable(Type.Integer({ minimum: 0 }))),
  roles: optional(roleReferences),
}
type TrustBody = Static<TObject<typeof trustProperties>>

const attributes = Object.keys(trustProperties)
const deepestRedelegation = 3

/** Application credentials, OAuth1 consumers and EC2 keys neither make nor manage trusts; a trust may, where it allows redelegation. */
function refuseLent(ctx: Context): void {
  const { applicationCredentialId, accessTokenId = null, methods } = ctx.actor
  if (applicationCredentialId !== null || accessTokenId !== null || methods.includes('ec2credential')) {
    throw refusal('Delegated tokens cannot manage trusts.')
  }
}

const target = (row: { trustor_user_id: string; trustee_user_id: string } | undefined) => ({
  target: row ? { trust: { trustor_user_id: row.trustor_user_id, trustee_user_id: row.trustee_user_id } } : {},
})

/** Live ones only; one that was used up, or has ended, is not found. */
export async function trustGet(ctx: Context, id: string): Promise<TrustRow> {
  const row = await trusts.fetch(ctx.db, id)
  const ended = row && (row.deleted_at !== null || row.remaining_uses === 0)
  const found = permitFound(ctx, ended ? undefined : row, { what: 'trust', id, target: target(row) })
  refuseLent(ctx)
  return found
}

export async function trustsList(ctx: Context, query: Query): Promise<TrustRow[]> {
  const { trustor_user_id: trustor, trustee_user_id: trustee } = query
  if (trustor !== undefined) permit(ctx, { target: { trust: { trustor_user_id: trustor } } }, 'identity:list_trusts_for_trustor')
  else if (trustee !== undefined) permit(ctx, { target: { trust: { trustee_user_id: trustee } } }, 'identity:list_trusts_for_trustee')
  else permit(ctx)
  refuseLent(ctx)
  return trusts.list(ctx.db, { deleted_at: null, trustor_user_id: trustor, trustee_user_id: trustee })
}

/** Only the trustor may make a trust. */
export function permitNewTrust(ctx: Context, trustor: string | undefined): void {
  permit(ctx, { target: { trust: trustor === undefined ? {} : { trustor_user_id: trustor } } })
  refuseLent(ctx)
}

export async function trustCreate(ctx: Context, body: TrustBody): Promise<TrustRow> {
  permitNewTrust(ctx, body.trustor_user_id)
  const { actor } = ctx
  if (actor.userId !== body.trustor_user_id) throw refusal('The authenticated user should match the trustor')
  if (body.project_id && (body.roles ?? []).length === 0) throw refusal('At least one role should be specified')
  if (!body.project_id && (body.roles ?? []).length > 0) throw badRequest('Roles need a project.')
  existing(await users.fetch(ctx.db, body.trustee_user_id), 'user', body.trustee_user_id)
  const project = body.project_id ? existing(await projects.fetch(ctx.db, body.project_id), 'project', body.project_id) : null
  const source = actor.trustId ? await redelegable(ctx, actor.trustId, body) : null
  const given = project === null ? [] : await rolesGiven(ctx, project, body.roles ?? [])
  const row: TrustRow = {
    id: ctx.ids.hex(),
    trustor_user_id: body.trustor_user_id,
    trustee_user_id: body.trustee_user_id,
    project_id: body.project_id ?? null,
    impersonation: body.impersonation,
    expires_at: expiryRead(body.expires_at, ctx.clock.nowMs(), 'trust') ?? source?.expires_at ?? null,
    remaining_uses: body.remaining_uses ?? null,
    redelegated_trust_id: source?.id ?? null,
    redelegation_count: redelegations(body, source),
    roles: given.map((role) => role.id),
    extra: extraOf(body, attributes),
    deleted_at: null,
    created_at: isoMillis(ctx.clock.nowMs()),
  }
  if (source?.expires_at && row.expires_at && row.expires_at > source.expires_at) {
    throw forbidden('A redelegated trust cannot outlive the one it comes from.')
  }
  await change(ctx, { type: 'trust', id: row.id, action: 'create' }, (tx) => trusts.insert(tx.db, row))
  return row
}

/**
 * The roles that are passed on, each of which the trustor has on the project. Of the token's own project those are the
 * token's, which may be fewer (attack-8); of another, where the trustor might as well log in, those that are assigned there.
 */
async function rolesGiven(ctx: Context, project: ProjectRow, wanted: RoleReference[]): Promise<RoleRow[]> {
  const refuse = () => missing('role', wanted.map((role) => role.id ?? role.name).join(', '))
  if (project.id === ctx.actor.projectId) return delegatedRoles(ctx, wanted, refuse)
  const held = await rolesOn(ctx.db, await roleGraphRead(ctx.db), ctx.actor.userId, { kind: 'project', project })
  return rolesAmong(held, wanted, refuse)
}

function redelegations(body: TrustBody, source: TrustRow | null): number {
  if (body.allow_redelegation !== true) return 0
  const most = source ? source.redelegation_count - 1 : deepestRedelegation
  const wanted = body.redelegation_count ?? most
  if (wanted > most) throw forbidden(`Requested redelegation depth of ${wanted} is greater than allowed ${most}`)
  return wanted
}

/** The trust that the token was won by, when it may be passed on like this. */
async function redelegable(ctx: Context, id: string, body: TrustBody): Promise<TrustRow> {
  const source = existing(await trusts.fetch(ctx.db, id), 'trust', id)
  if ((body.project_id ?? null) !== source.project_id) throw forbidden('A redelegated trust is for the project of the one it comes from.')
  if (source.redelegation_count === 0) throw forbidden('Redelegation is not allowed by the trust.')
  if (body.remaining_uses !== undefined && body.remaining_uses !== null)
    throw forbidden('remaining_uses is not allowed in a redelegated trust.')
  if (body.impersonation && !source.impersonation) {
    throw forbidden('Impersonation is not allowed because the redelegated trust does not specify impersonation.')
  }
  return source
}

/** Ends it and every trust that was passed on from it; tokens won by them are void at once. */
export async function trustDelete(ctx: Context, id: string): Promise<void> {
  await trustGet(ctx, id)
  await change(ctx, { type: 'trust', id, action: 'delete' }, async (tx) => {
    await trustsEnd(tx, [id])
  })
}

export async function trustRoles(ctx: Context, row: TrustRow): Promise<RoleRow[]> {
  return roles.many(ctx.db, row.roles)
}

// The question to the policy, in Keystone's words, and what delegated tokens may never do whatever their roles.
import { permitted } from '../platform/api/lookup.ts'
import type { Context } from '../platform/context.ts'
import { forbidden } from '../platform/errors.ts'
import { missing } from './found.ts'

/** What rules look at, as `%(target.user.domain_id)s`; `user_id` and `project_id` of the path beside it. */
export interface PolicyTarget {
  user_id?: string
  project_id?: string
  target?: Record<string, unknown>
  [attribute: string]: unknown
}

/** Refuses with Keystone's text when the operation's rule (or the named one) does not hold for the target. */
export function permit(ctx: Context, target: PolicyTarget = {}, rule: string | null = ctx.rule): void {
  if (!ctx.allows(target, rule)) throw refusal(rule ?? '')
}

/**
 * The row, in Keystone's usual order: what is not there is not found (404), then the policy is asked (403). A token that no
 * target could make fit has been refused before (platform/api/dispatch.ts), so nobody without any right learns of ids.
 */
export function permitFound<Row>(
  ctx: Context,
  row: Row | undefined | null,
  at: { what: string; id: string; target?: PolicyTarget; rule?: string },
): Row {
  const { id, what, target = {}, rule = ctx.rule } = at
  return permitted(ctx, row, { id, rule, target: () => target, missing: (asked) => missing(what, asked), refusal })
}

export const refusal = (action: string) => forbidden(`You are not authorized to perform the requested action: ${action}.`)

/** Is the token one that somebody was lent: by a trust, by an application credential, by an OAuth1 consumer, by an EC2 signature? */
export const isDelegated = ({ actor }: Context): boolean =>
  actor.applicationCredentialId !== null ||
  (actor.trustId ?? null) !== null ||
  (actor.accessTokenId ?? null) !== null ||
  actor.methods.includes('ec2credential')

/** A lent token reaches the stored credentials of its own project alone; those of no project (TOTP seeds) never (attacks 5 and 6). */
export function isLentCredential(ctx: Context, projectId: string | null | undefined): boolean {
  return !isDelegated(ctx) || (ctx.actor.projectId !== null && (projectId ?? null) === ctx.actor.projectId)
}

export function refuseOtherProject(ctx: Context, projectId: string | null | undefined): void {
  if (!isLentCredential(ctx, projectId)) throw refusal('Credential project does not match the project scope of the delegated token')
}

/** A restricted application credential makes no keys (attack-4). */
export function refuseLimited(ctx: Context, what: string): void {
  if (ctx.actor.restricted) throw refusal(`Using method 'application_credential' is not allowed for managing ${what}.`)
}

/** A restricted application credential makes no further ones, and a trust none at all. */
export function refuseRestricted(ctx: Context, what: string): void {
  refuseLimited(ctx, what)
  refuseTrust(ctx, what)
}

/** What outlives a trust is out of its reach. */
export function refuseTrust(ctx: Context, what: string): void {
  if ((ctx.actor.trustId ?? null) !== null) throw refusal(`Using a trust is not allowed for managing ${what}.`)
  if ((ctx.actor.accessTokenId ?? null) !== null) throw refusal(`Using an OAuth1 access token is not allowed for managing ${what}.`)
}

/** What list rules look at: the domain of a domain-scoped token, to which its list is then limited, whatever the query asks for. */
export const ownDomainTarget = (ctx: Context): { domain_id?: string } =>
  ctx.actor.domainId === null ? {} : { domain_id: ctx.actor.domainId }

/** Of rows with a domain, those that a token may be shown: one of a domain sees its own. */
export const inOwnDomain = <Row extends { domain_id: string }>(ctx: Context, rows: Row[]): Row[] =>
  ctx.actor.domainId === null ? rows : rows.filter((row) => row.domain_id === ctx.actor.domainId)

// The question to the policy, in Keystone's words, and what delegated tokens may never do whatever their roles.
import type { Context } from '../platform/context.ts'
import { forbidden } from '../platform/errors.ts'

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

export const refusal = (action: string) => forbidden(`You are not authorized to perform the requested action: ${action}.`)

/** Is the token one that somebody was lent: by a trust, by an application credential, by an EC2 signature? */
export const isDelegated = ({ actor }: Context): boolean =>
  actor.applicationCredentialId !== null || (actor.trustId ?? null) !== null || actor.methods.includes('ec2credential')

/** Stored credentials are out of reach of whoever holds a lent token (attack-6). */
export function refuseDelegated(ctx: Context): void {
  if (isDelegated(ctx)) throw refusal('delegated tokens may not manage credentials')
}

/** A restricted application credential makes no further secrets, and a trust none at all (attack-4). */
export function refuseRestricted(ctx: Context, what: string): void {
  if (ctx.actor.restricted) throw refusal(`Using method 'application_credential' is not allowed for managing ${what}.`)
  if ((ctx.actor.trustId ?? null) !== null) throw refusal(`Using a trust is not allowed for managing ${what}.`)
}

/** The domain that a list is limited to: asked for, or that of a domain-scoped token. */
export function listDomain(ctx: Context, asked: string | undefined): string | undefined {
  return asked ?? ctx.actor.domainId ?? undefined
}

// Rows of policies, limits and revocations → what the API shows.
import { isoMicros } from '../../platform/clock.ts'
import type { Context } from '../../platform/context.ts'
import { selfLink } from '../links.ts'
import type { LimitRow, PolicyRow, RegisteredLimitRow } from '../store/delegation-tables.ts'
import type { RevocationRow } from '../store/tables.ts'

export const policyView = (ctx: Context, row: PolicyRow) => ({
  ...row.extra,
  id: row.id,
  blob: row.blob,
  type: row.type,
  links: selfLink(ctx, 'policies', row.id),
})

export const registeredLimitView = (ctx: Context, row: RegisteredLimitRow) => ({
  id: row.id,
  service_id: row.service_id,
  region_id: row.region_id,
  resource_name: row.resource_name,
  default_limit: row.default_limit,
  description: row.description,
  links: selfLink(ctx, 'registered_limits', row.id),
})

export const limitView = (ctx: Context, row: LimitRow) => ({
  id: row.id,
  project_id: row.project_id,
  domain_id: row.domain_id,
  resource_limit: row.resource_limit,
  description: row.description,
  service_id: row.service_id,
  region_id: row.region_id,
  resource_name: row.resource_name,
  links: selfLink(ctx, 'limits', row.id),
})

/** Only what the revocation is about. */
export function revocationView(_ctx: Context, row: RevocationRow): Record<string, string> {
  const { audit_id, audit_chain_id, user_id, project_id, domain_id } = row
  const grounds = Object.entries({ audit_id, audit_chain_id, user_id, project_id, domain_id }).filter(
    (entry): entry is [string, string] => entry[1] !== null,
  )
  return {
    ...Object.fromEntries(grounds),
    issued_before: isoMicros(Date.parse(row.issued_before)),
    revoked_at: isoMicros(Date.parse(row.revoked_at)),
  }
}

// Rows of application credentials, access rules, credentials, EC2 keys, trusts and consumers → what the API shows.
import type { Context } from '../../platform/context.ts'
import { defined } from '../../platform/defined.ts'
import { blobOpen } from '../credentials.ts'
import type { Ec2Credential } from '../ec2-credentials.ts'
import { bareTime } from '../expiry.ts'
import { baseUrl, selfLink } from '../links.ts'
import type { AccessRuleRow, ApplicationCredentialRow, ConsumerRow, CredentialRow, TrustRow } from '../store/delegation-tables.ts'
import type { RoleRow } from '../store/tables.ts'
import { roleView } from './roles.ts'

const rule = ({ id, service, path, method }: AccessRuleRow) => ({ id, service, path, method })

export const accessRuleView = (ctx: Context, row: AccessRuleRow) => ({ ...rule(row), links: selfLink(ctx, 'access_rules', row.id) })

export interface CredentialParts {
  roles: RoleRow[]
  /** null: not limited by rules */
  rules: AccessRuleRow[] | null
  /** only in the answer to its making */
  secret?: string
}

export const applicationCredentialView = (ctx: Context, row: ApplicationCredentialRow, { roles, rules, secret }: CredentialParts) => ({
  id: row.id,
  name: row.name,
  description: row.description,
  user_id: row.user_id,
  project_id: row.project_id,
  system: null,
  expires_at: bareTime(row.expires_at),
  unrestricted: row.unrestricted,
  roles: roles.map((role) => {
    const { links: _, ...shown } = roleView(ctx, role)
    return shown
  }),
  ...(rules ? { access_rules: rules.map(rule) } : {}),
  ...defined({ secret }),
  links: selfLink(ctx, 'application_credentials', row.id),
})

export const credentialView = (ctx: Context, row: CredentialRow) => ({
  ...row.extra,
  id: row.id,
  user_id: row.user_id,
  project_id: row.project_id,
  type: row.type,
  blob: blobOpen(ctx, row),
  links: selfLink(ctx, 'credentials', row.id),
})

export const ec2View = (ctx: Context, { userId, projectId, access, secret, trustId }: Ec2Credential) => ({
  user_id: userId,
  tenant_id: projectId,
  access,
  secret,
  trust_id: trustId,
  links: selfLink(ctx, 'users', userId, 'credentials', 'OS-EC2', access),
})

const trustCommon = (ctx: Context, row: TrustRow) => ({
  ...row.extra,
  id: row.id,
  trustor_user_id: row.trustor_user_id,
  trustee_user_id: row.trustee_user_id,
  project_id: row.project_id,
  impersonation: row.impersonation,
  expires_at: row.expires_at,
  remaining_uses: row.remaining_uses,
  deleted_at: row.deleted_at,
  redelegated_trust_id: row.redelegated_trust_id,
  redelegation_count: row.redelegation_count,
  links: selfLink(ctx, 'OS-TRUST', 'trusts', row.id),
})

export const trustRolesLinks = (ctx: Context, id: string) => ({ self: `${baseUrl(ctx)}/${id}/roles`, next: null, previous: null })

/** In lists, where the roles are left out. */
export const trustListView = trustCommon

export const trustView = (ctx: Context, row: TrustRow, roles: RoleRow[]) => ({
  ...trustCommon(ctx, row),
  roles: roles.map((role) => roleView(ctx, role)),
  roles_links: trustRolesLinks(ctx, row.id),
})

export const consumerView = (ctx: Context, row: ConsumerRow) => ({
  ...row.extra,
  id: row.id,
  description: row.description,
  links: selfLink(ctx, 'OS-OAUTH1', 'consumers', row.id),
})

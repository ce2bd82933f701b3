// The face of the identity domain: the only file of it that others import.
import { keystoneErrors } from '../platform/api/error-formats.ts'
import { keystoneMedia } from '../platform/api/media-types.ts'
import type { Domain, Service } from '../platform/api/operation.ts'
import type { Context } from '../platform/context.ts'
import { refusal } from './permission.ts'
import { isEnabled } from './inactivity.ts'
import { identityPolicy } from './policy.ts'
import { identityScopes } from './policy-scopes.ts'
import { applicationCredentialOperations } from './routes/application-credentials.ts'
import { authOperations } from './routes/auth.ts'
import { catalogOperations } from './routes/catalog.ts'
import { credentialOperations } from './routes/credentials.ts'
import { domainConfigOperations } from './routes/domain-config.ts'
import { domainOperations } from './routes/domains.ts'
import { ec2TokenOperations } from './routes/ec2-tokens.ts'
import { endpointFilterOperations } from './routes/endpoint-filters.ts'
import { federationOperations } from './routes/federation.ts'
import { goneOperations } from './routes/gone.ts'
import { grantOperations } from './routes/grants.ts'
import { groupOperations } from './routes/groups.ts'
import { limitOperations } from './routes/limits.ts'
import { oauth1Operations } from './routes/oauth1.ts'
import { projectOperations } from './routes/projects.ts'
import { roleOperations } from './routes/roles.ts'
import { scopeOperations } from './routes/scopes.ts'
import { consumerOperations, policyOperations, revocationOperations } from './routes/settings.ts'
import { trustOperations } from './routes/trusts.ts'
import { userOperations } from './routes/users.ts'
import { versionOperations } from './routes/versions.ts'
import { resources } from './store/migrations/0001-resources.ts'
import { catalog } from './store/migrations/0002-catalog.ts'
import { delegation } from './store/migrations/0003-delegation.ts'
import { settings } from './store/migrations/0004-settings.ts'
import { securityCompliance } from './store/migrations/0005-security-compliance.ts'
import { oauth1 } from './store/migrations/0006-oauth1.ts'
import { referenceIndexes } from './store/migrations/0007-references.ts'
import { projects, users } from './store/tables.ts'
import { tokenKeyRotation } from './work/token-keys.ts'
import { resourcesCalled } from './store/called.ts'

export { identityBootstrap, type IdentityBootstrap, type IdentityBootstrapped } from './bootstrap.ts'
export { endpointUrl } from './endpoint-url.ts'
export { accessKeyFind, type AccessKey } from './access-keys.ts'
export { loginFigures } from './auth/gate.ts'
export { authenticate } from './tokens/tokens.ts'

export interface ProjectFacts {
  id: string
  name: string
  domainId: string
  enabled: boolean
}

export interface UserFacts {
  id: string
  name: string
  domainId: string
  enabled: boolean
}

/** A project by id, for domains that need its name or whether it exists; no permission is asked. */
export async function projectFetch(ctx: Context, id: string): Promise<ProjectFacts | null> {
  const row = await projects.fetch(ctx.db, id)
  return row ? { id: row.id, name: row.name, domainId: row.domain_id === '' ? row.id : row.domain_id, enabled: row.enabled } : null
}

/** Which of these projects are no longer. A cloud that keeps no projects at all (a test's) has lost none. */
export async function projectsGone(ctx: Context, ids: string[]): Promise<string[]> {
  if (ids.length === 0 || (await projects.list(ctx.db, {}, { limit: 1 })).length === 0) return []
  const known = new Set((await projects.many(ctx.db, ids)).map(({ id }) => id))
  return ids.filter((id) => !known.has(id))
}

/** A user by id; no permission is asked. */
export async function userFetch(ctx: Context, id: string): Promise<UserFacts | null> {
  const row = await users.fetch(ctx.db, id)
  return row ? { id: row.id, name: row.name, domainId: row.domain_id, enabled: isEnabled(row, ctx) } : null
}

const service: Service = {
  type: 'identity',
  prefix: '/identity',
  bases: ['/v3'],
  errors: keystoneErrors,
  media: keystoneMedia,
  firstOfRepeated: true,
  refusal,
  operations: [
    ...versionOperations,
    ...authOperations,
    ...scopeOperations,
    ...domainOperations,
    ...projectOperations,
    ...userOperations,
    ...groupOperations,
    ...roleOperations,
    ...grantOperations,
    ...catalogOperations,
    ...endpointFilterOperations,
    ...applicationCredentialOperations,
    ...credentialOperations,
    ...ec2TokenOperations,
    ...trustOperations,
    ...policyOperations,
    ...consumerOperations,
    ...oauth1Operations,
    ...limitOperations,
    ...domainConfigOperations,
    ...revocationOperations,
    ...federationOperations,
    ...goneOperations,
  ],
}

export const domain: Domain = {
  name: 'identity',
  migrations: {
    '0001-resources': resources,
    '0002-catalog': catalog,
    '0003-delegation': delegation,
    '0004-settings': settings,
    '0005-security-compliance': securityCompliance,
    '0006-oauth1': oauth1,
    '0007-references': referenceIndexes,
  },
  policy: identityPolicy,
  policyScopes: identityScopes,
  services: [service],
  work: [tokenKeyRotation],
  resourcesCalled: ({ db }, word) => resourcesCalled(db, word),
  async resourceName(ctx, type, id) {
    if (type === 'identity.project') return (await projectFetch(ctx, id))?.name ?? null
    return type === 'identity.user' ? ((await userFetch(ctx, id))?.name ?? null) : null
  },
}

// How the identity domain is wired into the cloud: its service, policy, migrations, work and checks. Only server/domains.ts imports it.
import { keystoneErrors } from '../platform/api/error-formats.ts'
import { keystoneMedia } from '../platform/api/media-types.ts'
import type { Domain, Service } from '../platform/api/operation.ts'
import { migrationsIn } from '../platform/store/migrations-in.ts'
import { refusal } from './permission.ts'
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
import { columns } from './store/columns.ts'
import { tokenKeyRotation } from './work/token-keys.ts'
import { facts } from './store/facts.ts'

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

export const identityDomain: Domain = {
  name: 'identity',
  migrations: migrationsIn(import.meta.dirname),
  columns,
  facts,
  policy: identityPolicy,
  policyScopes: identityScopes,
  services: [service],
  work: [tokenKeyRotation],
}

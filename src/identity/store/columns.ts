// What identity's columns hold beyond text and numbers: the engine decodes them (platform/store/columns.ts).
import type { ColumnsOf } from '../../platform/store/columns.ts'
import type {
  AccessTokenRow,
  ApplicationCredentialRow,
  ConsumerRow,
  CredentialRow,
  PolicyRow,
  RequestTokenRow,
  TrustRow,
} from './delegation-tables.ts'
import type {
  AssignmentRow,
  EndpointGroupRow,
  EndpointRow,
  GroupRow,
  ProjectRow,
  RegionRow,
  RoleRow,
  ServiceRow,
  UserRow,
} from './tables.ts'

interface Tables {
  identity_projects: ProjectRow
  identity_users: UserRow
  identity_groups: GroupRow
  identity_roles: RoleRow
  identity_assignments: AssignmentRow
  identity_regions: RegionRow
  identity_services: ServiceRow
  identity_endpoints: EndpointRow
  identity_endpoint_groups: EndpointGroupRow
  identity_application_credentials: ApplicationCredentialRow
  identity_trusts: TrustRow
  identity_credentials: CredentialRow
  identity_consumers: ConsumerRow
  identity_request_tokens: RequestTokenRow
  identity_access_tokens: AccessTokenRow
  identity_policies: PolicyRow
}

export const columns: ColumnsOf<Tables> = {
  identity_projects: { is_domain: 'flag', enabled: 'flag', extra: 'json', options: 'json' },
  identity_users: { enabled: 'flag', password_self_service: 'flag', extra: 'json', options: 'json' },
  identity_groups: { extra: 'json' },
  identity_roles: { extra: 'json', options: 'json' },
  identity_assignments: { inherited: 'flag' },
  identity_regions: { extra: 'json' },
  identity_services: { enabled: 'flag', extra: 'json' },
  identity_endpoints: { enabled: 'flag', extra: 'json' },
  identity_endpoint_groups: { filters: 'json' },
  identity_application_credentials: { unrestricted: 'flag', roles: 'json', access_rules: 'json' },
  identity_trusts: { impersonation: 'flag', roles: 'json', extra: 'json' },
  identity_credentials: { extra: 'json' },
  identity_consumers: { extra: 'json' },
  identity_request_tokens: { roles: 'json' },
  identity_access_tokens: { roles: 'json' },
  identity_policies: { extra: 'json' },
}

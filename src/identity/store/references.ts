// Which rows refer to which by a column, and what becomes of them when that one is deleted. references.test.ts holds every column
// with an id against this list.
import type { Db } from '../../platform/store/store.ts'
import {
  accessRules,
  accessTokens,
  applicationCredentials,
  consumers,
  credentials,
  domainOptions,
  limits,
  policies,
  policyAssociations,
  registeredLimits,
  requestTokens,
  trusts,
} from './delegation-tables.ts'
import type { Rows } from '../../platform/store/rows.ts'
import {
  assignments,
  endpointGroups,
  endpoints,
  groups,
  impliedRoles,
  passwordHistory,
  projectEndpointGroups,
  projectEndpoints,
  projects,
  projectTags,
  regions,
  roles,
  services,
  userGroups,
  users,
} from './tables.ts'

/** What references.ts needs of a table, whatever its rows are. */
interface Referring {
  name: string
  delete(db: Db, where: object): Promise<number>
  update(db: Db, where: object, change: object): Promise<unknown>
}

/** `delete`: they go too. `clear`: the column becomes null. `logic`: the resource's own file refuses, or ends them first. */
export type OnDelete = 'delete' | 'clear' | 'logic'

export interface Reference {
  table: Referring
  column: string
  onDelete: OnDelete
}

const by = <Row extends object>(table: Rows<Row>, column: keyof Row & string, onDelete: OnDelete = 'delete'): Reference => ({
  table,
  column,
  onDelete,
})

const ofProject = [
  by(assignments, 'target_id'),
  by(applicationCredentials, 'project_id'),
  by(credentials, 'project_id'),
  by(requestTokens, 'project_id'),
  by(accessTokens, 'project_id'),
  by(trusts, 'project_id'),
  by(limits, 'project_id'),
  by(projectEndpoints, 'project_id'),
  by(projectEndpointGroups, 'project_id'),
  by(projectTags, 'project_id'),
  by(users, 'default_project_id', 'clear'),
  by(projects, 'parent_id', 'logic'),
]

const kinds = {
  project: { table: projects, references: ofProject },
  domain: {
    table: projects,
    references: [
      ...ofProject,
      by(domainOptions, 'domain_id'),
      by(limits, 'domain_id'),
      by(users, 'domain_id', 'logic'),
      by(groups, 'domain_id', 'logic'),
      by(roles, 'domain_id', 'logic'),
      by(projects, 'domain_id', 'logic'),
    ],
  },
  user: {
    table: users,
    references: [
      by(assignments, 'actor_id'),
      by(userGroups, 'user_id'),
      by(applicationCredentials, 'user_id'),
      by(accessRules, 'user_id'),
      by(credentials, 'user_id'),
      by(passwordHistory, 'user_id'),
      by(requestTokens, 'authorizing_user_id'),
      by(accessTokens, 'authorizing_user_id'),
      by(trusts, 'trustor_user_id'),
      by(trusts, 'trustee_user_id'),
    ],
  },
  group: { table: groups, references: [by(assignments, 'actor_id'), by(userGroups, 'group_id')] },
  role: {
    table: roles,
    references: [by(assignments, 'role_id'), by(impliedRoles, 'prior_role_id'), by(impliedRoles, 'implied_role_id')],
  },
  region: {
    table: regions,
    references: [by(policyAssociations, 'region_id'), by(regions, 'parent_region_id', 'logic'), by(endpoints, 'region_id', 'logic')],
  },
  service: {
    table: services,
    references: [by(policyAssociations, 'service_id'), by(endpoints, 'service_id', 'logic'), by(registeredLimits, 'service_id', 'logic')],
  },
  endpoint: { table: endpoints, references: [by(projectEndpoints, 'endpoint_id'), by(policyAssociations, 'endpoint_id')] },
  endpointGroup: { table: endpointGroups, references: [by(projectEndpointGroups, 'endpoint_group_id')] },
  policy: { table: policies, references: [by(policyAssociations, 'policy_id')] },
  consumer: { table: consumers, references: [by(requestTokens, 'consumer_id'), by(accessTokens, 'consumer_id')] },
  registeredLimit: { table: registeredLimits, references: [by(limits, 'registered_limit_id', 'logic')] },
}

export const references: { kind: string; references: Reference[] }[] = Object.entries(kinds).map(([kind, { references: all }]) => ({
  kind,
  references: all,
}))

/** Deletes a row and what refers to it. Inside the transaction that ends it. */
export async function referredDelete(db: Db, kind: keyof typeof kinds, id: string): Promise<void> {
  for (const { table, column, onDelete } of kinds[kind].references) {
    if (onDelete === 'delete') await table.delete(db, { [column]: id })
    if (onDelete === 'clear') await table.update(db, { [column]: id }, { [column]: null })
  }
  const table: Referring = kinds[kind].table
  await table.delete(db, { id })
}

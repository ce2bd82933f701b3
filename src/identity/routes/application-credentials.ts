// /users/{id}/application_credentials and /users/{id}/access_rules.
import { operation, type Operation } from '../../platform/api/operation.ts'
import type { Context } from '../../platform/context.ts'
import { defined } from '../../platform/defined.ts'
import { accessRuleDelete, accessRuleGet, accessRulesList } from '../access-rules.ts'
import {
  applicationCredentialCreate,
  applicationCredentialDelete,
  applicationCredentialGet,
  applicationCredentialProperties,
  applicationCredentialsList,
  credentialParts,
  permitNewApplicationCredential,
} from '../application-credentials.ts'
import { open } from '../schemas.ts'
import type { ApplicationCredentialRow } from '../store/delegation-tables.ts'
import { accessRuleView, applicationCredentialView } from '../views/delegation.ts'
import { each, listing } from './resource.ts'

const base = '/users/:user_id/application_credentials'
const one = `${base}/:application_credential_id`
const ids = (params: Record<string, string>): [string, string] => [params['user_id'] ?? '', params['application_credential_id'] ?? '']
const ruleIds = (params: Record<string, string>): [string, string] => [params['user_id'] ?? '', params['access_rule_id'] ?? '']

/** Rows → views, with roles and rules fetched once for all. */
async function shown(ctx: Context, rows: ApplicationCredentialRow[], secret?: string) {
  const parts = await credentialParts(ctx, rows)
  return rows.map((row) => {
    const { roles: roleIds, access_rules: rules } = row
    return applicationCredentialView(ctx, row, {
      roles: parts.roles.filter((role) => roleIds.includes(role.id)),
      rules: rules && parts.rules.filter((rule) => rules.includes(rule.id)),
      ...defined({ secret }),
    })
  })
}

export const applicationCredentialOperations: Operation[] = [
  listing(base, 'application_credentials', {
    summary: 'List application credentials',
    policy: 'identity:list_application_credentials',
    filters: ['name'],
    rows: (ctx, params, query) => applicationCredentialsList(ctx, params['user_id'] ?? '', query['name']),
    shown: shown,
  }),
  operation({
    method: 'POST',
    path: base,
    summary: 'Create an application credential',
    policy: 'identity:create_application_credential',
    status: 201,
    body: open('application_credential', applicationCredentialProperties),
    target: async (ctx, { params }) => permitNewApplicationCredential(ctx, params['user_id'] ?? ''),
    async handler(ctx, request) {
      const { row, secret } = await applicationCredentialCreate(ctx, request.params['user_id'] ?? '', request.body.application_credential)
      return { application_credential: (await shown(ctx, [row], secret))[0] }
    },
  }),
  operation({
    method: 'GET',
    path: one,
    summary: 'Show an application credential',
    policy: 'identity:get_application_credential',
    status: 200,
    handler: async (ctx, { params }) => ({
      application_credential: (await shown(ctx, [await applicationCredentialGet(ctx, ...ids(params))]))[0],
    }),
  }),
  operation({
    method: 'DELETE',
    path: one,
    summary: 'Delete an application credential',
    policy: 'identity:delete_application_credential',
    status: 204,
    handler: (ctx, { params }) => applicationCredentialDelete(ctx, ...ids(params)),
  }),
  listing('/users/:user_id/access_rules', 'access_rules', {
    summary: 'List access rules',
    policy: 'identity:list_access_rules',
    filters: ['service', 'path', 'method'],
    rows: (ctx, params) => accessRulesList(ctx, params['user_id'] ?? ''),
    shown: each(accessRuleView),
  }),
  operation({
    method: 'GET',
    path: '/users/:user_id/access_rules/:access_rule_id',
    summary: 'Show an access rule',
    policy: 'identity:get_access_rule',
    status: 200,
    handler: async (ctx, { params }) => ({ access_rule: accessRuleView(ctx, await accessRuleGet(ctx, ...ruleIds(params))) }),
  }),
  operation({
    method: 'DELETE',
    path: '/users/:user_id/access_rules/:access_rule_id',
    summary: 'Delete an access rule',
    policy: 'identity:delete_access_rule',
    status: 204,
    handler: (ctx, { params }) => accessRuleDelete(ctx, ...ruleIds(params)),
  }),
]

// /users/{id}/application_credentials and /users/{id}/access_rules.
import { operation, type Operation } from '../../platform/api/operation.ts'
import type { Context } from '../../platform/context.ts'
import { defined } from '../../platform/defined.ts'
import { accessRuleDelete, accessRuleGet, accessRulesOf } from '../access-rules.ts'
import {
  applicationCredentialCreate,
  applicationCredentialDelete,
  applicationCredentialGet,
  applicationCredentialProperties,
  applicationCredentialsOf,
  credentialParts,
  permitNewApplicationCredential,
} from '../application-credentials.ts'
import { filtered, listOf } from '../links.ts'
import { anyQuery, open } from '../schemas.ts'
import type { ApplicationCredentialRow } from '../store/delegation-tables.ts'
import { accessRuleView, applicationCredentialView } from '../views/delegation.ts'

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
  operation({
    method: 'GET',
    path: base,
    summary: 'List application credentials',
    policy: 'identity:list_application_credentials',
    status: 200,
    query: anyQuery,
    async handler(ctx, request) {
      const rows = await applicationCredentialsOf(ctx, request.params['user_id'] ?? '', request.query['name'])
      return listOf(ctx, request, 'application_credentials', filtered(await shown(ctx, rows), request.query, ['name']))
    },
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
  operation({
    method: 'GET',
    path: '/users/:user_id/access_rules',
    summary: 'List access rules',
    policy: 'identity:list_access_rules',
    status: 200,
    query: anyQuery,
    async handler(ctx, request) {
      const rows = await accessRulesOf(ctx, request.params['user_id'] ?? '')
      return listOf(
        ctx,
        request,
        'access_rules',
        filtered(
          rows.map((row) => accessRuleView(ctx, row)),
          request.query,
          ['service', 'path', 'method'],
        ),
      )
    },
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

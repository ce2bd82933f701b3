// The steps of OAuth1 below /OS-OAUTH1, and the access tokens that a user has given: /users/{id}/OS-OAUTH1/access_tokens.
import { Type } from '../../platform/api/type.ts'
import { operation, Reply, type Operation } from '../../platform/api/operation.ts'
import { missing } from '../found.ts'
import {
  accessTokenCreate,
  accessTokenDelete,
  accessTokenGet,
  accessTokenRoles,
  accessTokensList,
  requestTokenAuthorize,
  requestTokenCreate,
  requestTokenGet,
} from '../oauth1/tokens.ts'
import { optional, roleReferences } from '../schemas.ts'
import { accessTokenView, grantedRoleView, tokenForm } from '../views/oauth1.ts'
import { callerOf } from './caller.ts'
import { each, listing } from './resource.ts'

type Params = Record<string, string>
const access = '/users/:user_id/OS-OAUTH1/access_tokens'
const ids = (params: Params): [string, string] => [params['user_id'] ?? '', params['access_token_id'] ?? '']
const form = { 'content-type': 'application/x-www-form-urlencoded' }

export const oauth1Operations: Operation[] = [
  operation({
    method: 'POST',
    path: '/OS-OAUTH1/request_token',
    summary: 'Ask for a request token',
    policy: null,
    status: 201,
    async handler(ctx, request) {
      const project = request.headers['requested-project-id']
      const row = await requestTokenCreate(ctx, callerOf(ctx, request), typeof project === 'string' && project !== '' ? project : undefined)
      return new Reply(tokenForm(row), { headers: form })
    },
  }),
  operation({
    method: 'PUT',
    path: '/OS-OAUTH1/authorize/:request_token_id',
    summary: 'Authorize a request token',
    policy: 'identity:authorize_request_token',
    status: 200,
    body: Type.Object({ roles: optional(roleReferences) }, { additionalProperties: true }),
    target: (ctx, { params }) => requestTokenGet(ctx, params['request_token_id'] ?? ''),
    async handler(ctx, { params, body }) {
      return {
        token: {
          oauth_verifier: await requestTokenAuthorize(ctx, params['request_token_id'] ?? '', body.roles ?? []),
        },
      }
    },
  }),
  operation({
    method: 'POST',
    path: '/OS-OAUTH1/access_token',
    summary: 'Exchange a request token for an access token',
    policy: null,
    status: 201,
    handler: async (ctx, request) => new Reply(tokenForm(await accessTokenCreate(ctx, callerOf(ctx, request))), { headers: form }),
  }),
  listing(access, 'access_tokens', {
    summary: 'List the access tokens that a user gave',
    policy: 'identity:list_access_tokens',
    rows: (ctx, params) => accessTokensList(ctx, params['user_id'] ?? ''),
    shown: each(accessTokenView),
  }),
  operation({
    method: 'GET',
    path: `${access}/:access_token_id`,
    summary: 'Show an access token',
    policy: 'identity:get_access_token',
    status: 200,
    handler: async (ctx, { params }) => ({ access_token: accessTokenView(ctx, await accessTokenGet(ctx, ...ids(params))) }),
  }),
  operation({
    method: 'DELETE',
    path: `${access}/:access_token_id`,
    summary: 'Take back an access token',
    policy: 'identity:delete_access_token',
    status: 204,
    handler: (ctx, { params }) => accessTokenDelete(ctx, ...ids(params)),
  }),
  listing(`${access}/:access_token_id/roles`, 'roles', {
    summary: 'List the roles of an access token',
    policy: 'identity:list_access_token_roles',
    rows: (ctx, params) => accessTokenRoles(ctx, ...ids(params)),
    shown: each(grantedRoleView),
  }),
  operation({
    method: 'GET',
    path: `${access}/:access_token_id/roles/:role_id`,
    summary: 'Show a role of an access token',
    policy: 'identity:get_access_token_role',
    status: 200,
    async handler(ctx, { params }) {
      const row = (await accessTokenRoles(ctx, ...ids(params))).find((each) => each.id === params['role_id'])
      if (!row) throw missing('role', params['role_id'] ?? '')
      return { role: grantedRoleView(ctx, row) }
    },
  }),
]

// /users, their password, groups and projects.
import Type from 'typebox'
import { operation, type Operation } from '../../platform/api/operation.ts'
import { loginGate } from '../auth/gate.ts'
import { projectsOfUser } from '../available-scopes.ts'
import { groupsOf } from '../groups.ts'
import { filtered, listOf, pageOf } from '../links.ts'
import { expiringAs } from '../password-expiry.ts'
import { passwordChange } from '../passwords.ts'
import { tagsOf } from '../project-tags.ts'
import { anyQuery, closed, flag, idSchema, nameSchema, nullable, open, optional, text } from '../schemas.ts'
import { permitNewUser, userCreate, userDelete, userGet, usersList, userUpdate, type UserBody } from '../users.ts'
import { projectView } from '../views/projects.ts'
import { groupView, userView } from '../views/users.ts'
import { asked } from './asked.ts'

const userOptions = Type.Object(
  {
    ignore_change_password_upon_first_use: optional(nullable(flag)),
    ignore_password_expiry: optional(nullable(flag)),
    ignore_lockout_failure_attempts: optional(nullable(flag)),
    ignore_user_inactivity: optional(nullable(flag)),
    lock_password: optional(nullable(flag)),
    multi_factor_auth_enabled: optional(nullable(flag)),
    multi_factor_auth_rules: optional(
      nullable(Type.Array(Type.Array(Type.String(), { minItems: 1, uniqueItems: true }), { uniqueItems: true })),
    ),
  },
  { additionalProperties: false },
)
const properties = {
  default_project_id: optional(nullable(idSchema)),
  description: optional(nullable(text)),
  domain_id: optional(idSchema),
  enabled: optional(flag),
  name: nameSchema,
  password: optional(nullable(text)),
  options: optional(userOptions),
}

export const userOperations: Operation[] = [
  operation({
    method: 'GET',
    path: '/users',
    summary: 'List users',
    policy: 'identity:list_users',
    status: 200,
    query: anyQuery,
    async handler(ctx, request) {
      const query = request.query as Record<string, string | undefined>
      const rows = expiringAs(await usersList(ctx, query), query['password_expires_at'])
      // nobody comes from a federation: who asks for those gets none
      const items = filtered(
        rows.map((row) => userView(ctx, row)),
        query,
        ['domain_id', 'enabled', 'name', 'idp_id', 'protocol_id', 'unique_id'],
      )
      return pageOf(ctx, request, { name: 'users', items, known: rows })
    },
  }),
  operation({
    method: 'POST',
    path: '/users',
    summary: 'Create a user',
    policy: 'identity:create_user',
    status: 201,
    body: open('user', properties),
    target: async (ctx, { body }) => permitNewUser(ctx, asked(body, 'user')),
    handler: async (ctx, { body }) => ({ user: userView(ctx, await userCreate(ctx, body['user'] as UserBody)) }),
  }),
  operation({
    method: 'GET',
    path: '/users/:user_id',
    summary: 'Show a user',
    policy: 'identity:get_user',
    status: 200,
    handler: async (ctx, { params }) => ({ user: userView(ctx, await userGet(ctx, params['user_id'] ?? '')) }),
  }),
  operation({
    method: 'PATCH',
    path: '/users/:user_id',
    summary: 'Update a user',
    policy: 'identity:update_user',
    status: 200,
    target: (ctx, { params }) => userGet(ctx, params['user_id'] ?? ''),
    body: open('user', { ...properties, name: optional(nameSchema) }, { minProperties: 1 }),
    handler: async (ctx, { params, body }) => ({
      user: userView(ctx, await userUpdate(ctx, params['user_id'] ?? '', body['user'] as UserBody)),
    }),
  }),
  operation({
    method: 'DELETE',
    path: '/users/:user_id',
    summary: 'Delete a user',
    policy: 'identity:delete_user',
    status: 204,
    handler: (ctx, { params }) => userDelete(ctx, params['user_id'] ?? ''),
  }),
  operation({
    method: 'POST',
    path: '/users/:user_id/password',
    summary: 'Change one’s own password',
    policy: null,
    status: 204,
    body: closed('user', { original_password: text, password: text }),
    async handler(ctx, { params, body, remoteAddress: address }) {
      const { original_password: original, password: wanted } = body['user'] as { original_password: string; password: string }
      await loginGate(ctx.platform).pass(address, () => passwordChange(ctx, params['user_id'] ?? '', { original, wanted, address }))
    },
  }),
  operation({
    method: 'GET',
    path: '/users/:user_id/groups',
    summary: 'List the groups of a user',
    policy: 'identity:list_groups_for_user',
    status: 200,
    query: anyQuery,
    async handler(ctx, request) {
      const shown = (await groupsOf(ctx, request.params['user_id'] ?? '')).map((row) => ({
        ...groupView(ctx, row),
        membership_expires_at: null,
      }))
      return listOf(ctx, request, 'groups', filtered(shown, request.query, ['name']))
    },
  }),
  operation({
    method: 'GET',
    path: '/users/:user_id/projects',
    summary: 'List the projects of a user',
    policy: 'identity:list_user_projects',
    status: 200,
    query: anyQuery,
    async handler(ctx, request) {
      const user = await userGet(ctx, request.params['user_id'] ?? '')
      const rows = await projectsOfUser(ctx, user.id)
      const tags = await tagsOf(
        ctx,
        rows.map((row) => row.id),
      )
      const shown = rows.map((row) => projectView(ctx, row, tags.get(row.id) ?? []))
      return listOf(ctx, request, 'projects', filtered(shown, request.query, ['domain_id', 'enabled', 'name']))
    },
  }),
]

// /groups and who is in them.
import { operation, type Operation } from '../../platform/api/operation.ts'
import {
  groupCreate,
  groupDelete,
  groupGet,
  groupsList,
  groupUpdate,
  memberAdd,
  memberCheck,
  memberRemove,
  membersOf,
  permitNewGroup,
  type GroupBody,
} from '../groups.ts'
import { filtered, listOf, pageOf } from '../links.ts'
import { expiringAs } from '../password-expiry.ts'
import { anyQuery, idSchema, nameSchema, nullable, open, optional, text } from '../schemas.ts'
import { groupView, userView } from '../views/users.ts'
import { asked } from './asked.ts'

const properties = { description: optional(nullable(text)), domain_id: optional(idSchema), name: nameSchema }
const ids = (params: Record<string, string>): [string, string] => [params['group_id'] ?? '', params['user_id'] ?? '']

export const groupOperations: Operation[] = [
  operation({
    method: 'GET',
    path: '/groups',
    summary: 'List groups',
    policy: 'identity:list_groups',
    status: 200,
    query: anyQuery,
    async handler(ctx, request) {
      const query = request.query as Record<string, string | undefined>
      const rows = await groupsList(ctx, query)
      const items = filtered(
        rows.map((row) => groupView(ctx, row)),
        query,
        ['domain_id', 'name'],
      )
      return pageOf(ctx, request, { name: 'groups', items, known: rows })
    },
  }),
  operation({
    method: 'POST',
    path: '/groups',
    summary: 'Create a group',
    policy: 'identity:create_group',
    status: 201,
    body: open('group', properties),
    target: async (ctx, { body }) => permitNewGroup(ctx, asked(body, 'group')),
    handler: async (ctx, { body }) => ({ group: groupView(ctx, await groupCreate(ctx, body['group'] as GroupBody)) }),
  }),
  operation({
    method: 'GET',
    path: '/groups/:group_id',
    summary: 'Show a group',
    policy: 'identity:get_group',
    status: 200,
    handler: async (ctx, { params }) => ({ group: groupView(ctx, await groupGet(ctx, params['group_id'] ?? '')) }),
  }),
  operation({
    method: 'PATCH',
    path: '/groups/:group_id',
    summary: 'Update a group',
    policy: 'identity:update_group',
    status: 200,
    target: (ctx, { params }) => groupGet(ctx, params['group_id'] ?? ''),
    body: open('group', { ...properties, name: optional(nameSchema) }, { minProperties: 1 }),
    handler: async (ctx, { params, body }) => ({
      group: groupView(ctx, await groupUpdate(ctx, params['group_id'] ?? '', body['group'] as GroupBody)),
    }),
  }),
  operation({
    method: 'DELETE',
    path: '/groups/:group_id',
    summary: 'Delete a group',
    policy: 'identity:delete_group',
    status: 204,
    handler: (ctx, { params }) => groupDelete(ctx, params['group_id'] ?? ''),
  }),
  operation({
    method: 'GET',
    path: '/groups/:group_id/users',
    summary: 'List the users in a group',
    policy: 'identity:list_users_in_group',
    status: 200,
    query: anyQuery,
    async handler(ctx, request) {
      const { password_expires_at: expiring } = request.query as { password_expires_at?: string }
      const shown = expiringAs(await membersOf(ctx, request.params['group_id'] ?? ''), expiring).map((row) => userView(ctx, row))
      return listOf(ctx, request, 'users', filtered(shown, request.query, ['domain_id', 'enabled', 'name']))
    },
  }),
  operation({
    method: 'PUT',
    path: '/groups/:group_id/users/:user_id',
    summary: 'Add a user to a group',
    policy: 'identity:add_user_to_group',
    status: 204,
    handler: (ctx, { params }) => memberAdd(ctx, ...ids(params)),
  }),
  operation({
    method: 'GET',
    path: '/groups/:group_id/users/:user_id',
    summary: 'Check a user’s membership',
    policy: 'identity:check_user_in_group',
    status: 204,
    handler: (ctx, { params }) => memberCheck(ctx, ...ids(params)),
  }),
  operation({
    method: 'DELETE',
    path: '/groups/:group_id/users/:user_id',
    summary: 'Remove a user from a group',
    policy: 'identity:remove_user_from_group',
    status: 204,
    handler: (ctx, { params }) => memberRemove(ctx, ...ids(params)),
  }),
]

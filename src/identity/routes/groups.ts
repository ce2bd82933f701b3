// /groups and who is in them.
import { operation, type Operation } from '../../platform/api/operation.ts'
import {
  groupCreate,
  groupDelete,
  groupGet,
  groupProperties,
  groupsList,
  groupUpdate,
  memberAdd,
  memberCheck,
  memberRemove,
  membersList,
  permitNewGroup,
} from '../groups.ts'
import { expiringAs } from '../password-expiry.ts'
import { groupView, userView } from '../views/users.ts'
import { each, listing, operationsOf } from './resource.ts'

const ids = (params: Record<string, string>): [string, string] => [params['group_id'] ?? '', params['user_id'] ?? '']

export const groupOperations: Operation[] = [
  ...operationsOf({
    name: 'group',
    plural: 'groups',
    noun: 'a group',
    path: '/groups',
    properties: groupProperties,
    shown: each(groupView),
    filters: ['domain_id', 'name'],
    list: groupsList,
    create: groupCreate,
    permitNew: permitNewGroup,
    get: groupGet,
    update: groupUpdate,
    delete: groupDelete,
  }),
  listing('/groups/:group_id/users', 'users', {
    summary: 'List the users in a group',
    policy: 'identity:list_users_in_group',
    filters: ['domain_id', 'enabled', 'name'],
    rows: async (ctx, params, query) => {
      const isExpiring = expiringAs(query['password_expires_at'])
      return (await membersList(ctx, params['group_id'] ?? '')).filter(isExpiring)
    },
    shown: each(userView),
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

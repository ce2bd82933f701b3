// /users, their password, groups and projects.
import { operation, type Operation } from '../../platform/api/operation.ts'
import { loginGate } from '../auth/gate.ts'
import { projectsOfUser } from '../available-scopes.ts'
import { userGroupsList } from '../groups.ts'
import { passwordChange } from '../passwords.ts'
import { closed, text } from '../schemas.ts'
import { permitNewUser, userCreate, userDelete, userGet, usersList, userProperties, userUpdate } from '../users.ts'
import { projectsShown } from '../views/projects.ts'
import { membershipView, userView } from '../views/users.ts'
import { each, listing, operationsOf } from './resource.ts'

export const userOperations: Operation[] = [
  ...operationsOf({
    name: 'user',
    plural: 'users',
    noun: 'a user',
    path: '/users',
    properties: userProperties,
    shown: each(userView),
    // no user comes from a federation: a query for those finds none
    filters: ['domain_id', 'enabled', 'name', 'idp_id', 'protocol_id', 'unique_id'],
    list: usersList,
    create: userCreate,
    permitNew: permitNewUser,
    get: userGet,
    update: userUpdate,
    delete: userDelete,
  }),
  operation({
    method: 'POST',
    path: '/users/:user_id/password',
    summary: 'Change one’s own password',
    policy: null,
    status: 204,
    body: closed('user', { original_password: text, password: text }),
    async handler(ctx, { params, body, remoteAddress: address }) {
      const { original_password: original, password: wanted } = body.user
      await loginGate(ctx.platform).pass(address, () => passwordChange(ctx, params['user_id'] ?? '', { original, wanted, address }))
    },
  }),
  listing('/users/:user_id/groups', 'groups', {
    summary: 'List the groups of a user',
    policy: 'identity:list_groups_for_user',
    filters: ['name'],
    rows: (ctx, params) => userGroupsList(ctx, params['user_id'] ?? ''),
    shown: each(membershipView),
  }),
  listing('/users/:user_id/projects', 'projects', {
    summary: 'List the projects of a user',
    policy: 'identity:list_user_projects',
    filters: ['domain_id', 'enabled', 'name'],
    rows: async (ctx, params) => projectsOfUser(ctx, (await userGet(ctx, params['user_id'] ?? '')).id),
    shown: projectsShown,
  }),
]

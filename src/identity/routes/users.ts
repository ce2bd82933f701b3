// /users, their password, groups and projects.
import { operation, type Operation } from '../../platform/api/operation.ts'
import { loginGate } from '../auth/gate.ts'
import { projectsOfUser } from '../available-scopes.ts'
import { groupsOf } from '../groups.ts'
import { filtered, listOf } from '../links.ts'
import { passwordChange } from '../passwords.ts'
import { anyQuery, closed, text } from '../schemas.ts'
import { permitNewUser, userCreate, userDelete, userGet, usersList, userProperties, userUpdate } from '../users.ts'
import { projectsShown } from '../views/projects.ts'
import { groupView, userView } from '../views/users.ts'
import { each, operationsOf } from './resource.ts'

export const userOperations: Operation[] = [
  ...operationsOf({
    name: 'user',
    plural: 'users',
    noun: 'a user',
    path: '/users',
    properties: userProperties,
    shown: each(userView),
    // nobody comes from a federation: who asks for those gets none
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
      const shown = await projectsShown(ctx, await projectsOfUser(ctx, user.id))
      return listOf(ctx, request, 'projects', filtered(shown, request.query, ['domain_id', 'enabled', 'name']))
    },
  }),
]

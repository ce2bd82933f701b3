// /roles, what they imply, /role_inferences and /role_assignments.
import { operation, Reply, type ApiRequest, type Operation } from '../../platform/api/operation.ts'
import { keystoneSwitch } from '../../platform/api/words.ts'
import { assignmentNames } from '../assignment-names.ts'
import { listOf } from '../links.ts'
import { assignmentsList } from '../role-assignments.ts'
import {
  impliedRoleAdd,
  impliedRoleGet,
  impliedRoleRemove,
  impliedRolesList,
  inferencesList,
  roleCreate,
  roleDelete,
  roleGet,
  roleProperties,
  rolesList,
  roleUpdate,
} from '../roles.ts'
import { anyQuery } from '../schemas.ts'
import { assignmentView, inferencesListView, inferencesOfView, inferenceView, roleView } from '../views/roles.ts'
import { each, operationsOf } from './resource.ts'

const pair = ({ params }: ApiRequest): [string, string] => [params['prior_role_id'] ?? '', params['implied_role_id'] ?? '']
const implied = '/roles/:prior_role_id/implies/:implied_role_id'

export const roleOperations: Operation[] = [
  ...operationsOf({
    name: 'role',
    plural: 'roles',
    noun: 'a role',
    path: '/roles',
    properties: roleProperties,
    shown: each(roleView),
    filters: ['name', 'domain_id'],
    list: rolesList,
    create: roleCreate,
    get: roleGet,
    update: roleUpdate,
    delete: roleDelete,
  }),
  operation({
    method: 'GET',
    path: '/roles/:prior_role_id/implies',
    summary: 'List what a role implies',
    policy: 'identity:list_implied_roles',
    status: 200,
    handler: async (ctx, { params }) => inferencesOfView(ctx, await impliedRolesList(ctx, params['prior_role_id'] ?? '')),
  }),
  operation({
    method: 'PUT',
    path: implied,
    summary: 'Let a role imply another',
    policy: 'identity:create_implied_role',
    status: 201,
    handler: async (ctx, request) => inferenceView(ctx, await impliedRoleAdd(ctx, ...pair(request))),
  }),
  operation({
    method: 'GET',
    path: implied,
    summary: 'Show that a role implies another',
    policy: 'identity:get_implied_role',
    status: 200,
    handler: async (ctx, request) => inferenceView(ctx, await impliedRoleGet(ctx, ...pair(request))),
  }),
  operation({
    method: 'HEAD',
    path: implied,
    summary: 'Check that a role implies another',
    policy: 'identity:check_implied_role',
    status: 204,
    async handler(ctx, request) {
      await impliedRoleGet(ctx, ...pair(request))
      return new Reply(undefined)
    },
  }),
  operation({
    method: 'DELETE',
    path: implied,
    summary: 'Let a role no longer imply another',
    policy: 'identity:delete_implied_role',
    status: 204,
    handler: (ctx, request) => impliedRoleRemove(ctx, ...pair(request)),
  }),
  operation({
    method: 'GET',
    path: '/role_inferences',
    summary: 'List all role inferences',
    policy: 'identity:list_role_inference_rules',
    status: 200,
    handler: async (ctx) => inferencesListView(ctx, await inferencesList(ctx)),
  }),
  operation({
    method: 'GET',
    path: '/role_assignments',
    summary: 'List role assignments',
    policy: 'identity:list_role_assignments',
    status: 200,
    query: anyQuery,
    async handler(ctx, request) {
      const { query } = request
      const given = (name: string) => query[name] || undefined
      const inherited = query['scope.OS-INHERIT:inherited_to']
      const lines = await assignmentsList(ctx, {
        userId: given('user.id'),
        groupId: given('group.id'),
        roleId: given('role.id'),
        projectId: given('scope.project.id'),
        domainId: given('scope.domain.id'),
        system: given('scope.system'),
        inherited: inherited === undefined ? undefined : inherited === 'projects',
        effective: keystoneSwitch(query['effective']),
        subtree: keystoneSwitch(query['include_subtree']),
      })
      const names = keystoneSwitch(query['include_names']) ? await assignmentNames(ctx, lines) : null
      return listOf(
        ctx,
        request,
        'role_assignments',
        lines.map((line) => assignmentView(ctx, line, names)),
      )
    },
  }),
]

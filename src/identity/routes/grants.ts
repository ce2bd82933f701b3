// Grants of roles to users and groups on projects, domains and the system, direct and inherited: the same five
// operations at ten paths.
import { operation, type Operation } from '../../platform/api/operation.ts'
import { grantCheck, grantCreate, grantRevoke, grantRoles, type GrantPlace } from '../grants.ts'
import { roleView } from '../views/roles.ts'
import { each, listing } from './resource.ts'

type Params = Record<string, string>

function grantsAt(targetType: GrantPlace['target']['type'], actorType: GrantPlace['actor']['type'], inherited: boolean): Operation[] {
  const target = targetType === 'system' ? '/system' : `/${targetType}s/:${targetType}_id`
  const list = `${inherited ? '/OS-INHERIT' : ''}${target}/${actorType}s/:${actorType}_id/roles`
  const tail = inherited ? '/inherited_to_projects' : ''
  const place = (params: Params): GrantPlace => ({
    actor: { type: actorType, id: params[`${actorType}_id`] ?? '' },
    target: { type: targetType, id: targetType === 'system' ? 'system' : (params[`${targetType}_id`] ?? '') },
    inherited,
  })
  const rule = (verb: 'create' | 'check' | 'revoke' | 'list') => {
    const noun = verb === 'list' ? 'grants' : 'grant'
    return targetType === 'system' ? `identity:${verb}_system_${noun}_for_${actorType}` : `identity:${verb}_${noun}`
  }
  const what = `${inherited ? 'an inherited role' : 'a role'} of a ${actorType} on ${targetType === 'system' ? 'the system' : `a ${targetType}`}`
  const lists = [
    listing(list + tail, 'roles', {
      summary: `List each of what is ${what}`,
      policy: rule('list'),
      rows: (ctx, params) => grantRoles(ctx, place(params)),
      shown: each(roleView),
    }),
  ]
  return [
    // Keystone has no list of what is inherited on a project
    ...(inherited && targetType === 'project' ? [] : lists),
    operation({
      method: 'PUT',
      path: `${list}/:role_id${tail}`,
      summary: `Assign ${what}`,
      policy: rule('create'),
      status: 204,
      handler: (ctx, { params }) => grantCreate(ctx, place(params), params['role_id'] ?? ''),
    }),
    operation({
      method: 'GET',
      path: `${list}/:role_id${tail}`,
      summary: `Check ${what}`,
      policy: rule('check'),
      status: 204,
      handler: (ctx, { params }) => grantCheck(ctx, place(params), params['role_id'] ?? ''),
    }),
    operation({
      method: 'DELETE',
      path: `${list}/:role_id${tail}`,
      summary: `Unassign ${what}`,
      policy: rule('revoke'),
      status: 204,
      handler: (ctx, { params }) => grantRevoke(ctx, place(params), params['role_id'] ?? ''),
    }),
  ]
}

export const grantOperations: Operation[] = (['user', 'group'] as const).flatMap((actor) => [
  ...grantsAt('project', actor, false),
  ...grantsAt('domain', actor, false),
  ...grantsAt('system', actor, false),
  ...grantsAt('project', actor, true),
  ...grantsAt('domain', actor, true),
])

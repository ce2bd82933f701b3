// Who has which role where: the effective roles against a plain reading of the rules, and the list of assignments.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import { byPassword, inProject, password, startIdentityCloud, v3, type IdentityCloud } from '../../test/support/identity.ts'
import { impliedClosure, type RoleGraph } from './effective-roles.ts'
import { defined } from '../platform/defined.ts'

let cloud: IdentityCloud
before(async () => void (cloud = await startIdentityCloud()))
after(() => cloud.stop())

const statusAs = async (as: string, method: string, url: string, body?: unknown): Promise<number> =>
  (await cloud.request(method, v3 + url, { as, ...defined({ body }) })).status

const graphOf = (edges: [number, number][]): RoleGraph => {
  const implies = new Map<string, string[]>()
  for (const [prior, implied] of edges) implies.set(String(prior), [...(implies.get(String(prior)) ?? []), String(implied)])
  return { roles: new Map(), implies }
}

test('the closure of implied roles is the reachable ones, circles or not', () => {
  const node = fc.integer({ min: 0, max: 7 })
  fc.assert(
    fc.property(fc.array(fc.tuple(node, node)), fc.array(node), (edges, start) => {
      const expected = new Set(start.map(String))
      for (let round = 0; round < 8; round++) for (const [a, b] of edges) if (expected.has(String(a))) expected.add(String(b))
      assert.deepEqual([...impliedClosure(graphOf(edges), start.map(String))].sort(), [...expected].sort())
    }),
  )
})

test('roles come direct, by group, inherited from projects and domains above, and implied', async () => {
  const { user } = await cloud.does('POST', '/users', { user: { name: 'heir', password } })
  const { group } = await cloud.does('POST', '/groups', { group: { name: 'heirs' } })
  const project = async (name: string, parent = 'default') =>
    (await cloud.does('POST', '/projects', { project: { name, parent_id: parent } })).project.id
  const top = await project('top')
  const middle = await project('middle', top)
  const leaf = await project('leaf', middle)
  await cloud.does('PUT', `/groups/${group.id}/users/${user.id}`)
  const role = async (name: string) => (await cloud.does('POST', '/roles', { role: { name } })).role.id
  const [direct, byGroup, below] = [await role('r-direct'), await role('r-group'), await role('r-below')]
  const [everywhere, consequence] = [await role('r-all'), await role('r-implied')]
  await cloud.does('PUT', `/roles/${byGroup}/implies/${consequence}`)
  await cloud.does('PUT', `/projects/${leaf}/users/${user.id}/roles/${direct}`)
  await cloud.does('PUT', `/projects/${middle}/groups/${group.id}/roles/${byGroup}`)
  await cloud.does('PUT', `/OS-INHERIT/projects/${top}/users/${user.id}/roles/${below}/inherited_to_projects`)
  await cloud.does('PUT', `/OS-INHERIT/domains/default/groups/${group.id}/roles/${everywhere}/inherited_to_projects`)
  const rolesIn = async (id: string) =>
    (await cloud.login(byPassword({ id: user.id }, inProject(id)))).body.token.roles.map((each: any) => each.name).sort()
  assert.deepEqual(await rolesIn(top), ['r-all'])
  assert.deepEqual(await rolesIn(middle), ['r-all', 'r-below', 'r-group', 'r-implied'])
  assert.deepEqual(await rolesIn(leaf), ['r-all', 'r-below', 'r-direct'])
  assert.equal((await cloud.login(byPassword({ id: user.id }, { domain: { id: 'default' } }))).status, 401)
  const lines = (await cloud.does('GET', `/role_assignments?effective&include_names&user.id=${user.id}&scope.project.id=${middle}`))
    .role_assignments
  assert.deepEqual(lines.map((line: any) => line.role.name).sort(), ['r-all', 'r-below', 'r-group', 'r-implied'])
  const implied = lines.find((line: any) => line.role.name === 'r-implied')
  assert.match(implied.links.prior_role, new RegExp(`/prior_role/${byGroup}/implies/${consequence}$`))
  assert.match(implied.links.membership, new RegExp(`/groups/${group.id}/users/${user.id}$`))
  const tree = (await cloud.does('GET', `/role_assignments?include_subtree&scope.project.id=${top}`)).role_assignments
  assert.equal(tree.length, 3)
  const token = await cloud.token({ id: user.id }, inProject(leaf))
  const mine = (await cloud.does('GET', '/auth/projects', undefined, token)).projects.map((each: any) => each.name)
  assert.ok(['top', 'middle', 'leaf'].every((name) => mine.includes(name)))
})

test('a role of a domain is assigned in its domain and never enters a token; what it implies does', async () => {
  const { userId, projectId } = await cloud.member('domain-role')
  const { role: own } = await cloud.does('POST', '/roles', { role: { name: 'local-boss', domain_id: 'default' } })
  const { domain } = await cloud.does('POST', '/domains', { domain: { name: 'elsewhere' } })
  const { role: foreign } = await cloud.does('POST', '/roles', { role: { name: 'foreign-boss', domain_id: domain.id } })
  await cloud.does('PUT', `/roles/${own.id}/implies/${await cloud.role('manager')}`)
  await cloud.does('PUT', `/projects/${projectId}/users/${userId}/roles/${own.id}`)
  const refused = await cloud.request('PUT', `${v3}/projects/${projectId}/users/${userId}/roles/${foreign.id}`, { as: cloud.admin })
  assert.equal(refused.status, 403)
  const names = (await cloud.login(byPassword({ id: userId }, inProject(projectId)))).body.token.roles.map((each: any) => each.name).sort()
  assert.deepEqual(names, ['manager', 'member', 'reader'])
})

test('roles that imply each other in a circle, or admin, are refused; marked ones cannot be changed', async () => {
  const [admin, member, reader] = [await cloud.role('admin'), await cloud.role('member'), await cloud.role('reader')]
  const status = (method: string, url: string, body?: unknown) => statusAs(cloud.admin, method, url, body)
  assert.equal(await status('PUT', `/roles/${reader}/implies/${member}`), 409)
  assert.equal(await status('PUT', `/roles/${reader}/implies/${reader}`), 409)
  assert.equal(await status('PUT', `/roles/${reader}/implies/${admin}`), 403)
  assert.equal(await status('DELETE', `/roles/${member}`), 403)
  assert.equal(await status('PATCH', `/roles/${member}`, { role: { name: 'renamed' } }), 403)
  assert.equal(await status('HEAD', `/roles/${member}/implies/${reader}`), 204)
  assert.equal(await status('HEAD', `/roles/${reader}/implies/${member}`), 404)
})

test('clients 3 a domain’s manager manages its users, groups, projects and everyday grants, and nothing beyond', async () => {
  const { domain } = await cloud.does('POST', '/domains', { domain: { name: 'managed' } })
  const { user: boss } = await cloud.does('POST', '/users', { user: { name: 'boss', domain_id: domain.id, password } })
  await cloud.does('PUT', `/domains/${domain.id}/users/${boss.id}/roles/${await cloud.role('manager')}`)
  const token = await cloud.token({ id: boss.id }, { domain: { id: domain.id } })
  const status = (method: string, url: string, body?: unknown) => statusAs(token, method, url, body)
  // only who may make them anywhere may leave the domain out
  for (const [path, key] of [
    ['users', 'user'],
    ['projects', 'project'],
    ['groups', 'group'],
  ]) {
    assert.equal(await status('POST', `/${path}`, { [String(key)]: { name: 'x' } }), 403)
  }
  const { user } = await cloud.does('POST', '/users', { user: { name: 'hired', domain_id: domain.id } }, token)
  const { project } = await cloud.does('POST', '/projects', { project: { name: 'of-the-domain', domain_id: domain.id } }, token)
  const { group } = await cloud.does('POST', '/groups', { group: { name: 'staff', domain_id: domain.id } }, token)
  assert.equal(await status('PUT', `/projects/${project.id}/tags/mine`), 201)
  await cloud.does('PUT', `/groups/${group.id}/users/${user.id}`, undefined, token)
  const grant = (role: string, where = project.id, who = user.id) => status('PUT', `/projects/${where}/users/${who}/roles/${role}`)
  assert.equal(await grant(await cloud.role('member')), 204)
  assert.equal(await grant(await cloud.role('admin')), 403)
  assert.equal(await grant(await cloud.role('member'), cloud.made.demoProjectId), 403)
  assert.equal(await grant(await cloud.role('member'), project.id, cloud.made.demoUserId), 403)
  assert.equal(await status('POST', '/users', { user: { name: 'x', domain_id: 'default' } }), 403)
  assert.equal(await status('PATCH', `/users/${cloud.made.demoUserId}`, { user: { enabled: false } }), 403)
  assert.equal(await status('POST', '/projects', { project: { name: 'x', domain_id: 'default' } }), 403)
  assert.deepEqual(
    (await cloud.does('GET', '/domains', undefined, token)).domains.map((each: any) => each.id),
    [domain.id],
  )
  assert.equal(await status('POST', '/roles', { role: { name: 'x' } }), 403)
  const seen = async (what: string) => (await cloud.does('GET', `/${what}`, undefined, token))[what].map((each: any) => each.name)
  assert.deepEqual((await seen('users')).sort(), ['boss', 'hired'])
  assert.deepEqual(await seen('projects'), ['of-the-domain'])
  assert.deepEqual(await seen('groups'), ['staff'])
  const assigned = (await cloud.does('GET', '/role_assignments', undefined, token)).role_assignments
  assert.ok(
    assigned.length > 0 && assigned.every((line: any) => [domain.id, project.id].includes(line.scope.domain?.id ?? line.scope.project?.id)),
  )
})

test('a grant that is not there is not found; senseless questions are refused', async () => {
  const { userId, projectId } = await cloud.member('grants', [])
  const status = async (method: string, url: string) => (await cloud.request(method, v3 + url, { as: cloud.admin })).status
  const reader = await cloud.role('reader')
  for (const place of [`/projects/${projectId}`, '/domains/default', '/system']) {
    const url = `${place}/users/${userId}/roles/${reader}`
    assert.deepEqual([await status('HEAD', url), await status('DELETE', url)], [404, 404])
    assert.deepEqual(
      [await status('PUT', url), await status('PUT', url), await status('GET', url), await status('HEAD', url)],
      [204, 204, 204, 204],
    )
    assert.deepEqual(
      (await cloud.does('GET', `${place}/users/${userId}/roles`)).roles.map((each: any) => each.name),
      ['reader'],
    )
    assert.deepEqual([await status('DELETE', url), await status('HEAD', url)], [204, 404])
  }
  assert.equal(await status('PUT', `/projects/nowhere/users/${userId}/roles/${reader}`), 404)
  assert.equal(await status('PUT', `/projects/${projectId}/users/nobody/roles/${reader}`), 404)
  assert.equal(await status('PUT', `/projects/${projectId}/users/${userId}/roles/nothing`), 404)
  for (const query of ['user.id=a&group.id=b', 'scope.project.id=a&scope.domain.id=b', 'effective&group.id=b', 'include_subtree']) {
    assert.equal(await status('GET', `/role_assignments?${query}`), 400, query)
  }
})

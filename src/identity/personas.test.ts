// Who may do what in Keystone itself, case by case as its own code has it: order of answers, lists by domain, pages,
// credentials of lent tokens, chains of trusts.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { inProject, password, startIdentityCloud, v3, type IdentityCloud } from '../../test/support/identity.ts'
import { defined } from '../platform/defined.ts'

let cloud: IdentityCloud
let domainId: string
/** tokens of one user of the domain, in the domain, with these roles there */
const inDomain: Record<string, string> = {}
before(async () => {
  cloud = await startIdentityCloud()
  domainId = (await cloud.does('POST', '/domains', { domain: { name: 'house' } })).domain.id
  for (const role of ['reader', 'member', 'manager', 'admin']) {
    const userId: string = (await cloud.does('POST', '/users', { user: { name: role, domain_id: domainId, password } })).user.id
    await cloud.does('PUT', `/domains/${domainId}/users/${userId}/roles/${await cloud.role(role)}`)
    inDomain[role] = await cloud.token({ id: userId }, { domain: { id: domainId } })
  }
})
after(() => cloud.stop())

const ask = (as: string | undefined, method: string, url: string, body?: unknown) => cloud.request(method, v3 + url, defined({ as, body }))
const status = async (as: string | undefined, method: string, url: string, body?: unknown) => (await ask(as, method, url, body)).status
const names = (list: { name: string }[]) => list.map(({ name }) => name).sort()

test('clients 1 who is admin of a domain is not admin of the cloud', async () => {
  const { admin } = inDomain
  const whole: [string, string, unknown?][] = [
    ['GET', '/services'],
    ['POST', '/services', { service: { type: 'x' } }],
    ['GET', '/endpoints'],
    ['POST', '/regions', { region: { id: 'x' } }],
    ['POST', '/roles', { role: { name: 'x' } }],
    ['GET', '/policies'],
    ['GET', '/OS-OAUTH1/consumers'],
    ['POST', '/OS-OAUTH1/consumers', { consumer: {} }],
    ['POST', '/limits', { limits: [] }],
    ['POST', '/registered_limits', { registered_limits: [] }],
    ['GET', '/OS-TRUST/trusts'],
    ['POST', '/domains', { domain: { name: 'x' } }],
    ['GET', `/system/users/${cloud.made.adminUserId}/roles`],
    ['GET', '/role_inferences'],
    ['PUT', `/system/users/${cloud.made.adminUserId}/roles/${await cloud.role('admin')}`],
  ]
  for (const [method, url, body] of whole) {
    const answer = await ask(admin, method, url, body)
    assert.equal(answer.status, 403, `${method} ${url}: ${answer.text}`)
    assert.match(answer.body.error.message, /^You are not authorized to perform the requested action: identity:\w+\.$/)
  }
})

test('G4 lists of domains hold the token’s own domain for each of its roles', async () => {
  for (const role of ['reader', 'member', 'manager']) {
    assert.deepEqual(names((await cloud.does('GET', '/domains', undefined, inDomain[role])).domains), ['house'], role)
  }
})

test('clients 3 lists of users, groups and members hold the token’s domain alone, whatever the query asks for', async () => {
  const { reader } = inDomain
  const group: string = (await cloud.does('POST', '/groups', { group: { name: 'mixed', domain_id: domainId } })).group.id
  const [here] = (await cloud.does('GET', '/users?name=member', undefined, reader)).users
  for (const id of [here.id, cloud.made.demoUserId]) await cloud.does('PUT', `/groups/${group}/users/${id}`)
  assert.deepEqual(names((await cloud.does('GET', `/groups/${group}/users`, undefined, reader)).users), ['member'])
  assert.deepEqual(names((await cloud.does('GET', '/groups', undefined, reader)).groups), ['mixed'])
  assert.equal((await cloud.does('GET', '/users?domain_id=default', undefined, reader)).users.length, 0)
  assert.equal((await cloud.does('GET', '/projects?domain_id=default', undefined, reader)).projects.length, 0)
  assert.equal((await cloud.does('GET', '/role_assignments?scope.domain.id=default', undefined, reader)).role_assignments.length, 0)
})

test('clients 3 a domain’s manager sees the everyday roles one by one and no other', async () => {
  const { manager } = inDomain
  assert.equal(await status(manager, 'GET', `/roles/${await cloud.role('member')}`), 200)
  assert.equal(await status(manager, 'GET', `/roles/${await cloud.role('admin')}`), 403)
  assert.equal(await status(manager, 'GET', '/roles/nothing'), 404)
})

test('clients 3 access rules are the user’s own business and the system’s, not that of who is admin in a project', async () => {
  const { userId, projectId } = await cloud.member('rules')
  const mine = await cloud.token({ id: userId }, inProject(projectId))
  const rule = { service: 'compute', method: 'GET', path: '/v2.1/servers' }
  const ruled = { application_credential: { name: 'ruled', access_rules: [rule] } }
  const { application_credential: made } = await cloud.does('POST', `/users/${userId}/application_credentials`, ruled, mine)
  const one = `/users/${userId}/access_rules/${made.access_rules[0].id}`
  const url = `/users/${userId}/access_rules`
  assert.deepEqual(
    [await status(cloud.admin, 'GET', url), await status(cloud.admin, 'GET', one), await status(cloud.admin, 'DELETE', one)],
    [403, 403, 403],
  )
  assert.deepEqual([await status(mine, 'GET', url), await status(mine, 'GET', one)], [200, 200])
  const system = await cloud.token({ name: 'admin' }, { system: { all: true } })
  assert.equal(await status(system, 'GET', url), 200)
})

test('F19 EC2 keys are made for projects where their owner has a role; who may make them for anybody may make them anywhere', async () => {
  const { userId, projectId } = await cloud.member('keys')
  const mine = await cloud.token({ id: userId }, inProject(projectId))
  const ec2 = `/users/${userId}/credentials/OS-EC2`
  assert.equal(await status(mine, 'POST', ec2, { tenant_id: cloud.made.demoProjectId }), 403)
  const elsewhere = { type: 'ec2', user_id: userId, project_id: cloud.made.demoProjectId, blob: '{"access":"a","secret":"s"}' }
  assert.equal(await status(mine, 'POST', '/credentials', { credential: elsewhere }), 403)
  assert.equal(await status(cloud.admin, 'POST', '/credentials', { credential: elsewhere }), 201)
})

test('clients 3 EC2 keys: members make them, everybody lists the own, and a key is known by itself', async () => {
  const { userId, projectId } = await cloud.member('more-keys')
  const mine = await cloud.token({ id: userId }, inProject(projectId))
  const ec2 = `/users/${userId}/credentials/OS-EC2`
  const { access } = (await cloud.does('POST', ec2, { tenant_id: projectId }, mine)).credential
  const reading = await cloud.member('keys-reader', ['reader'])
  const reader = await cloud.token({ id: reading.userId }, inProject(reading.projectId))
  assert.equal(await status(reader, 'GET', `/users/${reading.userId}/credentials/OS-EC2`), 200)
  assert.equal(await status(reader, 'POST', `/users/${reading.userId}/credentials/OS-EC2`, { tenant_id: reading.projectId }), 403)
  assert.equal(await status(mine, 'GET', `${ec2}/no-such-key`), 404)
  // whose it is stands in the key, not in the path
  assert.equal(await status(mine, 'DELETE', `/users/${cloud.made.demoUserId}/credentials/OS-EC2/${access}`), 204)
  assert.equal(await status(mine, 'GET', `${ec2}/${access}`), 404)
})

test('clients 3 a role of another domain may be granted on a domain, not on a project', async () => {
  const role: string = (await cloud.does('POST', '/roles', { role: { name: 'housekeeper', domain_id: domainId } })).role.id
  assert.equal(await status(cloud.admin, 'PUT', `/domains/default/users/${cloud.made.demoUserId}/roles/${role}`), 204)
  assert.equal(await status(cloud.admin, 'PUT', `/projects/${cloud.made.demoProjectId}/users/${cloud.made.demoUserId}/roles/${role}`), 403)
})

test('clients 3 a trust is for any project where the trustor has the roles, whatever the token’s', async () => {
  const first = await cloud.member('trusting')
  const second: string = (await cloud.does('POST', '/projects', { project: { name: 'trusted-too' } })).project.id
  await cloud.does('PUT', `/projects/${second}/users/${first.userId}/roles/${await cloud.role('reader')}`)
  const mine = await cloud.token({ id: first.userId }, inProject(first.projectId))
  const trust = (project: string, role: string) => ({
    trust: {
      trustor_user_id: first.userId,
      trustee_user_id: cloud.made.demoUserId,
      project_id: project,
      impersonation: false,
      roles: [{ name: role }],
    },
  })
  assert.equal(await status(mine, 'POST', '/OS-TRUST/trusts', trust(second, 'reader')), 201)
  assert.equal(await status(mine, 'POST', '/OS-TRUST/trusts', trust(second, 'member')), 404)
  assert.equal(await status(mine, 'POST', '/OS-TRUST/trusts', trust(cloud.made.demoProjectId, 'reader')), 404)
})

test('clients 3 a project that is a domain is disabled with enabled projects in it, and their tokens end', async () => {
  const domain: string = (await cloud.does('POST', '/domains', { domain: { name: 'closing' } })).domain.id
  const project: string = (await cloud.does('POST', '/projects', { project: { name: 'inside', domain_id: domain } })).project.id
  const user: string = (await cloud.does('POST', '/users', { user: { name: 'inside', domain_id: domain, password } })).user.id
  await cloud.does('PUT', `/projects/${project}/users/${user}/roles/${await cloud.role('member')}`)
  const token = await cloud.token({ id: user }, inProject(project))
  assert.equal(await status(cloud.admin, 'PATCH', `/projects/${domain}`, { project: { enabled: false } }), 200)
  assert.equal(await status(token, 'GET', '/auth/projects'), 401)
  await cloud.does('PATCH', `/projects/${domain}`, { project: { enabled: true } })
  assert.equal(await status(token, 'GET', '/auth/projects'), 401)
})

test('F12 what a disabled or deleted user passed on ends with this user', async () => {
  for (const ended of ['disabled', 'deleted']) {
    const top = await cloud.member(`chain-top-${ended}`)
    const [middle, last] = [(await cloud.member(`chain-middle-${ended}`)).userId, (await cloud.member(`chain-last-${ended}`)).userId]
    const pass = async (token: string, trustor: string, trustee: string, count: number) =>
      (
        await cloud.does(
          'POST',
          '/OS-TRUST/trusts',
          {
            trust: {
              trustor_user_id: trustor,
              trustee_user_id: trustee,
              project_id: top.projectId,
              impersonation: true,
              roles: [{ name: 'member' }],
              allow_redelegation: count > 0,
              redelegation_count: count,
            },
          },
          token,
        )
      ).trust.id as string
    const first = await pass(await cloud.token({ id: top.userId }, inProject(top.projectId)), top.userId, middle, 1)
    const scope = (id: string) => ({ 'OS-TRUST:trust': { id } })
    const second = await pass(await cloud.token({ id: middle }, scope(first)), top.userId, last, 0)
    const token = await cloud.token({ id: last }, scope(second))
    assert.equal(await status(token, 'GET', '/auth/projects'), 200)
    if (ended === 'disabled') await cloud.does('PATCH', `/users/${middle}`, { user: { enabled: false } })
    else await cloud.does('DELETE', `/users/${middle}`)
    assert.equal(await status(token, 'GET', '/auth/projects'), 401, ended)
    const again = await cloud.login({
      identity: { methods: ['password'], password: { user: { id: last, password } } },
      scope: scope(second),
    })
    assert.ok(again.status >= 401 && again.status <= 404, again.text)
    if (ended === 'deleted') assert.equal(await status(cloud.admin, 'GET', `/OS-TRUST/trusts/${second}`), 404)
  }
})

test('G3 clients 12 services and tokens of the system see every limit; a service with registered limits is not deleted', async () => {
  const service: string = (await cloud.does('POST', '/services', { service: { type: 'limited', name: 'limited' } })).service.id
  const registered = await cloud.does('POST', '/registered_limits', {
    registered_limits: [{ service_id: service, resource_name: 'things', default_limit: 5 }],
  })
  const limit = { service_id: service, resource_name: 'things', resource_limit: 7 }
  await cloud.does('POST', '/limits', {
    limits: [
      { ...limit, project_id: cloud.made.demoProjectId },
      { ...limit, domain_id: domainId },
    ],
  })
  assert.equal(await status(cloud.admin, 'DELETE', `/services/${service}`), 403)
  assert.equal(await status(cloud.admin, 'GET', `/registered_limits/${registered.registered_limits[0].id}`), 200)
  const serving = await cloud.member('serving', ['service'])
  const count = async (as: string, query = '') => (await cloud.does('GET', `/limits${query}`, undefined, as)).limits.length
  const token = await cloud.token({ id: serving.userId }, inProject(serving.projectId))
  assert.deepEqual(
    [await count(token), await count(token, `?project_id=${cloud.made.demoProjectId}`), await count(token, '?resource_name=none')],
    [2, 1, 0],
  )
  assert.equal(await count(await cloud.token({ name: 'admin' }, { system: { all: true } })), 2)
  assert.equal(await count(inDomain['reader'] ?? ''), 1)
  assert.equal(await count(await cloud.token({ name: 'demo' }, inProject(cloud.made.demoProjectId))), 1)
})

test('G1 lists of users, groups, projects and domains have pages', async () => {
  for (const name of ['page-a', 'page-b', 'page-c']) {
    for (const [path, key] of [
      ['users', 'user'],
      ['groups', 'group'],
      ['projects', 'project'],
      ['domains', 'domain'],
    ]) {
      await cloud.does('POST', `/${path}`, { [String(key)]: { name } })
    }
  }
  for (const list of ['users', 'groups', 'projects', 'domains']) {
    const whole: string[] = (await cloud.does('GET', `/${list}?name__startswith=page-`))[list].map((each: any) => each.id)
    assert.equal(whole.length, 3)
    const found: string[] = []
    let url: string | null = `${v3}/${list}?name__startswith=page-&limit=2`
    for (let pages = 0; url !== null && pages < 5; pages++) {
      const answer: any = (await cloud.request('GET', url, { as: cloud.admin })).body
      assert.ok(answer[list].length <= 2)
      found.push(...answer[list].map((each: any) => each.id))
      url = answer.links.next?.replace(/^https?:\/\/[^/]+/, '') ?? null
    }
    assert.deepEqual(found.sort(), whole.sort(), list)
    assert.deepEqual(
      [await status(cloud.admin, 'GET', `/${list}?marker=nothing`), await status(cloud.admin, 'GET', `/${list}?limit=x`)],
      [404, 400],
    )
  }
})

test('clients 6 yes and no in queries of identity, in every spelling that Keystone takes', async () => {
  const { user } = await cloud.does('POST', '/users', { user: { name: 'off', enabled: false } })
  const seen = async (query: string) => (await cloud.does('GET', `/users?name=off&${query}`)).users.map((each: any) => each.id)
  for (const word of ['0', 'f', 'F', 'no', 'No', 'off', 'false', 'FALSE', 'n'])
    assert.deepEqual(await seen(`enabled=${word}`), [user.id], word)
  for (const word of ['1', 't', 'yes', 'ON', 'True', '']) assert.deepEqual(await seen(`enabled=${word}`), [], word)
  const domains = async (word: string) => names((await cloud.does('GET', `/projects?is_domain=${word}`)).projects).includes('house')
  assert.deepEqual(
    [await domains('TRUE'), await domains('yes'), await domains(''), await domains('No'), await domains('f')],
    [true, true, true, false, false],
  )
  for (const query of ['users?enabled=maybe', 'projects?enabled=maybe', 'projects?is_domain=maybe', 'domains?enabled=maybe'])
    assert.equal(await status(cloud.admin, 'GET', `/${query}`), 400, query)
})

test('clients 12 a service goes when its registered limits are gone, and they stay until they are asked to go', async () => {
  const service: string = (await cloud.does('POST', '/services', { service: { type: 'closing' } })).service.id
  const made = await cloud.does('POST', '/registered_limits', {
    registered_limits: [{ service_id: service, resource_name: 'r', default_limit: 1 }],
  })
  const limit = `/registered_limits/${made.registered_limits[0].id}`
  assert.deepEqual([await status(cloud.admin, 'DELETE', `/services/${service}`), await status(cloud.admin, 'GET', limit)], [403, 200])
  assert.deepEqual([await status(cloud.admin, 'DELETE', limit), await status(cloud.admin, 'DELETE', `/services/${service}`)], [204, 204])
})

test('G5 images are neither made nor listed with tokens of a domain or of the system', async () => {
  const image = { name: 'nowhere', disk_format: 'raw', container_format: 'bare' }
  for (const as of [inDomain['admin'], inDomain['member'], await cloud.token({ name: 'admin' }, { system: { all: true } })]) {
    const asked = [
      ['POST', '/image/v2/images', image],
      ['GET', '/image/v2/images'],
      ['GET', '/compute/v2.1/servers'],
      ['GET', '/volume/v3/volumes'],
    ]
    for (const [method, url, body] of asked) {
      const answer = await cloud.request(String(method), String(url), { as: as ?? '', ...defined({ body }) })
      assert.equal(answer.status, 403, `${String(url)}: ${answer.text}`)
    }
  }
})

test('F27 as docs say: who is admin of a domain reaches users of others, managers do not; readers of the system read credentials', async () => {
  const demo = `/users/${cloud.made.demoUserId}`
  const seen = async (role: string) => status(inDomain[role], 'GET', demo)
  assert.deepEqual([await seen('admin'), await seen('manager'), await seen('reader')], [200, 403, 403])
  const { credential } = await cloud.does('POST', '/credentials', {
    credential: { type: 'cert', user_id: cloud.made.demoUserId, blob: 'B' },
  })
  const reading: string = (await cloud.does('POST', '/users', { user: { name: 'auditor', password } })).user.id
  await cloud.does('PUT', `/system/users/${reading}/roles/${await cloud.role('reader')}`)
  assert.equal(await status(await cloud.token({ id: reading }, { system: { all: true } }), 'GET', `/credentials/${credential.id}`), 200)
})

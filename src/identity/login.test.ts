// Logins, scopes, validation and revocation, through the API.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { byPassword, byToken, inProject, password, startIdentityCloud, v3, type IdentityCloud } from '../../test/support/identity.ts'

let cloud: IdentityCloud
before(async () => void (cloud = await startIdentityCloud()))
after(() => cloud.stop())

const admin = { name: 'admin', domain: { id: 'default' } }
const validate = (subject: string, as = subject, method = 'GET', query = '') =>
  cloud.request(method, `${v3}/auth/tokens${query}`, { as, headers: { 'x-subject-token': subject } })

test('each scope gives the token that Keystone would give', async () => {
  const { adminProjectId: projectId } = cloud.made
  const project = await cloud.login(byPassword(admin, { project: { name: 'admin', domain: { name: 'Default' } } }))
  assert.equal(project.status, 201)
  assert.equal(project.headers['vary'], 'X-Auth-Token')
  const { token } = project.body
  assert.deepEqual(Object.keys(token), [
    'methods',
    'user',
    'audit_ids',
    'expires_at',
    'issued_at',
    'project',
    'is_domain',
    'roles',
    'catalog',
  ])
  assert.deepEqual(token.project, { domain: { id: 'default', name: 'Default' }, id: projectId, name: 'admin' })
  assert.deepEqual(token.roles.map((role: any) => role.name).sort(), ['admin', 'manager', 'member', 'reader'])
  assert.match(token.expires_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000000Z$/)
  assert.equal(Date.parse(token.expires_at) - Date.parse(token.issued_at), 3_600_000)
  const [identity] = token.catalog.filter((service: any) => service.type === 'identity')
  assert.deepEqual(identity.endpoints.map((each: any) => each.interface).sort(), ['admin', 'internal', 'public'])
  assert.equal(identity.endpoints[0].url, 'http://127.0.0.1:9000/identity/v3')
  const system = (await cloud.login(byPassword(admin, { system: { all: true } }))).body.token
  assert.deepEqual(system.system, { all: true })
  assert.equal('project' in system, false)
  const unscoped = (await cloud.login(byPassword(admin, 'unscoped'))).body.token
  assert.deepEqual(Object.keys(unscoped), ['methods', 'user', 'audit_ids', 'expires_at', 'issued_at'])
  await cloud.does('PUT', `/domains/default/users/${cloud.made.adminUserId}/roles/${await cloud.role('admin')}`)
  const domain = (await cloud.login(byPassword(admin, { domain: { name: 'Default' } }))).body.token
  assert.deepEqual(domain.domain, { id: 'default', name: 'Default' })
})

test('a malformed login is 400, an impossible one 401, and neither says more', async () => {
  const post = async (body: unknown) => (await cloud.request('POST', `${v3}/auth/tokens`, { body })).status
  const identity = { methods: ['password'], password: { user: { ...admin, password } } }
  for (const body of [
    {},
    { auth: {} },
    { auth: [] },
    { auth: { identity: {} } },
    { auth: { identity: { methods: 'password' } } },
    { auth: { identity: { methods: ['password'] } } },
    { auth: { identity: { methods: ['password'], password: { user: { name: 'admin', password } } } } },
    { auth: { identity, scope: { project: {} } } },
    { auth: { identity, scope: { project: { id: 'x' }, domain: { id: 'y' } } } },
    { auth: { identity, scope: { project: { name: 'admin' } } } },
  ]) {
    assert.equal(await post(body), 400, JSON.stringify(body))
  }
  for (const scope of [
    { project: { id: 'nowhere' } },
    { domain: { id: 'nowhere' } },
    { project: { name: 'nowhere', domain: { id: 'default' } } },
  ]) {
    assert.equal(await post({ auth: { identity, scope } }), 401)
  }
  assert.equal(await post({ auth: { identity: { methods: ['magic'], magic: {} } } }), 401)
  assert.equal((await cloud.login(byPassword({ name: 'demo', domain: { id: 'default' } }, { system: { all: true } }))).status, 401)
  assert.equal(
    (await cloud.login(byPassword({ name: 'demo', domain: { id: 'default' } }, inProject(cloud.made.adminProjectId)))).status,
    401,
  )
})

test('a default project is the scope when none is asked for, as long as it can be', async () => {
  const { userId, projectId } = await cloud.member('defaulted')
  await cloud.does('PATCH', `/users/${userId}`, { user: { default_project_id: projectId } })
  assert.equal((await cloud.login(byPassword({ id: userId }))).body.token.project.id, projectId)
  assert.equal('project' in (await cloud.login(byPassword({ id: userId }, 'unscoped'))).body.token, false)
  await cloud.does('PATCH', `/projects/${projectId}`, { project: { enabled: false } })
  const answer = await cloud.login(byPassword({ id: userId }))
  assert.equal(answer.status, 201)
  assert.equal('project' in answer.body.token, false)
})

test('a token is validated by itself and by admins, not by others', async () => {
  const { userId, projectId } = await cloud.member('validated')
  const token = await cloud.token({ id: userId }, inProject(projectId))
  const other = await cloud.token({ name: 'demo' }, inProject(cloud.made.demoProjectId))
  assert.equal((await validate(token)).body.token.user.id, userId)
  assert.equal((await validate(token, cloud.admin)).headers['x-subject-token'], token)
  assert.equal('catalog' in (await validate(token, token, 'GET', '?nocatalog')).body.token, false)
  const head = await validate(token, token, 'HEAD')
  assert.deepEqual([head.status, head.text], [200, ''])
  assert.equal((await validate(token, other)).status, 403)
  assert.equal((await validate('gAAAAABnonsense', cloud.admin)).status, 404)
  assert.equal((await cloud.request('GET', `${v3}/auth/tokens`, { as: cloud.admin })).status, 404)
  assert.equal((await validate(token, `${token.slice(0, -2)}AA`)).status, 401)
})

test('a revoked token is void at once, others of the same user are not', async () => {
  const { userId, projectId } = await cloud.member('revoked')
  const [one, two] = [await cloud.token({ id: userId }, inProject(projectId)), await cloud.token({ id: userId }, inProject(projectId))]
  assert.equal((await validate(one)).status, 200)
  assert.equal((await validate(one, one, 'DELETE')).status, 204)
  assert.equal((await validate(one)).status, 401)
  assert.equal((await validate(one, cloud.admin)).status, 404)
  assert.equal((await cloud.login(byToken(one))).status, 404)
  assert.equal((await validate(two)).status, 200)
  const { events } = await cloud.does('GET', '/OS-REVOKE/events')
  assert.ok(events.some((event: any) => typeof event.audit_id === 'string'))
})

test('what ends a user’s tokens ends them at once', async () => {
  const ends: [string, (ids: { userId: string; projectId: string }) => Promise<unknown>][] = [
    ['a new password', ({ userId }) => cloud.does('PATCH', `/users/${userId}`, { user: { password: 'another-one' } })],
    ['disabling the user', ({ userId }) => cloud.does('PATCH', `/users/${userId}`, { user: { enabled: false } })],
    [
      'disabling and enabling',
      async ({ userId }) => {
        for (const enabled of [false, true]) await cloud.does('PATCH', `/users/${userId}`, { user: { enabled } })
      },
    ],
    ['deleting the user', ({ userId }) => cloud.does('DELETE', `/users/${userId}`)],
    ['disabling the project', ({ projectId }) => cloud.does('PATCH', `/projects/${projectId}`, { project: { enabled: false } })],
    ['deleting the project', ({ projectId }) => cloud.does('DELETE', `/projects/${projectId}`)],
    [
      'losing the last role',
      async ({ userId, projectId }) => cloud.does('DELETE', `/projects/${projectId}/users/${userId}/roles/${await cloud.role('member')}`),
    ],
  ]
  for (const [index, [what, end]] of ends.entries()) {
    const ids = await cloud.member(`ended-${index}`)
    const token = await cloud.token({ id: ids.userId }, inProject(ids.projectId))
    assert.equal((await validate(token)).status, 200)
    await end(ids)
    assert.equal((await validate(token)).status, 401, what)
  }
})

test('disabling a domain ends the tokens of its users and in its projects', async () => {
  const { domain } = await cloud.does('POST', '/domains', { domain: { name: 'short-lived' } })
  const { project } = await cloud.does('POST', '/projects', { project: { name: 'p', domain_id: domain.id } })
  const { user } = await cloud.does('POST', '/users', { user: { name: 'u', domain_id: domain.id, password } })
  const member = await cloud.role('member')
  for (const id of [user.id, cloud.made.demoUserId]) await cloud.does('PUT', `/projects/${project.id}/users/${id}/roles/${member}`)
  const [inside, visitor] = [await cloud.token({ id: user.id }), await cloud.token({ name: 'demo' }, inProject(project.id))]
  assert.equal((await validate(visitor)).status, 200)
  await cloud.does('PATCH', `/domains/${domain.id}`, { domain: { enabled: false } })
  await cloud.does('PATCH', `/domains/${domain.id}`, { domain: { enabled: true } })
  assert.equal((await validate(inside)).status, 401)
  assert.equal((await validate(visitor)).status, 401)
  assert.equal((await cloud.login(byPassword({ id: user.id }))).status, 201)
})

test('a user changes the own password with the old one, and old tokens end', async () => {
  const { userId } = await cloud.member('self')
  const token = await cloud.token({ id: userId })
  const set = (body: object) => cloud.request('POST', `${v3}/users/${userId}/password`, { body: { user: body } })
  assert.equal((await set({ original_password: 'wrong', password: 'new' })).status, 401)
  assert.equal((await set({ original_password: password, password: 'new' })).status, 204)
  assert.equal((await validate(token)).status, 401)
  assert.equal((await cloud.login(byPassword({ id: userId }))).status, 401)
  assert.equal((await cloud.login(byPassword({ id: userId, password: 'new' }))).status, 201)
})

test('an expired token is void, but a service may still see what it was for two days', async () => {
  const { userId, projectId } = await cloud.member('long-work', ['service'])
  const old = await cloud.token({ name: 'demo' }, inProject(cloud.made.demoProjectId))
  cloud.clock.advance(3_601_000)
  const service = await cloud.token({ id: userId }, inProject(projectId))
  assert.equal((await validate(old, service)).status, 404)
  assert.equal((await validate(old, service, 'GET', '?allow_expired=1')).status, 200)
  assert.equal((await validate(old)).status, 401)
  cloud.clock.advance(172_800_000)
  const later = await cloud.token({ id: userId }, inProject(projectId))
  assert.equal((await validate(old, later, 'GET', '?allow_expired=1')).status, 404)
})

test('two methods must prove the same user, and a user’s rules say which are needed', async () => {
  const { userId } = await cloud.member('factors')
  const mine = await cloud.token({ id: userId })
  const proof = { user: { id: userId, password } }
  const both = (token: string) => ({ identity: { methods: ['password', 'token'], password: proof, token: { id: token } } })
  assert.equal((await cloud.login(both(await cloud.token({ name: 'demo' })))).status, 401)
  assert.deepEqual((await cloud.login(both(mine))).body.token.methods, ['password', 'token'])
  await cloud.does('PATCH', `/users/${userId}`, { user: { options: { multi_factor_auth_rules: [['password', 'totp']] } } })
  assert.equal((await cloud.login(byPassword({ id: userId }))).status, 401)
  assert.equal((await cloud.login(byToken(mine))).status, 401)
})

test('access rules limit an application credential’s token to their requests', async () => {
  const { userId, projectId } = await cloud.member('ruled')
  const mine = await cloud.token({ id: userId }, inProject(projectId))
  const rules = [{ service: 'identity', method: 'GET', path: '/v3/auth/projects' }]
  const url = `/users/${userId}/application_credentials`
  const { application_credential: made } = await cloud.does(
    'POST',
    url,
    { application_credential: { name: 'r', access_rules: rules } },
    mine,
  )
  const proof = { name: 'r', user: { id: userId }, secret: made.secret }
  const answer = await cloud.login({ identity: { methods: ['application_credential'], application_credential: proof } })
  const token = String(answer.headers['x-subject-token'])
  assert.deepEqual(
    answer.body.token.application_credential.access_rules.map(({ service, method, path }: any) => ({ service, method, path })),
    rules,
  )
  const status = async (url: string) => (await cloud.request('GET', v3 + url, { as: token })).status
  assert.equal(await status('/auth/projects'), 200)
  assert.equal(await status('/auth/domains'), 401)
  assert.equal((await cloud.request('GET', '/compute/v2.1/servers', { as: token })).status, 401)
  await cloud.does('DELETE', `/users/${userId}/application_credentials/${made.id}`, undefined, mine)
  assert.equal(await status('/auth/projects'), 401)
})

test('a trust with uses is spent by logins', async () => {
  const { userId, projectId } = await cloud.member('trustor')
  const mine = await cloud.token({ id: userId }, inProject(projectId))
  const { trust } = await cloud.does(
    'POST',
    '/OS-TRUST/trusts',
    {
      trust: {
        trustor_user_id: userId,
        trustee_user_id: cloud.made.demoUserId,
        project_id: projectId,
        impersonation: true,
        roles: [{ name: 'member' }],
        remaining_uses: 2,
      },
    },
    mine,
  )
  const use = () => cloud.login(byPassword({ name: 'demo', domain: { id: 'default' } }, { 'OS-TRUST:trust': { id: trust.id } }))
  const first = await use()
  assert.equal(first.body.token.user.id, userId)
  assert.equal((await use()).status, 201)
  assert.equal((await use()).status, 401)
  assert.equal((await validate(String(first.headers['x-subject-token']))).status, 200)
})

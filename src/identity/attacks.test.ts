// The attacks of the list that touch identity, each by its number.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { defined } from '../platform/defined.ts'
import { defaultIdentity } from '../platform/identity-settings.ts'
import { byPassword, byToken, inProject, password, startIdentityCloud, v3, type IdentityCloud } from '../../test/support/identity.ts'

let cloud: IdentityCloud
before(
  async () =>
    void (cloud = await startIdentityCloud({
      config: { identity: { ...defaultIdentity, lockoutFailureAttempts: 3, lockoutDurationSeconds: 600 } },
    })),
)
after(() => cloud.stop())

const status = async (method: string, url: string, as: string, body?: unknown) =>
  (await cloud.request(method, v3 + url, { as, ...defined({ body }) })).status

/** A user's application credential, and a token won by it. */
async function lent(userId: string, as: string, wanted: object = {}): Promise<{ id: string; token: string }> {
  const body = { application_credential: { name: `c${++count}`, ...wanted } }
  const { id, secret } = (await cloud.does('POST', `/users/${userId}/application_credentials`, body, as)).application_credential
  const answer = await cloud.login({ identity: { methods: ['application_credential'], application_credential: { id, secret } } })
  assert.equal(answer.status, 201, answer.text)
  return { id, token: String(answer.headers['x-subject-token']) }
}
let count = 0
const trustScope = (id: string) => ({ 'OS-TRUST:trust': { id } })

test('attack-03: the owner of a credential can change neither its owner nor its project', async () => {
  const { userId, projectId } = await cloud.member('a03')
  const mine = await cloud.token({ id: userId }, inProject(projectId))
  const blob = JSON.stringify({ access: 'a03', secret: 's' })
  const { credential } = await cloud.does(
    'POST',
    '/credentials',
    { credential: { type: 'ec2', user_id: userId, project_id: projectId, blob } },
    mine,
  )
  for (const change of [{ user_id: cloud.made.adminUserId }, { project_id: cloud.made.adminProjectId }, { project_id: null }]) {
    assert.equal(await status('PATCH', `/credentials/${credential.id}`, mine, { credential: change }), 403)
  }
  const bound = { credential: { blob: JSON.stringify({ access: 'a03', secret: 's', trust_id: 'x' }) } }
  assert.equal(await status('PATCH', `/credentials/${credential.id}`, mine, bound), 400)
  const shown = (await cloud.does('GET', `/credentials/${credential.id}`, undefined, mine)).credential
  assert.deepEqual([shown.user_id, shown.project_id, shown.blob], [userId, projectId, blob])
  const foreign = { credential: { type: 'ec2', user_id: cloud.made.adminUserId, project_id: projectId, blob: '{"access":"x"}' } }
  assert.equal(await status('POST', '/credentials', mine, foreign), 403)
})

test('G2 attack-04 attack-05: an unrestricted application credential makes EC2 keys of its own project alone, a restricted one none', async () => {
  const { userId, projectId } = await cloud.member('a04')
  const mine = await cloud.token({ id: userId }, inProject(projectId))
  for (const unrestricted of [false, true]) {
    const { token } = await lent(userId, mine, { unrestricted })
    for (const tenant of [projectId, cloud.made.demoProjectId]) {
      const expected = unrestricted && tenant === projectId ? 201 : 403
      assert.equal(await status('POST', `/users/${userId}/credentials/OS-EC2`, token, { tenant_id: tenant }), expected)
      const body = { credential: { type: 'ec2', user_id: userId, project_id: tenant, blob: '{"access":"q","secret":"q"}' } }
      assert.equal(await status('POST', '/credentials', token, body), expected)
    }
  }
  // what a lent token makes is bound to its delegation
  const kept = (await cloud.does('GET', '/credentials?type=ec2', undefined, mine)).credentials.map((each: any) => JSON.parse(each.blob))
  assert.ok(kept.length === 2 && kept.every((blob: any) => typeof blob.app_cred_id === 'string'), JSON.stringify(kept))
  assert.equal(await status('POST', `/users/${userId}/credentials/OS-EC2`, mine, { tenant_id: projectId }), 201)
})

test('G2 attack-06: lent tokens reach the stored credentials of their own project alone, not even others by an admin’s roles', async () => {
  const { userId, projectId } = await cloud.member('a06', ['admin'])
  const mine = await cloud.token({ id: userId }, inProject(projectId))
  const { credential } = await cloud.does('POST', '/credentials', { credential: { type: 'totp', user_id: userId, blob: 'SEED' } }, mine)
  const { trust } = await cloud.does(
    'POST',
    '/OS-TRUST/trusts',
    {
      trust: {
        trustor_user_id: userId,
        trustee_user_id: cloud.made.demoUserId,
        project_id: projectId,
        impersonation: true,
        roles: [{ name: 'admin' }],
      },
    },
    mine,
  )
  const trusted = await cloud.token({ name: 'demo' }, trustScope(trust.id))
  const { token } = await lent(userId, mine, { unrestricted: true })
  const { credential: own } = await cloud.does(
    'POST',
    '/credentials',
    {
      credential: { type: 'cert', user_id: userId, project_id: projectId, blob: 'OWN' },
    },
    mine,
  )
  const { credential: other } = await cloud.does(
    'POST',
    '/credentials',
    {
      credential: { type: 'cert', user_id: userId, project_id: cloud.made.demoProjectId, blob: 'OTHER' },
    },
    mine,
  )
  for (const as of [trusted, token]) {
    assert.deepEqual(
      (await cloud.does('GET', '/credentials', undefined, as)).credentials.map((each: any) => each.id),
      [own.id],
    )
    assert.equal(await status('GET', `/credentials/${own.id}`, as), 200)
    assert.equal(await status('GET', `/credentials/${other.id}`, as), 403)
    assert.equal(await status('GET', `/credentials/${credential.id}`, as), 403)
    assert.equal(await status('PATCH', `/credentials/${credential.id}`, as, { credential: { blob: 'OTHER' } }), 403)
    assert.equal(await status('DELETE', `/credentials/${credential.id}`, as), 403)
    assert.deepEqual((await cloud.does('GET', `/users/${userId}/credentials/OS-EC2`, undefined, as)).credentials, [])
  }
  assert.equal((await cloud.does('GET', `/credentials/${credential.id}`, undefined, mine)).credential.blob, 'SEED')
})

test('attack-07: neither body nor query changes what a rule looks at', async () => {
  const { userId, projectId } = await cloud.member('a07')
  const mine = await cloud.token({ id: userId }, inProject(projectId))
  const forged = { user_id: userId, target: { user: { id: userId } }, 'target.user.id': userId, 'target.token.user_id': userId }
  const victim = cloud.made.adminUserId
  assert.equal(await status('GET', `/users/${victim}?user_id=${userId}`, mine), 403)
  assert.equal(await status('PATCH', `/users/${victim}`, mine, { user: { ...forged, email: 'x' }, ...forged }), 403)
  const wanted = { application_credential: { name: 'x', ...forged }, ...forged }
  assert.equal(await status('POST', `/users/${victim}/application_credentials`, mine, wanted), 403)
  assert.equal(await status('GET', `/users/${victim}/application_credentials?user_id=${userId}`, mine), 403)
  assert.equal(await status('GET', `/users/${victim}/access_rules`, mine), 403)
  const { application_credential: made } = await cloud.does('POST', `/users/${victim}/application_credentials`, {
    application_credential: { name: 'of-admin' },
  })
  assert.equal(await status('GET', `/users/${userId}/application_credentials/${made.id}`, mine), 403)
  assert.equal(await status('DELETE', `/users/${userId}/application_credentials/${made.id}`, mine), 403)
})

test('attack-08: what is delegated never exceeds the token that delegates', async () => {
  const { userId, projectId } = await cloud.member('a08', ['admin', 'member'])
  const mine = await cloud.token({ id: userId }, inProject(projectId))
  const { token } = await lent(userId, mine, { unrestricted: true, roles: [{ name: 'member' }] })
  assert.equal(await status('GET', '/users', token), 403)
  const trust = {
    trustor_user_id: userId,
    trustee_user_id: cloud.made.demoUserId,
    project_id: projectId,
    impersonation: true,
    roles: [{ name: 'admin' }],
  }
  assert.equal(await status('POST', '/OS-TRUST/trusts', token, { trust }), 403)
  const wider = { application_credential: { name: 'wider', roles: [{ name: 'admin' }] } }
  assert.equal(await status('POST', `/users/${userId}/application_credentials`, token, wider), 400)
  const all = await cloud.does('POST', `/users/${userId}/application_credentials`, { application_credential: { name: 'all-of-it' } }, token)
  assert.deepEqual(all.application_credential.roles.map((role: any) => role.name).sort(), ['member', 'reader'])
  const { token: limited } = await lent(userId, mine)
  assert.equal(await status('POST', `/users/${userId}/application_credentials`, limited, { application_credential: { name: 'more' } }), 403)
})

test('attack-08: a role that the user has lost is gone from what was delegated', async () => {
  const { userId, projectId } = await cloud.member('a08-lost', ['member', 'manager'])
  const mine = await cloud.token({ id: userId }, inProject(projectId))
  const { token } = await lent(userId, mine, { roles: [{ name: 'manager' }] })
  assert.equal(await status('GET', '/auth/projects', token), 200)
  await cloud.does('DELETE', `/projects/${projectId}/users/${userId}/roles/${await cloud.role('manager')}`)
  assert.equal(await status('GET', '/auth/projects', token), 401)
  assert.equal(await status('GET', '/auth/projects', mine), 200)
})

test('attack-09: a trust’s token has the trust’s roles, for the trustee alone, while the trustor has them', async () => {
  const { userId, projectId } = await cloud.member('a09', ['manager'])
  const mine = await cloud.token({ id: userId }, inProject(projectId))
  const trustFor = async (roles: object[]) =>
    (
      await cloud.does(
        'POST',
        '/OS-TRUST/trusts',
        {
          trust: { trustor_user_id: userId, trustee_user_id: cloud.made.demoUserId, project_id: projectId, impersonation: false, roles },
        },
        mine,
      )
    ).trust.id
  const id = await trustFor([{ name: 'reader' }])
  const answer = await cloud.login(byPassword({ name: 'demo', domain: { id: 'default' } }, trustScope(id)))
  assert.deepEqual(
    answer.body.token.roles.map((role: any) => role.name),
    ['reader'],
  )
  assert.equal(answer.body.token.user.id, cloud.made.demoUserId)
  assert.equal((await cloud.login(byPassword({ name: 'admin', domain: { id: 'default' } }, trustScope(id)))).status, 403)
  const trusted = String(answer.headers['x-subject-token'])
  assert.equal((await cloud.login(byToken(trusted, inProject(projectId)))).status, 403)
  await cloud.does('DELETE', `/projects/${projectId}/users/${userId}/roles/${await cloud.role('manager')}`)
  assert.equal(await status('GET', '/auth/catalog', trusted), 401)
})

test('attack-10: a token made from a token ends when the first one would have', async () => {
  const { userId, projectId } = await cloud.member('a10')
  const first = await cloud.login(byPassword({ id: userId }))
  cloud.clock.advance(1_800_000)
  let last = first
  for (let hop = 0; hop < 3; hop++) {
    last = await cloud.login(byToken(String(last.headers['x-subject-token']), inProject(projectId)))
    assert.equal(last.status, 201, last.text)
    assert.equal(last.body.token.expires_at, first.body.token.expires_at)
    assert.equal(last.body.token.audit_ids[1], first.body.token.audit_ids[0])
  }
  cloud.clock.advance(1_801_000)
  assert.equal(await status('GET', '/auth/catalog', String(last.headers['x-subject-token'])), 401)
})

test('attack-11: identity headers that a client sends are nobody’s identity', async () => {
  const { userId, projectId } = await cloud.member('a11')
  const mine = await cloud.token({ id: userId }, inProject(projectId))
  const forged = {
    'x-identity-status': 'Confirmed',
    'x-user-id': cloud.made.adminUserId,
    'x-roles': 'admin',
    'x-role': 'admin',
    'x-project-id': cloud.made.adminProjectId,
    'x-tenant-id': cloud.made.adminProjectId,
    'x-is-admin-project': 'True',
    'openstack-system-scope': 'all',
    'x-service-token': mine,
  }
  assert.equal((await cloud.request('GET', `${v3}/users`, { headers: forged })).status, 401)
  assert.equal((await cloud.request('GET', `${v3}/users`, { as: mine, headers: forged })).status, 403)
})

test('attack-13: a lockout and a missing user look like a wrong password', async () => {
  const { userId } = await cloud.member('a13')
  const tries = (user: object) => cloud.login({ identity: { methods: ['password'], password: { user } } })
  for (let tried = 0; tried < 4; tried++) await tries({ id: userId, password: 'wrong' })
  const answers = [
    await tries({ id: userId, password }),
    await tries({ id: userId, password: 'wrong' }),
    await tries({ id: 'f'.repeat(32), password }),
    await tries({ name: 'a13', domain: { id: 'default' }, password }),
    await tries({ name: 'nobody', domain: { id: 'default' }, password }),
    await tries({ name: 'a13', domain: { name: 'no such domain' }, password }),
    await tries({ name: 'admin', domain: { id: 'default' }, password: 'wrong' }),
  ]
  for (const answer of answers) {
    assert.equal(answer.status, 401)
    assert.deepEqual(answer.body, answers[0]?.body)
    assert.deepEqual(Object.keys(answer.headers).sort(), Object.keys(answers[0]?.headers ?? {}).sort())
  }
  cloud.clock.advance(601_000)
  assert.equal((await tries({ id: userId, password })).status, 201)
})

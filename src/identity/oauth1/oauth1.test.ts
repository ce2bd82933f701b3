// OAuth1 from the consumer to a token of its user, through the API.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { byToken, inProject, startIdentityCloud, v3, type IdentityCloud } from '../../../test/support/identity.ts'
import { oauthHeader, oauthSecretOf, type OauthSecret } from '../../../test/support/oauth1.ts'
import { defined } from '../../platform/defined.ts'

const origin = 'http://127.0.0.1:9000'
let cloud: IdentityCloud
let consumer: OauthSecret
/** somebody who may authorize: Keystone's rule wants an admin in a project */
let user: { userId: string; projectId: string; token: string }

before(async () => {
  cloud = await startIdentityCloud()
  consumer = (await cloud.does('POST', '/OS-OAUTH1/consumers', { consumer: { description: 'app' } })).consumer
  const ids = await cloud.member('lender', ['admin'])
  user = { ...ids, token: await cloud.token({ id: ids.userId }, inProject(ids.projectId)) }
})
after(() => cloud.stop())

interface Signed {
  consumer?: OauthSecret
  token?: OauthSecret
  more?: Record<string, string>
  atMs?: number
}

const authorization = (path: string, { consumer: by = consumer, atMs = cloud.clock.nowMs(), ...signing }: Signed): string =>
  oauthHeader({ url: origin + v3 + path, consumer: by, atMs, ...signing })

const ask = (header: string | undefined, project: string | undefined = user.projectId) =>
  cloud.request('POST', `${v3}/OS-OAUTH1/request_token`, {
    headers: {
      host: '127.0.0.1:9000',
      ...defined({ authorization: header }),
      ...(project === '' ? {} : { 'requested-project-id': project }),
    },
  })
const callback = { oauth_callback: 'oob' }
const requested = async (): Promise<OauthSecret> => {
  const answer = await ask(authorization('/OS-OAUTH1/request_token', { more: callback }))
  assert.equal(answer.status, 201, answer.text)
  return oauthSecretOf(answer.text)
}
const authorize = (id: string, roles: object[], as = user.token) =>
  cloud.request('PUT', `${v3}/OS-OAUTH1/authorize/${id}`, { as, body: { roles } })
const exchange = (token: OauthSecret, verifier: string, signing: Signed = {}) =>
  cloud.request('POST', `${v3}/OS-OAUTH1/access_token`, {
    headers: { authorization: authorization('/OS-OAUTH1/access_token', { token, more: { oauth_verifier: verifier }, ...signing }) },
  })
async function granted(roles: object[] = [{ name: 'member' }]): Promise<OauthSecret> {
  const token = await requested()
  const answer = await authorize(token.id, roles)
  assert.equal(answer.status, 200, answer.text)
  const access = await exchange(token, answer.body.token.oauth_verifier)
  assert.equal(access.status, 201, access.text)
  return oauthSecretOf(access.text)
}
const login = (header: string, scope?: object) =>
  cloud.request('POST', `${v3}/auth/tokens`, {
    headers: { authorization: header },
    body: { auth: { identity: { methods: ['oauth1'], oauth1: {} }, ...(scope ? { scope } : {}) } },
  })
const loggedIn = (token: OauthSecret) => login(authorization('/auth/tokens', { token }))

test('clients 16 attack-9 a consumer gets the roles that the user gave, and no others', async () => {
  const first = oauthSecretOf((await ask(authorization('/OS-OAUTH1/request_token', { more: callback }))).text)
  assert.match(first.expires ?? '', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/)
  const access = await granted()
  const answer = await loggedIn(access)
  assert.equal(answer.status, 201, answer.text)
  const { token } = answer.body
  assert.deepEqual([token.user.id, token.project.id, token.methods], [user.userId, user.projectId, ['oauth1']])
  assert.deepEqual(token['OS-OAUTH1'], { access_token_id: access.id, consumer_id: consumer.id })
  assert.deepEqual(token.roles.map((role: any) => role.name).sort(), ['member', 'reader'])
  const text = String(answer.headers['x-subject-token'])
  const seen = await cloud.request('GET', `${v3}/auth/tokens`, { as: text, headers: { 'x-subject-token': text } })
  assert.deepEqual(seen.body.token.roles, token.roles)
  assert.equal((await cloud.request('GET', `${v3}/users`, { as: text })).status, 403)
  // whatever scope is asked for, it is the one that was given
  const wider = await login(authorization('/auth/tokens', { token: access }), { system: { all: true } })
  assert.equal(wider.body.token.project.id, user.projectId)
})

test('clients 16 an OAuth1 token makes no further token, secret or delegation', async () => {
  const text = String((await loggedIn(await granted([{ name: 'admin' }]))).headers['x-subject-token'])
  assert.equal((await cloud.login(byToken(text))).status, 403)
  const statusOf = async (method: string, url: string, body?: object) =>
    (await cloud.request(method, v3 + url, { as: text, ...(body ? { body } : {}) })).status
  assert.equal(await statusOf('POST', `/users/${user.userId}/application_credentials`, { application_credential: { name: 'x' } }), 403)
  const trust = {
    trustor_user_id: user.userId,
    trustee_user_id: cloud.made.demoUserId,
    impersonation: false,
    project_id: user.projectId,
    roles: [{ name: 'member' }],
  }
  assert.equal(await statusOf('POST', '/OS-TRUST/trusts', { trust }), 403)
  assert.equal(await statusOf('PUT', `/OS-OAUTH1/authorize/${(await requested()).id}`, { roles: [{ name: 'member' }] }), 403)
  assert.equal(await statusOf('GET', `/users/${user.userId}/OS-OAUTH1/access_tokens`), 403)
  // a key of its own is bound to it
  const { credential } = (
    await cloud.request('POST', `${v3}/users/${user.userId}/credentials/OS-EC2`, { as: text, body: { tenant_id: user.projectId } })
  ).body
  assert.match(
    (await cloud.does('GET', `/credentials?type=ec2&user_id=${user.userId}`, undefined, user.token)).credentials.find((each: any) =>
      each.blob.includes(credential.access),
    ).blob,
    /access_token_id/,
  )
})

test('clients 16 an access token ends with its time, its consumer, the roles and its deletion', async () => {
  const access = await granted()
  const text = String((await loggedIn(access)).headers['x-subject-token'])
  const url = `/users/${user.userId}/OS-OAUTH1/access_tokens`
  const shown = (await cloud.does('GET', `${url}/${access.id}`, undefined, user.token)).access_token
  assert.deepEqual(Object.keys(shown), ['id', 'consumer_id', 'authorizing_user_id', 'project_id', 'expires_at', 'links'])
  assert.ok((await cloud.does('GET', url, undefined, user.token)).access_tokens.some((each: any) => each.id === access.id))
  const { roles } = await cloud.does('GET', `${url}/${access.id}/roles`, undefined, user.token)
  assert.deepEqual(
    roles.map((role: any) => role.name),
    ['member'],
  )
  assert.equal((await cloud.does('GET', `${url}/${access.id}/roles/${roles[0].id}`, undefined, user.token)).role.name, 'member')
  assert.equal((await cloud.request('GET', `${v3}${url}/${access.id}/roles/nothing`, { as: user.token })).status, 404)
  const stranger = `/users/${cloud.made.demoUserId}/OS-OAUTH1/access_tokens/${access.id}`
  assert.equal((await cloud.request('GET', v3 + stranger, { as: user.token })).status, 404)
  assert.equal((await cloud.request('DELETE', v3 + stranger, { as: user.token })).status, 401)
  await cloud.does('DELETE', `${url}/${access.id}`, undefined, user.token)
  assert.equal((await cloud.request('GET', `${v3}/auth/projects`, { as: text })).status, 401)
  assert.equal((await loggedIn(access)).status, 401)
  const other = (await cloud.does('POST', '/OS-OAUTH1/consumers', { consumer: {} })).consumer as OauthSecret
  const token = oauthSecretOf((await ask(authorization('/OS-OAUTH1/request_token', { consumer: other, more: callback }))).text)
  const verifier = (await authorize(token.id, [{ name: 'reader' }])).body.token.oauth_verifier
  const theirs = oauthSecretOf((await exchange(token, verifier, { consumer: other })).text)
  const header = () => authorization('/auth/tokens', { consumer: other, token: theirs })
  assert.equal((await login(header())).status, 201)
  assert.equal((await login(authorization('/auth/tokens', { token: theirs }))).status, 401)
  await cloud.does('DELETE', `/OS-OAUTH1/consumers/${other.id}`)
  assert.equal((await login(header())).status, 401)
})

test('clients 16 each step refuses what is not whole, not signed, repeated, late or not given', async () => {
  const at = '/OS-OAUTH1/request_token'
  const expected: [number, string | undefined, string?][] = [
    [400, undefined],
    [400, 'Basic abc'],
    [400, authorization(at, { more: callback }), ''],
    [400, authorization(at, {})],
    [404, authorization(at, { consumer: { id: 'unknown', secret: 'x' }, more: callback })],
    [401, authorization(at, { consumer: { ...consumer, secret: 'x' }, more: callback })],
    [404, authorization(at, { more: callback }), 'nowhere'],
    [401, authorization('/auth/tokens', { more: callback })],
    [400, authorization(at, { more: callback, atMs: cloud.clock.nowMs() - 601_000 })],
    [400, authorization(at, { more: { ...callback, oauth_timestamp: 'now' } })],
    [400, authorization(at, { more: { ...callback, oauth_nonce: '' } })],
    [401, authorization(at, { more: { ...callback, oauth_signature_method: 'PLAINTEXT', oauth_signature: `${consumer.secret}&` } })],
  ]
  for (const [status, header, project] of expected) {
    const answer = await ask(header, project)
    assert.equal(answer.status, status, `${header} ${answer.text}`)
  }
  const once = authorization(at, { more: callback })
  assert.deepEqual([(await ask(once)).status, (await ask(once)).status], [201, 401])
  const token = await requested()
  assert.equal((await exchange(token, 'x')).status, 401)
  assert.equal((await authorize(token.id, [{ id: await cloud.role('service') }])).status, 401)
  assert.equal((await authorize(token.id, [{ name: 'nobody' }])).status, 404)
  assert.equal((await authorize(token.id, [{}])).status, 400)
  assert.equal((await authorize('nowhere', [{ name: 'member' }])).status, 404)
  const demo = await cloud.token({ name: 'demo' }, inProject(cloud.made.demoProjectId))
  assert.equal((await authorize(token.id, [{ name: 'member' }], demo)).status, 403)
  const { oauth_verifier: verifier } = (await authorize(token.id, [{ name: 'member' }])).body.token
  assert.match(verifier, /^[A-Za-z0-9]{8}$/)
  for (const [signing, given] of [
    [{}, 'wrong'],
    [{ consumer: { ...consumer, secret: 'x' } }, verifier],
    [{ token: { ...token, secret: 'x' } }, verifier],
  ] as const) {
    assert.equal((await exchange(token, given, signing)).status, 401)
  }
  const answers = await Promise.all([1, 2, 3].map(() => exchange(token, verifier)))
  assert.deepEqual(answers.map(({ status }) => status).sort(), [201, 404, 404])
  const late = await requested()
  cloud.clock.advance(28_801_000)
  assert.equal((await exchange(late, verifier)).status, 401)
})

// Tokens for signatures: for services alone, fresh, and with the rights of whoever made the key.
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { after, before, test } from 'node:test'
import { byPassword, inProject, startIdentityCloud, v3, type IdentityCloud } from '../../test/support/identity.ts'
import { percentEncoded, signingKey } from './ec2-signature.ts'
import { accessKeyFind } from './index.ts'

let cloud: IdentityCloud
let service: string
before(async () => {
  cloud = await startIdentityCloud()
  service = await serviceToken()
})
after(() => cloud.stop())

let services = 0
async function serviceToken(): Promise<string> {
  const { userId, projectId } = await cloud.member(`swift-${++services}`, ['service'])
  return cloud.token({ id: userId }, inProject(projectId))
}

interface Key {
  access: string
  secret: string
}
const keyFor = async (userId: string, projectId: string, as: string): Promise<Key> =>
  (await cloud.does('POST', `/users/${userId}/credentials/OS-EC2`, { tenant_id: projectId }, as)).credential

/** A version 2 request of now, or of another time. */
function signed({ access, secret }: Key, { atMs = cloud.clock.nowMs(), more = {} }: { atMs?: number; more?: object } = {}): object {
  const params: Record<string, string> = {
    AWSAccessKeyId: access,
    SignatureVersion: '2',
    SignatureMethod: 'HmacSHA256',
    Timestamp: new Date(atMs).toISOString(),
    ...more,
  }
  const query = Object.keys(params)
    .sort()
    .map((name) => `${percentEncoded(name)}=${percentEncoded(params[name] ?? '')}`)
    .join('&')
  const signature = createHmac('sha256', secret).update(`GET\nhost\n/\n${query}`).digest('base64')
  return { credentials: { access, signature, host: 'host', verb: 'GET', path: '/', params } }
}
function signedS3({ access, secret }: Key): object {
  const text = 'AWS4-HMAC-SHA256\n20150830T123600Z\n20150830/us-east-1/s3/aws4_request\nabc'
  const signature = createHmac('sha256', signingKey(secret, ['20150830', 'us-east-1', 's3', 'aws4_request']))
    .update(text)
    .digest('hex')
  return { credentials: { access, signature, token: Buffer.from(text).toString('base64') } }
}
const ask = (url: string, body: unknown, as: string | null = service) =>
  cloud.request('POST', v3 + url, { body, ...(as === null ? {} : { as }) })
const rolesOf = (body: any): string[] => body.token.roles.map((role: any) => role.name).sort()

test('attack-1 a signature is turned into a token for services and administrators alone', async () => {
  const { userId, projectId } = await cloud.member('a1')
  const mine = await cloud.token({ id: userId }, inProject(projectId))
  const key = await keyFor(userId, projectId, mine)
  for (const [url, body] of [
    ['/ec2tokens', signed(key)],
    ['/s3tokens', signedS3(key)],
  ] as const) {
    assert.equal((await ask(url, body, null)).status, 401)
    const refused = await ask(url, body, mine)
    assert.equal(refused.status, 403)
    assert.equal(refused.headers['x-subject-token'], undefined)
    for (const as of [service, cloud.admin]) {
      const answer = await ask(url, body, as)
      assert.equal(answer.status, 200, answer.text)
      assert.deepEqual(
        [answer.body.token.user.id, answer.body.token.project.id, answer.body.token.methods],
        [userId, projectId, ['ec2credential']],
      )
      assert.deepEqual(rolesOf(answer.body), ['member', 'reader'])
    }
  }
  // who asks for an S3 request learns whose it is and gets no token
  assert.equal((await ask('/s3tokens', signedS3(key))).headers['x-subject-token'], undefined)
  const token = String((await ask('/ec2tokens', signed(key))).headers['x-subject-token'])
  assert.equal((await cloud.request('GET', `${v3}/auth/tokens`, { as: token, headers: { 'x-subject-token': token } })).status, 200)
  assert.equal((await ask('/ec2tokens', signed(key), token)).status, 403)
})

test('attack-2 a signature that is old, or made for later, is refused; a time beside it makes none fresh', async () => {
  const { userId, projectId } = await cloud.member('a2')
  const key = await keyFor(userId, projectId, await cloud.token({ id: userId }, inProject(projectId)))
  const nowMs = cloud.clock.nowMs()
  for (const atMs of [nowMs - 901_000, nowMs + 901_000]) assert.equal((await ask('/ec2tokens', signed(key, { atMs }))).status, 401)
  assert.equal((await ask('/ec2tokens', signed(key, { atMs: nowMs - 890_000 }))).status, 200)
  assert.equal((await ask('/ec2tokens', signed(key, { more: { Timestamp: 'yesterday' } }))).status, 401)
  assert.equal((await ask('/ec2tokens', signed(key, { more: { Timestamp: '', Expires: '2020-01-01T00:00:00Z' } }))).status, 401)
  const old = signed(key, { more: { Timestamp: '2020-01-01T00:00:00Z' } }) as any
  old.credentials.headers = { 'X-Amz-Date': new Date(nowMs).toISOString() }
  assert.equal((await ask('/ec2tokens', old)).status, 401)
})

test('clients 16 what is not signed as it should be is refused as Keystone does, never with a fault', async () => {
  const { userId, projectId } = await cloud.member('refused')
  const mine = await cloud.token({ id: userId }, inProject(projectId))
  const key = await keyFor(userId, projectId, mine)
  const given = (signed(key) as any).credentials
  const expected: [number, unknown][] = [
    [400, {}],
    [401, { credentials: {} }],
    [401, { credentials: { signature: 'x' } }],
    [404, { credentials: { access: 'unknown' } }],
    [401, { credentials: { access: key.access } }],
    [401, { credentials: { ...given, signature: 'x' } }],
    [401, { credentials: { ...given, path: '/x' } }],
    [401, { credentials: { ...given, params: null } }],
    [401, { credentials: { ...given, params: { SignatureVersion: '9' } } }],
    [401, { credentials: { ...given, params: {}, headers: { Authorization: 'AWS4-HMAC-SHA256' } } }],
    [401, { credentials: { ...given, access: 5 } }],
    [401, { credentials: [] }],
    [200, { credential: given }],
    [200, { ec2Credentials: given }],
  ]
  for (const [status, body] of expected) {
    const answer = await ask('/ec2tokens', body)
    assert.equal(answer.status, status, `${JSON.stringify(body)} ${answer.text}`)
  }
  assert.equal((await ask('/s3tokens', { credentials: { access: key.access } })).status, 400)
  assert.equal((await ask('/s3tokens', { credentials: { access: key.access, token: '!', signature: '' } })).status, 401)
  assert.equal((await cloud.request('GET', `${v3}/ec2tokens`, { as: service })).status, 405)
  await cloud.does('PATCH', `/users/${userId}`, { user: { enabled: false } })
  assert.equal((await ask('/ec2tokens', signed(key))).status, 401)
})

test('attack-8 a key made by a delegation has its roles and ends with it', async () => {
  const { userId, projectId } = await cloud.member('a8', ['admin'])
  const mine = await cloud.token({ id: userId }, inProject(projectId))
  const body = { application_credential: { name: 'c', roles: [{ name: 'member' }], unrestricted: true } }
  const { id, secret } = (await cloud.does('POST', `/users/${userId}/application_credentials`, body, mine)).application_credential
  const login = await cloud.login({ identity: { methods: ['application_credential'], application_credential: { id, secret } } })
  const byCredential = await keyFor(userId, projectId, String(login.headers['x-subject-token']))
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
      },
    },
    mine,
  )
  const trusted = await cloud.login(byPassword({ name: 'demo', domain: { id: 'default' } }, { 'OS-TRUST:trust': { id: trust.id } }))
  const byTrust = await keyFor(userId, projectId, String(trusted.headers['x-subject-token']))
  for (const key of [byCredential, byTrust]) {
    assert.deepEqual(rolesOf((await ask('/ec2tokens', signed(key))).body), ['member', 'reader'])
    assert.deepEqual((await accessKeyFind(cloud.platform, key.access))?.actor.roles.toSorted(), ['member', 'reader'])
  }
  assert.equal((await ask('/ec2tokens', signed(byTrust))).body.token['OS-TRUST:trust'].id, trust.id)
  await cloud.does('DELETE', `/users/${userId}/application_credentials/${id}`, undefined, mine)
  await cloud.does('DELETE', `/OS-TRUST/trusts/${trust.id}`, undefined, mine)
  for (const key of [byCredential, byTrust]) {
    assert.equal((await ask('/ec2tokens', signed(key))).status, 401)
    assert.equal(await accessKeyFind(cloud.platform, key.access), null)
  }
})

test('clients 16 doors of the process learn a key’s secret and who acts by it, as things are now', async () => {
  const { userId, projectId } = await cloud.member('door')
  const key = await keyFor(userId, projectId, await cloud.token({ id: userId }, inProject(projectId)))
  const found = await accessKeyFind(cloud.platform, key.access)
  assert.equal(found?.secret, key.secret)
  assert.deepEqual([found?.actor.userId, found?.actor.projectId, found?.actor.methods], [userId, projectId, ['ec2credential']])
  assert.equal(await accessKeyFind(cloud.platform, 'unknown'), null)
  await cloud.does('PUT', `/projects/${projectId}/users/${userId}/roles/${await cloud.role('manager')}`)
  assert.ok((await accessKeyFind(cloud.platform, key.access))?.actor.roles.includes('manager'))
  await cloud.does('PATCH', `/projects/${projectId}`, { project: { enabled: false } })
  assert.equal(await accessKeyFind(cloud.platform, key.access), null)
})

// Identity's secrets: passwords and passcodes, tokens and receipts, application credentials, EC2 keys, what trusts and OAuth1 give.
import assert from 'node:assert/strict'
import { systemClock } from '../../../src/platform/clock.ts'
import { base32Decode, passcodeOf } from '../../../src/identity/auth/totp.ts'
import { oauthHeader, oauthSecretOf } from '../../support/oauth1.ts'
import type { Garden } from './garden.ts'

const v3 = '/identity/v3'

export async function plantIdentity(garden: Garden): Promise<void> {
  const { user, password, project } = await plantUser(garden)
  const token = await login(garden, byPassword(user, password), { project: { id: project } })
  await plantTotp(garden, user, password)
  await plantApplicationCredentials(garden, user, token)
  await plantTrust(garden, { user, project, token })
  await plantOauth1(garden, { project, token })
  const { credential } = await garden.ask('POST', `${v3}/users/${user}/credentials/OS-EC2`, { tenant_id: project }, token)
  garden.keep(credential.secret)
  await garden.make(`${v3}/policies`, 'policy', { type: 'application/json', blob: garden.plant('policy-blob') })
}

type Identity = { methods: string[]; [method: string]: unknown }

const byPassword = (id: string, password: string): Identity => ({ methods: ['password'], password: { user: { id, password } } })

/** The token, which is a secret itself. */
async function login(garden: Garden, identity: Identity, scope?: object): Promise<string> {
  const answer = await garden.request('POST', `${v3}/auth/tokens`, { body: { auth: { identity, ...(scope ? { scope } : {}) } } })
  assert.equal(answer.status, 201, answer.text)
  return garden.keep(answer.headers['x-subject-token'])
}

async function refused(garden: Garden, body: object, as?: string): Promise<void> {
  const answer = await garden.request('POST', as === undefined ? `${v3}/auth/tokens` : `${v3}/users`, { body, ...(as ? { as } : {}) })
  assert.ok(answer.status >= 400 && answer.status < 500, answer.text)
}

async function plantUser(garden: Garden): Promise<{ user: string; password: string; project: string }> {
  const project = await garden.make(`${v3}/projects`, 'project', { name: 'lent' })
  const first = garden.plant('password')
  const user = await garden.make(`${v3}/users`, 'user', { name: 'bearer', domain_id: 'default', password: first })
  const { roles } = await garden.ask('GET', `${v3}/roles?name=admin`)
  await garden.ask('PUT', `${v3}/projects/${project}/users/${user}/roles/${roles[0].id}`)
  const second = garden.plant('own-password')
  await garden.ask('POST', `${v3}/users/${user}/password`, { user: { original_password: first, password: second } })
  const password = garden.plant('new-password')
  await garden.ask('PATCH', `${v3}/users/${user}`, { user: { password } })
  await refused(garden, { auth: { identity: byPassword(user, garden.plant('wrong-password')) } })
  await refused(garden, { user: { name: 5, password: garden.plant('refused-password') } }, 'admin@p1')
  await garden.make(`${v3}/credentials`, 'credential', {
    user_id: user,
    type: 'cert',
    blob: JSON.stringify({ access: 'a', secret: garden.plant('blob') }),
  })
  return { user, password, project }
}

/** A second factor; between the two there is a receipt. */
async function plantTotp(garden: Garden, user: string, password: string): Promise<void> {
  const seed = garden.keep('INAU4QKSLE3WMM3FINAU4QKSLE3WMM3F')
  await garden.make(`${v3}/credentials`, 'credential', { user_id: user, type: 'totp', blob: seed })
  const options = { multi_factor_auth_rules: [['password', 'totp']], multi_factor_auth_enabled: true }
  await garden.ask('PATCH', `${v3}/users/${user}`, { user: { options } })
  const half = await garden.request('POST', `${v3}/auth/tokens`, { body: { auth: { identity: byPassword(user, password) } } })
  assert.equal(half.status, 401, half.text)
  garden.keep(half.headers['openstack-auth-receipt'])
  const passcode = passcodeOf(base32Decode(seed) ?? Buffer.alloc(0), Math.floor(systemClock.nowMs() / 30_000))
  await login(garden, { ...byPassword(user, password), methods: ['password', 'totp'], totp: { user: { id: user, passcode } } })
  await garden.ask('PATCH', `${v3}/users/${user}`, { user: { options: { multi_factor_auth_enabled: false } } })
}

async function plantApplicationCredentials(garden: Garden, user: string, token: string): Promise<void> {
  const url = `${v3}/users/${user}/application_credentials`
  const secret = garden.plant('application-credential')
  const own = await garden.make(url, 'application_credential', { name: 'own', secret }, token)
  await login(garden, { methods: ['application_credential'], application_credential: { id: own, secret } })
  const { application_credential: made } = await garden.ask('POST', url, { application_credential: { name: 'made' } }, token)
  garden.keep(made.secret)
}

async function plantTrust(garden: Garden, { user, project, token }: { user: string; project: string; token: string }): Promise<void> {
  const password = garden.plant('trustee-password')
  const trustee = await garden.make(`${v3}/users`, 'user', { name: 'trustee', domain_id: 'default', password })
  const wanted = { trustor_user_id: user, trustee_user_id: trustee, project_id: project, impersonation: true, roles: [{ name: 'member' }] }
  const trust = await garden.make(`${v3}/OS-TRUST/trusts`, 'trust', wanted, token)
  const lent = await login(garden, byPassword(trustee, password), { 'OS-TRUST:trust': { id: trust } })
  const { credential } = await garden.ask('POST', `${v3}/users/${user}/credentials/OS-EC2`, { tenant_id: project }, lent)
  garden.keep(credential.secret)
}

async function plantOauth1(garden: Garden, { project, token }: { project: string; token: string }): Promise<void> {
  const { consumer } = await garden.ask('POST', `${v3}/OS-OAUTH1/consumers`, { consumer: { description: 'c' } })
  garden.ids.push(consumer.id)
  garden.keep(consumer.secret)
  const origin = garden.the.cloud.platform.config.publicUrl
  const signed = async (
    path: string,
    signing: Partial<Parameters<typeof oauthHeader>[0]>,
    more: { headers?: object; body?: unknown } = {},
  ) => {
    const authorization = oauthHeader({ url: `${origin}${v3}${path}`, consumer, atMs: systemClock.nowMs(), ...signing })
    const headers = { host: new URL(origin).host, authorization, ...more.headers }
    const answer = await garden.request('POST', `${v3}${path}`, { headers, ...(more.body === undefined ? {} : { body: more.body }) })
    assert.equal(answer.status, 201, answer.text)
    return answer
  }
  const asked = await signed(
    '/OS-OAUTH1/request_token',
    { more: { oauth_callback: 'oob' } },
    { headers: { 'requested-project-id': project } },
  )
  const requestToken = oauthSecretOf(asked.text)
  garden.keep(requestToken.secret)
  const authorized = await garden.ask('PUT', `${v3}/OS-OAUTH1/authorize/${requestToken.id}`, { roles: [{ name: 'member' }] }, token)
  const verifier = garden.keep(authorized.token.oauth_verifier)
  const given = await signed('/OS-OAUTH1/access_token', { token: requestToken, more: { oauth_verifier: verifier } })
  const access = oauthSecretOf(given.text)
  garden.keep(access.secret)
  const body = { auth: { identity: { methods: ['oauth1'], oauth1: {} } } }
  garden.keep((await signed('/auth/tokens', { token: access }, { body })).headers['x-subject-token'])
}

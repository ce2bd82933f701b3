// Several factors: rules of users, passcodes, and the receipts between two steps of a login.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { byPassword, byToken, inProject, password, startIdentityCloud, v3, type IdentityCloud } from '../../test/support/identity.ts'
import { defaultIdentity } from '../platform/identity-settings.ts'
import { base32Decode, passcodeOf } from './auth/totp.ts'

let cloud: IdentityCloud
before(async () => void (cloud = await startIdentityCloud({ config: { identity: { ...defaultIdentity, lockoutFailureAttempts: 5 } } })))
after(() => cloud.stop())

const seed = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'
const passcode = (backSteps = 0, text = seed) =>
  passcodeOf(base32Decode(text) ?? Buffer.alloc(0), Math.floor(cloud.clock.nowMs() / 30_000) - backSteps)
const totp = (id: string, code: string) => ({ methods: ['totp'], totp: { user: { id, passcode: code } } })
const both = (id: string, code: string, given = password) => ({
  methods: ['password', 'totp'],
  password: { user: { id, password: given } },
  totp: { user: { id, passcode: code } },
})
const login = (identity: object, receipt?: string, scope?: object) =>
  cloud.request('POST', `${v3}/auth/tokens`, {
    body: { auth: { identity, ...(scope ? { scope } : {}) } },
    ...(receipt === undefined ? {} : { headers: { 'openstack-auth-receipt': receipt } }),
  })
const next = () => cloud.clock.advance(30_000)

/** A user with rules and, if wanted, a seed. */
async function made(name: string, rules: string[][], blob: string | null = seed): Promise<{ userId: string; projectId: string }> {
  const ids = await cloud.member(name)
  const options = { multi_factor_auth_rules: rules, multi_factor_auth_enabled: true }
  await cloud.does('PATCH', `/users/${ids.userId}`, { user: { options } })
  if (blob !== null) await cloud.does('POST', '/credentials', { credential: { type: 'totp', user_id: ids.userId, blob } })
  return ids
}

test('clients 16 passcodes are those of RFC 6238', () => {
  const key = Buffer.from('12345678901234567890')
  assert.deepEqual(base32Decode(seed), key)
  for (const [seconds, code] of [
    [59, '287082'],
    [1111111109, '081804'],
    [1111111111, '050471'],
    [1234567890, '005924'],
    [2000000000, '279037'],
    [20000000000, '353130'],
  ] as const) {
    assert.equal(passcodeOf(key, Math.floor(seconds / 30)), code)
  }
  assert.equal(base32Decode('MZXW6YTBOI======')?.toString(), 'foobar')
  for (const bad of ['', '1', '=', 'A B', 'ÄÄ']) assert.equal(base32Decode(bad), null, bad)
})

test('clients 16 a passcode logs in once, up to one step late', async () => {
  const { userId } = await made('coded', [])
  assert.deepEqual((await login(totp(userId, passcode()))).body.token.methods, ['totp'])
  assert.equal((await login(totp(userId, passcode()))).status, 401)
  next()
  next()
  // one step late is taken, two are not; what comes before a used one is used up
  assert.equal((await login(totp(userId, passcode(2)))).status, 401)
  assert.equal((await login(totp(userId, passcode(1)))).status, 201)
  assert.equal((await login(totp(userId, passcode()))).status, 201)
  next()
  assert.equal((await login(totp(userId, passcode(1)))).status, 401)
  for (const code of ['', '1', '000000x', passcode(0, 'MZXW6YTBOI======')])
    assert.equal((await login(totp(userId, code))).status, 401, code)
  assert.equal((await login({ methods: ['totp'], totp: { user: { id: userId, passcode: 5 } } })).status, 400)
  assert.equal((await login(totp('f'.repeat(32), passcode()))).status, 401)
})

test('clients 16 of a passcode that many send at once one is taken', async () => {
  const { userId } = await made('raced', [])
  const code = passcode()
  const answers = await Promise.all(Array.from({ length: 6 }, () => login(totp(userId, code))))
  assert.equal(answers.filter(({ status }) => status === 201).length, 1)
})

test('clients 16 one factor of two gives a receipt, the other with it a token', async () => {
  const { userId, projectId } = await made('two', [
    ['password', 'totp'],
    ['external', 'kerberos'],
  ])
  const first = await login(byPassword({ id: userId }).identity)
  assert.equal(first.status, 401)
  const text = String(first.headers['openstack-auth-receipt'])
  assert.deepEqual(Object.keys(first.body), ['receipt', 'required_auth_methods'])
  const { receipt, required_auth_methods: required } = first.body
  assert.deepEqual(
    [receipt.methods, receipt.user, required],
    [['password'], { id: userId, name: 'two', domain: { id: 'default', name: 'Default' } }, [['password', 'totp']]],
  )
  assert.equal(Date.parse(receipt.expires_at) - Date.parse(receipt.issued_at), 300_000)
  assert.equal(first.headers['x-subject-token'], undefined)
  const second = await login(totp(userId, passcode()), text, inProject(projectId))
  assert.equal(second.status, 201, second.text)
  assert.deepEqual(second.body.token.methods.toSorted(), ['password', 'totp'])
  // what is won by both may be scoped anew
  assert.equal((await cloud.login(byToken(String(second.headers['x-subject-token'])))).status, 201)
  next()
  assert.equal((await login(both(userId, passcode()))).status, 201)
  next()
  const other = await login(totp(userId, passcode()))
  assert.deepEqual([other.status, other.body.receipt.methods], [401, ['totp']])
})

test('clients 16 a receipt is its user’s, for some minutes, until the password changes, and no token', async () => {
  const { userId } = await made('noted', [['password', 'totp']])
  const stranger = await made('stranger', [['password', 'totp']], 'MZXW6YTBOI======')
  const receipt = async () => String((await login(byPassword({ id: userId }).identity)).headers['openstack-auth-receipt'])
  const text = await receipt()
  assert.equal((await login(totp(stranger.userId, passcode(0, 'MZXW6YTBOI======')), text)).status, 401)
  assert.equal((await cloud.request('GET', `${v3}/auth/projects`, { as: text })).status, 401)
  const token = await cloud.token({ name: 'demo' })
  for (const bad of ['x', token, `${text.slice(0, -4)}AAAA`]) {
    const answer = await login(totp(userId, passcode()), bad)
    assert.equal(answer.status, 401)
    assert.match(answer.body.error.message, /Could not find auth receipt/)
  }
  cloud.clock.advance(301_000)
  assert.equal((await login(totp(userId, passcode()), text)).status, 401)
  const later = await receipt()
  await cloud.does('PATCH', `/users/${userId}`, { user: { password } })
  next()
  assert.equal((await login(totp(userId, passcode()), later)).status, 401)
})

test('clients 16 rules can be switched off, and those of unknown methods alone lock nobody out', async () => {
  const { userId } = await made('off', [['password', 'totp']])
  await cloud.does('PATCH', `/users/${userId}`, { user: { options: { multi_factor_auth_enabled: false } } })
  assert.equal((await cloud.login(byPassword({ id: userId }))).status, 201)
  const strange = await made('strange', [['kerberos'], ['external', 'mapped']])
  assert.equal((await cloud.login(byPassword({ id: strange.userId }))).status, 201)
})

test('attack-13 who knows one factor cannot guess the other at will', async () => {
  const { userId } = await made('guessed', [['password', 'totp']])
  for (let tried = 0; tried < 5; tried++) {
    assert.equal((await login(byPassword({ id: userId }).identity)).status, 401)
    assert.equal((await login(both(userId, '000000'))).status, 401)
  }
  const locked = await login(both(userId, passcode()))
  assert.deepEqual([locked.status, locked.headers['openstack-auth-receipt']], [401, undefined])
  cloud.clock.advance(1_801_000)
  assert.equal((await login(both(userId, passcode()))).status, 201)
})

test('clients 16 a wrong password uses up no passcode, and a disabled user gets no receipt', async () => {
  const { userId } = await made('careful', [['password', 'totp']])
  assert.equal((await login(both(userId, passcode(), 'wrong'))).status, 401)
  assert.equal((await login(both(userId, passcode()))).status, 201)
  await cloud.does('PATCH', `/users/${userId}`, { user: { enabled: false } })
  const answer = await login(byPassword({ id: userId }).identity)
  assert.deepEqual([answer.status, answer.headers['openstack-auth-receipt']], [401, undefined])
})

// Logins in numbers, through the API: lockouts, limits, and what the metrics tell of them.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { byPassword, inProject, password, startIdentityCloud, v3, type IdentityCloud } from '../../test/support/identity.ts'
import { defaultIdentity } from '../platform/identity-settings.ts'
import { loginFigures } from './index.ts'

let cloud: IdentityCloud
before(async () => {
  cloud = await startIdentityCloud({ config: { identity: { ...defaultIdentity, lockoutFailureAttempts: 3, loginsPerAddress: 12 } } })
})
after(() => cloud.stop())

const statusOf = async (user: object) => (await cloud.login(byPassword(user))).status

test('F13 guesses that are made at once are no more than the lockout allows', async () => {
  const { userId } = await cloud.member('burst')
  const guesses = [
    ...Array.from({ length: 11 }, (_, index) => statusOf({ id: userId, password: `guess ${index}` })),
    statusOf({ id: userId }),
  ]
  assert.deepEqual(new Set(await Promise.all(guesses)), new Set([401]))
  assert.equal(await statusOf({ id: userId }), 401)
  cloud.clock.advance(1_801_000)
  assert.equal(await statusOf({ id: userId }), 201)
})

test('F13 an administrator ends a lockout by enabling the account or by a new password', async () => {
  const { userId } = await cloud.member('locked')
  for (const change of [{ enabled: true }, { password }]) {
    for (let tried = 0; tried < 3; tried++) assert.equal(await statusOf({ id: userId, password: 'wrong' }), 401)
    assert.equal(await statusOf({ id: userId }), 401)
    await cloud.does('PATCH', `/users/${userId}`, { user: change })
    assert.equal(await statusOf({ id: userId }), 201)
  }
})

test('F13 who is exempt from lockouts is not locked', async () => {
  const { userId } = await cloud.member('exempt')
  await cloud.does('PATCH', `/users/${userId}`, { user: { options: { ignore_lockout_failure_attempts: true } } })
  for (let tried = 0; tried < 4; tried++) assert.equal(await statusOf({ id: userId, password: 'wrong' }), 401)
  assert.equal(await statusOf({ id: userId }), 201)
})

test('F13 too many logins of one address at once: 429 with Retry-After, also for changes of passwords; the metrics count', async () => {
  const before = loginFigures(cloud.platform)
  const user = { name: 'nobody', domain: { id: 'default' }, password: 'wrong' }
  const answers = await Promise.all(Array.from({ length: 20 }, () => cloud.login(byPassword(user))))
  const limited = answers.filter(({ status }) => status === 429)
  assert.equal(limited.length, 8)
  assert.ok(limited.every(({ headers }) => Number(headers['retry-after']) >= 1))
  const change = { body: { user: { original_password: 'wrong', password: 'new' } } }
  const changes = await Promise.all(Array.from({ length: 13 }, () => cloud.request('POST', `${v3}/users/nobody/password`, change)))
  assert.equal(changes.filter(({ status }) => status === 429).length, 1)
  const after = loginFigures(cloud.platform)
  assert.deepEqual([after.limited - before.limited, after.refused - before.refused, after.pending], [9, 24, 0])
  const admin = await cloud.token({ name: 'admin' }, inProject(cloud.made.adminProjectId))
  const { text } = await cloud.request('GET', '/operations/metrics', { as: admin })
  assert.match(text, /stackling_logins_total\{result="limited"\} \d+/)
})

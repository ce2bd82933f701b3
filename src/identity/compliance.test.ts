// Rules for passwords and accounts that an operator can switch on, with Keystone's meaning of each.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { byPassword, inProject, password, startIdentityCloud, v3, type IdentityCloud } from '../../test/support/identity.ts'
import { defaultIdentity } from '../platform/identity-settings.ts'

const dayMs = 86_400_000
let cloud: IdentityCloud
before(async () => {
  cloud = await startIdentityCloud({
    config: {
      identity: {
        ...defaultIdentity,
        disableUserAccountDaysInactive: 30,
        passwordExpiresDays: 90,
        uniqueLastPasswordCount: 2,
        minimumPasswordAgeDays: 1,
        passwordRegex: '^(?=.*-)(?=.*[a-z]).{5,}$',
        passwordRegexDescription: 'Five characters, one of them a dash',
        changePasswordUponFirstUse: true,
      },
    },
  })
})
after(() => cloud.stop())

const made = async (name: string, options: object = {}): Promise<string> =>
  (await cloud.does('POST', '/users', { user: { name, password, options } })).user.id
const first = { ignore_change_password_upon_first_use: true }
const set = (id: string, original: string, wanted: string) =>
  cloud.request('POST', `${v3}/users/${id}/password`, { body: { user: { original_password: original, password: wanted } } })
const login = (id: string, given = password) => cloud.login(byPassword({ id, password: given }))

test('clients 3 a password that somebody else chose is good for being changed', async () => {
  const id = await made('newcomer')
  const refused = await login(id)
  assert.equal(refused.status, 401)
  assert.match(refused.body.error.message, /The password is expired and needs to be changed for user/)
  assert.equal((await login(id, 'wrong')).body.error.message.includes('expired'), false)
  assert.equal((await set(id, password, 'my-own')).status, 204)
  assert.equal((await login(id, 'my-own')).status, 201)
  await cloud.does('PATCH', `/users/${id}`, { user: { password } })
  assert.equal((await login(id)).status, 401)
  assert.equal((await login(await made('exempt', first))).status, 201)
})

test('clients 3 a password expires, unless its user is exempt; lists ask for it', async () => {
  const id = await made('expiring', first)
  const { user } = await cloud.does('GET', `/users/${id}`)
  assert.equal(Math.round((Date.parse(user.password_expires_at) - cloud.clock.nowMs()) / dayMs), 90)
  const free = await made('free', { ...first, ignore_password_expiry: true })
  assert.equal((await cloud.does('GET', `/users/${free}`)).user.password_expires_at, null)
  const at = user.password_expires_at as string
  const listed = async (query: string) =>
    (await cloud.does('GET', `/users?password_expires_at=${query}`)).users.map((each: any) => each.id) as string[]
  assert.ok((await listed(`lte:${at}`)).includes(id))
  assert.ok((await listed(at)).includes(id))
  assert.equal((await listed(`lt:${at}`)).includes(id), false)
  assert.equal((await listed('gt:2999-01-01T00:00:00Z')).length, 0)
  assert.equal((await listed('lt:2999-01-01T00:00:00Z')).includes(free), false)
  const member = (await cloud.does('POST', '/groups', { group: { name: 'g' } })).group.id as string
  await cloud.does('PUT', `/groups/${member}/users/${id}`)
  assert.deepEqual((await cloud.does('GET', `/groups/${member}/users?password_expires_at=gt:${at}`)).users, [])
  assert.equal((await cloud.does('GET', `/groups/${member}/users?password_expires_at=eq:${at}`)).users.length, 1)
  for (const bad of ['lt:yesterday', 'around:2026-01-01T00:00:00Z', '', 'lt:']) {
    assert.equal((await cloud.request('GET', `${v3}/users?password_expires_at=${bad}`, { as: cloud.admin })).status, 400, bad)
  }
})

test('clients 3 a password must match, says why when not, and the last ones cannot come back', async () => {
  for (const bad of ['nodash', '-', 'A-12345']) {
    const answer = await cloud.request('POST', `${v3}/users`, { as: cloud.admin, body: { user: { name: 'bad', password: bad } } })
    assert.equal(answer.status, 400)
    assert.match(answer.body.error.message, /does not match the requirements: Five characters, one of them a dash/)
  }
  const id = await made('historian', first)
  assert.equal((await set(id, password, 'nodash')).status, 400)
  assert.equal((await set(id, password, 'first-one')).status, 204)
  const young = await set(id, 'first-one', 'second-one')
  assert.equal(young.status, 400)
  assert.match(young.body.error.message, /minimum password age/)
  for (const [original, wanted] of [
    ['first-one', 'second-one'],
    ['second-one', 'third-one'],
  ] as const) {
    cloud.clock.advance(dayMs + 1000)
    for (const before of [original, original === 'first-one' ? password : 'first-one']) {
      const answer = await set(id, original, before)
      assert.equal(answer.status, 400, before)
      assert.match(answer.body.error.message, /must be unique is 2/)
    }
    assert.equal((await set(id, original, wanted)).status, 204)
  }
  cloud.clock.advance(dayMs + 1000)
  assert.equal((await set(id, 'third-one', 'first-one')).status, 204)
  // an administrator chooses as he likes
  await cloud.does('PATCH', `/users/${id}`, { user: { password: 'third-one' } })
})

test('clients 3 who may not change the password is told so', async () => {
  const id = await made('settled', { ...first, lock_password: true })
  const answer = await set(id, password, 'other-one')
  assert.equal(answer.status, 400)
  assert.match(answer.body.error.message, /password policy disallowing password changes/)
})

test('clients 3 an account that nobody used for long is disabled, until it is enabled or unless it is exempt', async () => {
  const [id, exempt] = [await made('idle', first), await made('tireless', { ...first, ignore_user_inactivity: true })]
  const token = String((await login(id)).headers['x-subject-token'])
  cloud.clock.advance(29 * dayMs)
  assert.equal((await login(id)).status, 201)
  cloud.clock.advance(31 * dayMs)
  // the administrator of this test was away as long
  await cloud.systemContext().transaction((tx) =>
    tx.db
      .as<any>()
      .updateTable('identity_users')
      .set({ last_active_on: null, created_at: new Date(cloud.clock.nowMs()).toISOString() })
      .where('name', '=', 'admin')
      .execute(),
  )
  assert.equal((await login(id)).status, 401)
  assert.equal((await cloud.request('GET', `${v3}/auth/projects`, { as: token })).status, 401)
  assert.equal((await set(id, password, 'other-one')).status, 401)
  assert.equal((await cloud.does('GET', `/users/${id}`)).user.enabled, false)
  assert.equal((await login(exempt)).status, 201)
  await cloud.does('PATCH', `/users/${id}`, { user: { enabled: true } })
  assert.equal((await login(id)).status, 201)
})

test('clients 3 everybody may read what a password must be, of the default domain only', async () => {
  const id = await made('reader', first)
  const token = await cloud.token({ id })
  const read = (path: string, as: string | undefined = token) => cloud.request('GET', `${v3}/domains/${path}`, as === '' ? {} : { as })
  const both = { password_regex: '^(?=.*-)(?=.*[a-z]).{5,}$', password_regex_description: 'Five characters, one of them a dash' }
  assert.deepEqual((await read('default/config/security_compliance')).body, { config: { security_compliance: both } })
  for (const [name, value] of Object.entries(both)) {
    assert.deepEqual((await read(`default/config/security_compliance/${name}`)).body, { config: { [name]: value } })
  }
  assert.equal((await read('default/config/security_compliance', '')).status, 401)
  const other = (await cloud.does('POST', '/domains', { domain: { name: 'other' } })).domain.id as string
  for (const path of [
    `${other}/config/security_compliance`,
    'default/config/security_compliance/lockout_duration',
    'default/config/ldap',
    'default/config',
  ]) {
    assert.equal((await read(path)).status, 403, path)
  }
  const head = await cloud.request('HEAD', `${v3}/domains/default/config/security_compliance/password_regex`, { as: token })
  assert.deepEqual([head.status, head.text], [200, ''])
  const admin = await cloud.token({ name: 'admin' }, inProject(cloud.made.adminProjectId))
  const patch = { config: { security_compliance: { password_regex: '.*' } } }
  for (const path of ['config', 'config/security_compliance']) {
    assert.equal((await cloud.request('PATCH', `${v3}/domains/default/${path}`, { as: admin, body: patch })).status, 403)
  }
  assert.equal((await cloud.request('GET', `${v3}/domains/config/security_compliance/default`, { as: admin })).status, 403)
})

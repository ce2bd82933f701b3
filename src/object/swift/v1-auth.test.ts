import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { password, startIdentityCloud } from '../../../test/support/identity.ts'
import { startSwift, type SwiftCloud } from '../../../test/support/swift.ts'

let swift: SwiftCloud
before(async () => {
  swift = await startSwift()
})
after(() => swift.stop())

const login = (user: string, key: string) =>
  swift.call('GET', '!/auth/v1.0', { as: null, headers: { 'x-auth-user': user, 'x-auth-key': key } })

test('a wrong password, a user that is none, and half a name are all the same', async () => {
  for (const [user, key] of [
    ['p1:nobody', 'x'],
    ['nobody', 'x'],
    ['p1:', 'x'],
    ['p1:member', ''],
  ] as const) {
    const denied = await login(user, key)
    assert.equal(denied.status, 401, user)
    assert.match(String(denied.headers['www-authenticate']), /^Swift realm="/)
  }
  assert.equal((await swift.call('POST', '!/auth/v1.0', { as: null })).status, 405)
})

test('a password is worth a token, and tells where the account is', async () => {
  const cloud = await startIdentityCloud()
  try {
    const made = await cloud.request('GET', '/object/auth/v1.0', { headers: { 'x-auth-user': 'admin:admin', 'x-auth-key': password } })
    assert.equal(made.status, 200)
    assert.equal(made.headers['x-storage-url'], `http://127.0.0.1:9000/object/v1/AUTH_${cloud.made.adminProjectId}`)
    assert.match(String(made.headers['x-auth-token-expires']), /^[1-9]\d+$/)
    const used = await cloud.request('PUT', `/object/v1/AUTH_${cloud.made.adminProjectId}/c`, { as: String(made.headers['x-auth-token']) })
    assert.equal(used.status, 201)
  } finally {
    await cloud.stop()
  }
})

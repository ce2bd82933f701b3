import assert from 'node:assert/strict'
import { argon2Sync } from 'node:crypto'
import { test } from 'node:test'
import { systemIds } from '../../platform/ids.ts'
import { passwordHash, passwordMatches } from './passwords.ts'

test('a hash is argon2id at the promised cost, salted, and matches its password alone', async () => {
  const [one, two] = await Promise.all([passwordHash(systemIds, 'secret'), passwordHash(systemIds, 'secret')])
  assert.match(one, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/)
  assert.notEqual(one, two)
  assert.equal(await passwordMatches(one, 'secret'), true)
  assert.equal(await passwordMatches(one, 'Secret'), false)
  assert.equal(await passwordMatches(one, ''), false)
})

test('a hash made elsewhere, at another cost, is verified at its own cost', async () => {
  const nonce = Buffer.from('somesaltsomesalt')
  const tag = argon2Sync('argon2id', { message: 'cheap', nonce, parallelism: 1, tagLength: 16, memory: 64, passes: 1 })
  const text = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '')
  const hash = `$argon2id$v=19$m=64,t=1,p=1$${text(nonce)}$${text(tag)}`
  assert.equal(await passwordMatches(hash, 'cheap'), true)
  assert.equal(await passwordMatches(hash, 'dear'), false)
})

test('a hash of an unknown form is an error, not a no', async () => {
  await assert.rejects(passwordMatches('$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHRzb21lc2FsdA$', 'x'), /unknown form/)
  await assert.rejects(passwordMatches('$2b$12$abcdefghijklmnopqrstuv', 'x'), /unknown form/)
})

test('no hash matches nothing, whatever the password', async () => {
  assert.equal(await passwordMatches(null, ''), false)
  assert.equal(await passwordMatches(undefined, 'secret'), false)
})

test('more logins than threads are all answered', async () => {
  const hash = await passwordHash(systemIds, 'secret')
  const answers = await Promise.all(Array.from({ length: 12 }, (_, index) => passwordMatches(hash, index % 2 === 0 ? 'secret' : 'wrong')))
  assert.deepEqual(
    answers,
    Array.from({ length: 12 }, (_, index) => index % 2 === 0),
  )
})

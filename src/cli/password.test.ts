import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newPassword } from './password.ts'

test('a password that we make passes the usual rules, each time', () => {
  const made = Array.from({ length: 2000 }, newPassword)
  for (const one of made) assert.match(one, /^(?=.*[a-z])(?=.*[A-Z])(?=.*\d)(?=.*[-_])[\w-]{20}$/)
  assert.equal(new Set(made).size, made.length)
})

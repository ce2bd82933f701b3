// The operator's settings: read as they are meant, or not started.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { defaultIdentity } from '../platform/identity-settings.ts'
import { settingsRead } from './settings-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'settings-'))
after(() => rmSync(folder, { recursive: true, force: true }))
const written = (text: string) => {
  writeFileSync(join(folder, 'settings.yaml'), text)
  return settingsRead(folder)
}

test('F13 a lockout is switched on by the file of settings, and is off without it', () => {
  assert.deepEqual(settingsRead(folder), {})
  assert.equal(defaultIdentity.lockoutFailureAttempts, null)
  const { identity } = written(
    'security_compliance:\n  lockout_failure_attempts: 5\n  lockout_duration: 600\nlogins: {at_once_per_address: 50}\n',
  )
  assert.deepEqual(identity, { ...defaultIdentity, lockoutFailureAttempts: 5, lockoutDurationSeconds: 600, loginsPerAddress: 50 })
})

test('settings have the units that Keystone’s have', () => {
  const read = written(
    'token: {expiration: 7200}\ntimeline: {keep: 30}\ncredential: {auth_ttl: 5}\nsecurity_compliance: {password_regex: "^(?=.*[0-9]).{8,}$"}\n',
  )
  assert.deepEqual(
    [read.tokenLifetimeSeconds, read.timelineKeepDays, read.identity?.ec2SignatureSeconds, read.identity?.passwordRegex],
    [7200, 30, 300, '^(?=.*[0-9]).{8,}$'],
  )
})

test('what is not understood is said, not passed over', () => {
  for (const [text, said] of [
    ['security_complience: {}', /no group of settings 'security_complience'/],
    ['security_compliance: {lockout: 3}', /no setting 'lockout' in the group/],
    ['security_compliance: {lockout_failure_attempts: 0}', /must be a whole number from 1/],
    ['security_compliance: {lockout_failure_attempts: "3"}', /must be a whole number/],
    ['security_compliance: {password_regex: "("}', /must be a regular expression/],
    ['constructor: {}', /no group of settings 'constructor'/],
    ['security_compliance: {toString: 1}', /no setting 'toString'/],
    ['- a', /groups with settings/],
    ['a: [', /it is no YAML/],
  ] as const)
    assert.throws(() => written(text), said, text)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { payloadDecode, payloadEncode, type Scope, type TokenPayload } from './payload.ts'

const id = fc.oneof(
  fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 32, maxLength: 32 }),
  fc.string({ minLength: 1, maxLength: 60 }).filter((text) => Buffer.byteLength(text) <= 254),
)
const scope: fc.Arbitrary<Scope> = fc.oneof(
  fc.constant<Scope>({ kind: 'unscoped' }),
  fc.constant<Scope>({ kind: 'system' }),
  id.map((each): Scope => ({ kind: 'project', id: each })),
  id.map((each): Scope => ({ kind: 'domain', id: each })),
)
const auditId = fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => Buffer.from(bytes).toString('base64url'))
const payload: fc.Arbitrary<TokenPayload> = fc.record(
  {
    userId: id,
    methods: fc.subarray(['password', 'token', 'application_credential', 'totp', 'ec2credential', 'oauth1']),
    scope,
    issuedAtMs: fc.integer({ min: 0, max: 2 ** 47 }),
    expiresAtMs: fc.integer({ min: 0, max: 2 ** 47 }),
    auditIds: fc.array(auditId, { minLength: 1, maxLength: 2 }),
    userEpoch: fc.integer({ min: 0, max: 2 ** 31 }),
    projectEpoch: fc.integer({ min: 0, max: 2 ** 31 }),
    applicationCredentialId: fc.option(id),
    trustId: fc.option(id),
    accessTokenId: fc.option(id),
  },
  { noNullPrototype: true },
)

test('a payload comes out of its bytes as it went in', () => {
  fc.assert(fc.property(payload, (given) => assert.deepEqual(payloadDecode(payloadEncode(given)), given)))
})

test('bytes of another format are refused', () => {
  const bytes = payloadEncode(fc.sample(payload, { numRuns: 1, seed: 1 })[0] as TokenPayload)
  bytes[0] = 9
  assert.equal(payloadDecode(bytes), null)
})

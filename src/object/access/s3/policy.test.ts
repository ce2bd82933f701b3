import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addressWithin } from './conditions.ts'
import { policyIsPublic } from './policy-public.ts'
import { policyJudge, policyRead, PolicyFault, type PolicyRequest } from './policy.ts'
import { matches, wildcard, wildcardMatches } from './wildcard.ts'

const document = (...statements: object[]) => JSON.stringify({ Version: '2012-10-17', Statement: statements })
const allow = (more: object = {}) => ({
  Effect: 'Allow',
  Principal: '*',
  Action: 's3:GetObject',
  Resource: 'arn:aws:s3:::photos/*',
  ...more,
})
const facts =
  (known: Record<string, string[]> = {}) =>
  (key: string) =>
    known[key]
const asked = (more: Partial<PolicyRequest> = {}): PolicyRequest => ({
  principal: null,
  action: 's3:GetObject',
  resource: 'photos/a.png',
  facts: facts(),
  ...more,
})
const judge = (statements: object[], request: Partial<PolicyRequest> = {}) =>
  policyJudge(policyRead(document(...statements), 'photos'), asked(request))
const faultOf = (text: string): string => {
  try {
    policyRead(text, 'photos')
    return ''
  } catch (error) {
    assert.ok(error instanceof PolicyFault)
    return error.message
  }
}

test('wildcards match whole texts, stars over everything and question marks over one character', () => {
  assert.ok(matches('a*c', 'abbbc'))
  assert.ok(matches('*', ''))
  assert.ok(matches('a?c', 'abc'))
  assert.ok(matches('a*b*c', 'aXbYbZc'))
  assert.ok(!matches('a?c', 'ac'))
  assert.ok(!matches('abc', 'abcd'))
  assert.ok(!matches('', 'a'))
})

test('a pattern of many stars ends in time', () => {
  const started = process.cpuUsage()
  assert.equal(matches(`${'*a'.repeat(300)}*b`, 'a'.repeat(1024)), false)
  assert.ok(process.cpuUsage(started).user < 500_000)
})

test('a variable stands for its text and never for a wildcard', () => {
  const pattern = (value: string | undefined) => wildcard('home/${aws:username}/*', () => value)
  assert.ok(wildcardMatches(pattern('ann') ?? [], 'home/ann/x'))
  assert.ok(!wildcardMatches(pattern('*') ?? [], 'home/ann/x'))
  assert.equal(pattern(undefined), null)
  assert.ok(wildcardMatches(wildcard('a${*}b', () => undefined) ?? [], 'a*b'))
})

test('a policy is refused with what is wrong with it', () => {
  assert.match(faultOf('false'), /first byte must be/)
  assert.match(faultOf('{true}'), /invalid Json/)
  assert.match(faultOf('{}'), /Missing required field Statement/)
  assert.match(faultOf('{"Statement": []}'), /Statement is empty/)
  assert.match(faultOf(JSON.stringify({ Version: '2020-01-01', Statement: [allow()] })), /valid version string/)
  assert.match(faultOf(document(allow({ Effect: 'Perhaps' }))), /Invalid effect: Perhaps/)
  assert.match(faultOf(document(allow({ Nonsense: 1 }))), /Unknown field Nonsense/)
  for (const principal of ['', [], { AWS: '' }, { AWS: [] }, ['*', 'x'], { Nobody: 'x' }])
    assert.match(faultOf(document(allow({ Principal: principal }))), /Invalid principal/)
  for (const action of ['', [], 's3', 's3:', 's4:GetObject', 's3:Put-Object', 's3:????', '*GetObject', 's3:*:', 's3:Abort?'])
    assert.match(faultOf(document(allow({ Action: action }))), /invalid action/)
  for (const resource of ['', [], 'photos/*', 'arn:aws:s3:::/photos', 'arn:aws:s3:::others/*', 'arn:aws:s3:::*', 'arn:aws:s3:::photosx'])
    assert.match(faultOf(document(allow({ Resource: resource }))), /invalid resource/)
  assert.match(faultOf(document(allow({ Resource: 'arn:aws:s3:::photos' }))), /does not apply/)
  assert.match(faultOf(document(allow({ Action: 's3:ListBucket' }))), /does not apply/)
  assert.match(faultOf(document(allow({ Condition: { Nope: { 'aws:SourceIp': '::1' } } }))), /Invalid Condition type/)
  assert.match(faultOf(document(allow({ Condition: { StringEquals: { 'aws:Nope': 'x' } } }))), /invalid condition key/)
  assert.match(faultOf(document(allow({ Condition: { StringEquals: { 's3:prefix': 'x' } } }))), /do not apply to combination/)
  assert.match(faultOf(document(allow({ Condition: { IpAddress: { 'aws:SourceIp': '1.2.3' } } }))), /invalid condition value/)
  assert.equal(faultOf(document(allow({ Action: 's3:*', Resource: 'arn:aws:s3:::photos' }))), '')
})

test('an explicit deny beats every allow, and silence decides nothing', () => {
  assert.equal(judge([allow()]), 'allow')
  assert.equal(judge([allow()], { action: 's3:PutObject' }), null)
  assert.equal(judge([allow()], { resource: 'photos' }), null)
  assert.equal(
    judge([allow(), allow({ Effect: 'Deny', Resource: 'arn:aws:s3:::photos/secret/*' })], { resource: 'photos/secret/a' }),
    'deny',
  )
  assert.equal(judge([allow({ NotAction: 's3:DeleteObject', Action: undefined })]), 'allow')
  assert.equal(judge([allow({ NotResource: 'arn:aws:s3:::photos/a.png', Resource: undefined })]), null)
})

test('principals are projects, users of a project, and bare ids of either', () => {
  const ann = { accountId: 'p1', userId: 'u1', userName: 'ann' }
  const by = (Principal: unknown, principal: PolicyRequest['principal'] = ann) => judge([allow({ Principal })], { principal })
  assert.equal(by({ AWS: 'arn:aws:iam::p1:root' }), 'allow')
  assert.equal(by({ AWS: 'p1' }), 'allow')
  assert.equal(by({ AWS: ['x', 'u1'] }), 'allow')
  assert.equal(by({ AWS: 'arn:aws:iam::p1:user/ann' }), 'allow')
  assert.equal(by({ AWS: 'arn:aws:iam::p1:user/u1' }), 'allow')
  assert.equal(by({ AWS: 'arn:aws:iam::p2:user/ann' }), null)
  assert.equal(by({ AWS: 'ann' }), null)
  assert.equal(by({ AWS: 'p1' }, null), null)
  assert.equal(by({ Service: 'logging.s3.amazonaws.com' }), null)
})

test('conditions: addresses, times, numbers, sets, and what they say of a key that is missing', () => {
  const of = { Action: ['s3:GetObject', 's3:ListBucket'], Resource: ['arn:aws:s3:::photos', 'arn:aws:s3:::photos/*'] }
  const when = (Condition: object, known: Record<string, string[]> = {}) => judge([allow({ ...of, Condition })], { facts: facts(known) })
  assert.equal(when({ IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } }, { 'aws:sourceip': ['10.1.2.3'] }), 'allow')
  assert.equal(when({ IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } }, { 'aws:sourceip': ['11.1.2.3'] }), null)
  assert.equal(when({ NotIpAddress: { 'aws:SourceIp': ['10.0.0.0/8', '11.0.0.0/8'] } }, { 'aws:sourceip': ['12.0.0.1'] }), 'allow')
  assert.equal(when({ StringEquals: { 's3:prefix': '' } }), null)
  assert.equal(when({ StringNotEquals: { 's3:prefix': 'x' } }), 'allow')
  assert.equal(when({ StringEqualsIfExists: { 's3:prefix': 'x' } }), 'allow')
  assert.equal(when({ Null: { 's3:prefix': 'true' } }), 'allow')
  assert.equal(when({ Null: { 's3:prefix': true } }, { 's3:prefix': ['x'] }), null)
  assert.equal(when({ Bool: { 'aws:SecureTransport': false } }, { 'aws:securetransport': ['false'] }), 'allow')
  assert.equal(when({ NumericLessThanEquals: { 's3:max-keys': 10 } }, { 's3:max-keys': ['10'] }), 'allow')
  assert.equal(when({ NumericLessThanEquals: { 's3:max-keys': 10 } }, { 's3:max-keys': ['11'] }), null)
  const time = { 'aws:currenttime': ['2026-05-01T00:00:00Z'] }
  assert.equal(when({ DateGreaterThan: { 'aws:CurrentTime': '2026-01-01T00:00:00Z' } }, time), 'allow')
  assert.equal(when({ DateLessThan: { 'aws:CurrentTime': '2026-01-01T00:00:00Z' } }, time), null)
  assert.equal(when({ 'ForAllValues:StringLike': { 'aws:TagKeys': ['a*'] } }, { 'aws:tagkeys': ['ab', 'b'] }), null)
  assert.equal(when({ 'ForAnyValue:StringLike': { 'aws:TagKeys': ['a*'] } }, { 'aws:tagkeys': ['ab', 'b'] }), 'allow')
  assert.equal(
    when({ ArnLike: { 'aws:PrincipalArn': 'arn:aws:iam::*:user/*' } }, { 'aws:principalarn': ['arn:aws:iam::p1:user/x'] }),
    'allow',
  )
  assert.equal(when({ StringLike: { 's3:prefix': 'a*' }, Bool: { 'aws:SecureTransport': 'true' } }, { 's3:prefix': ['ab'] }), null)
})

test('addresses within ranges, of both families, written badly too', () => {
  assert.ok(addressWithin('192.168.1.7', '192.168.0.0/16'))
  assert.ok(addressWithin('::ffff:192.168.1.7', '192.168.1.7'))
  assert.ok(addressWithin('fd00::1', 'fd00::/8'))
  assert.ok(!addressWithin('192.168.1.7', 'fd00::/8'))
  for (const range of ['', 'x', '1.2.3.4/99', '1.2.3.4/-1', '1.2.3/8']) assert.ok(!addressWithin('1.2.3.4', range), range)
})

test('a policy is public when whoever asks is let in, and no condition names who', () => {
  const isPublic = (...statements: object[]) => policyIsPublic(policyRead(document(...statements), 'photos'))
  assert.ok(isPublic(allow()))
  assert.ok(!isPublic(allow({ Effect: 'Deny' })))
  assert.ok(!isPublic(allow({ Principal: { AWS: 'p1' } })))
  assert.ok(isPublic(allow({ Principal: { AWS: '*' } })))
  assert.ok(isPublic(allow({ NotPrincipal: { AWS: 'p1' }, Principal: undefined })))
  assert.ok(!isPublic(allow({ Condition: { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } } })))
  assert.ok(isPublic(allow({ Condition: { IpAddress: { 'aws:SourceIp': ['10.0.0.0/8', '0.0.0.0/0'] } } })))
  assert.ok(isPublic(allow({ Condition: { StringLike: { 'aws:userid': '*' } } })))
  assert.ok(isPublic(allow({ Condition: { StringLike: { 'aws:Referer': 'http://us/*' } } })))
  assert.ok(!isPublic(allow({ Condition: { StringEquals: { 'aws:PrincipalAccount': 'p1' } } })))
})

test('a policy whose patterns cost more steps than a request may lets nobody in', () => {
  for (const pattern of ['*${s3:prefix}b', '*?${s3:prefix}b', '${aws:Referer}'.repeat(30)]) {
    const document = {
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Principal: '*',
          Action: 's3:ListBucket',
          Resource: 'arn:aws:s3:::b',
          Condition: { StringLike: { 'aws:Referer': Array.from({ length: 300 }, () => pattern) } },
        },
      ],
    }
    const facts = (key: string) => ({ 's3:prefix': ['a'.repeat(4500)], 'aws:referer': ['a'.repeat(9500)] })[key]
    const verdict = policyJudge(policyRead(JSON.stringify(document), 'b'), {
      principal: null,
      action: 's3:ListBucket',
      resource: 'b',
      facts,
    })
    assert.equal(verdict, 'deny')
  }
})

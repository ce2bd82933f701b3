import assert from 'node:assert/strict'
import { test } from 'node:test'
import { S3Error } from '../errors.ts'
import { postPolicyCheck, postPolicyLength, postPolicyRead } from './policy.ts'

const encoded = (document: unknown) => Buffer.from(JSON.stringify(document)).toString('base64')
const read = (conditions: unknown, more: object = {}) =>
  postPolicyRead(encoded({ expiration: '2030-01-01T00:00:00Z', conditions, ...more }))
const errorOf = (act: () => unknown): S3Error => {
  try {
    act()
  } catch (error) {
    assert.ok(error instanceof S3Error)
    return error
  }
  return assert.fail('nothing was refused')
}

test('a policy that is not one is refused with what is wrong', () => {
  const said = (text: string) => errorOf(() => postPolicyRead(text)).message
  assert.match(said(''), /End-of-Input/)
  assert.match(said('invalid_base64'), /Base64/)
  assert.match(said(Buffer.from('invalid json').toString('base64')), /Invalid JSON/)
  assert.match(said(encoded({ conditions: [] })), /missing expiration/)
  assert.match(said(encoded({ expiration: '2030-01-01T00:00:00Z' })), /missing conditions/)
  assert.match(said(encoded({ expiration: 'invalid', conditions: [] })), /'expiration' value/)
  assert.match(said(encoded({ expiration: '2030-01-01T00:00:00Z', conditions: true })), /must be a List/)
  assert.match(errorOf(() => read([], { extra: 1 })).message, /Unexpected: "extra"/)
  for (const [condition, words] of [
    [true, /List or Object/],
    [[], /missing operation/],
    [['is', '$a', 'b'], /unknown operation 'is'/],
    [['eq', '$a', 'b', 'c'], /wrong number/],
    [['eq', false, 'b'], /Invalid JSON/],
    [['content-length-range', 1, false], /Invalid JSON/],
    [{ a: 'b', c: 'd' }, /exactly one/],
    [{ a: true }, /must be a string/],
  ] as const)
    assert.match(errorOf(() => read([condition])).message, words)
})

test('every field must be named and every condition met', () => {
  const fields = (more: Record<string, string> = {}) => new Map(Object.entries({ bucket: 'b', key: 'user/x', ...more }))
  const policy = read([{ bucket: 'b' }, ['starts-with', '$key', 'user/'], ['starts-with', '$Content-Type', 'image/']])
  const check = (more?: Record<string, string>, nowMs = 0) => postPolicyCheck(policy, fields(more), nowMs)
  check({ 'content-type': 'image/png', policy: 'x', 'x-amz-signature': 'y', 'x-ignore-me': 'z', file: '' })
  check({ 'content-type': 'image/png,image/gif' })
  assert.match(errorOf(() => check({ 'content-type': 'image/png,text/html' })).message, /Condition failed/)
  assert.match(errorOf(() => check()).message, /Condition failed/)
  assert.match(errorOf(() => check({ 'content-type': 'image/png', acl: 'public-read' })).message, /Extra input fields: acl/)
  assert.match(errorOf(() => check({ 'content-type': 'image/png', key: 'other/x' })).message, /\["starts-with","\$key","user\/"\]/)
  const late = errorOf(() => check({ 'content-type': 'image/png' }, Date.parse('2031-01-01')))
  assert.match(late.message, /expired/)
  assert.equal(late.code, 'AccessDenied')
})

test('the length that a file may have is what all conditions leave', () => {
  assert.deepEqual(
    postPolicyLength(
      read([
        ['content-length-range', 1, 10],
        ['content-length-range', '2', '20'],
      ]),
    ),
    { least: 2, most: 10 },
  )
  assert.equal(postPolicyLength(read([])).least, 0)
})

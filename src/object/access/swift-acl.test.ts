import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cleanAcl, isReferrerAllowed, parseAcl } from './swift-acl.ts'

const cleaned = (text: string, header = 'x-container-read') => cleanAcl(header, text)

test('an ACL is kept in its shortest form', () => {
  assert.deepEqual(cleaned('bob , sue,,'), { acl: 'bob,sue' })
  assert.deepEqual(cleaned('.referrer : *'), { acl: '.r:*' })
  assert.deepEqual(cleaned('.ref:*.example.com, .r:- thief.example.com, .rlistings'), {
    acl: '.r:.example.com,.r:-thief.example.com,.rlistings',
  })
  assert.deepEqual(cleaned('project:user,*:*,p:*'), { acl: 'project:user,*:*,p:*' })
  assert.deepEqual(cleaned(''), { acl: '' })
})

test('what is wrong in an ACL is said', () => {
  for (const wrong of ['.r:', '.r:-', '.r:.', '.x:y']) assert.ok('fault' in cleaned(wrong), wrong)
  assert.ok('fault' in cleaned('.r:*', 'x-container-write'))
})

test('what an ACL says: grantees with percent signs undone, referrers in order, listings', () => {
  assert.deepEqual(parseAcl('p%3A1:u,role,.r:*,.r:-.evil.org,.rlistings'), {
    grantees: ['p:1:u', 'role'],
    referrers: ['*', '-.evil.org'],
    listings: true,
  })
  assert.deepEqual(parseAcl(undefined), { grantees: [], referrers: [], listings: false })
  assert.deepEqual(parseAcl('50%').grantees, ['50%'])
})

test('the last referrer item that fits decides', () => {
  assert.equal(isReferrerAllowed(undefined, ['*']), true)
  assert.equal(isReferrerAllowed(undefined, ['example.com']), false)
  assert.equal(isReferrerAllowed('http://www.example.com/x', ['.example.com']), true)
  assert.equal(isReferrerAllowed('http://example.com/x', ['.example.com']), false)
  assert.equal(isReferrerAllowed('http://thief.example.com/', ['.example.com', '-thief.example.com']), false)
  assert.equal(isReferrerAllowed('http://thief.example.com/', ['-thief.example.com', '.example.com']), true)
  assert.equal(isReferrerAllowed('no url', ['*', '-.evil.org']), true)
  assert.equal(isReferrerAllowed('http://user@x.evil.org:80/', ['*', '-.evil.org']), false)
})

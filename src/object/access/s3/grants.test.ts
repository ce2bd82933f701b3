import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cannedGrants, grantsGive, grantsOf } from './grants.ts'
import { bucketGrantsOf, bucketGrantsSplit, containerAclsArePublic, objectGrantsOf } from './swift-acl.ts'
import { TagFault, tagPairsOf, tagsChecked } from './tags.ts'

test('a private ACL gives everything to its owner and nothing to others', () => {
  const grants = grantsOf({}, 'p1')
  assert.ok(grantsGive(grants, 'p1', 'WRITE_ACP'))
  assert.ok(!grantsGive(grants, 'p2', 'READ'))
  assert.ok(!grantsGive(grants, null, 'READ'))
})

test('canned ACLs say who is let in', () => {
  const canned = (name: string, on: 'bucket' | 'object' = 'object') => cannedGrants(name, { on, owner: 'p2', bucketOwner: 'p1' }) ?? []
  assert.ok(grantsGive(canned('public-read'), null, 'READ'))
  assert.ok(!grantsGive(canned('public-read'), null, 'WRITE'))
  assert.ok(grantsGive(canned('public-read-write', 'bucket'), null, 'WRITE'))
  assert.ok(!grantsGive(canned('authenticated-read'), null, 'READ'))
  assert.ok(grantsGive(canned('authenticated-read'), 'p9', 'READ'))
  assert.ok(grantsGive(canned('bucket-owner-full-control'), 'p1', 'WRITE_ACP'))
  assert.equal(canned('bucket-owner-full-control', 'bucket').length, 1)
  assert.equal(cannedGrants('constructor', { on: 'object', owner: 'p1', bucketOwner: 'p1' }), undefined)
})

test('what Swift opened is a grant in S3', () => {
  assert.deepEqual(bucketGrantsOf({ read: '.r:*,.rlistings' }), [{ grantee: 'AllUsers', permission: 'READ' }])
  assert.deepEqual(bucketGrantsOf({ read: '.r:*' }), [])
  assert.deepEqual(objectGrantsOf({ read: '.r:*' }), [{ grantee: 'AllUsers', permission: 'READ' }])
  assert.deepEqual(bucketGrantsOf({ read: 'p2:*,p3:u3,role', write: '*:*' }), [
    { grantee: 'p2', permission: 'READ' },
    { grantee: 'AuthenticatedUsers', permission: 'WRITE' },
  ])
  assert.ok(containerAclsArePublic({ read: '.r:*' }))
  assert.ok(containerAclsArePublic({ read: '.r:.example.com' }))
  assert.ok(containerAclsArePublic({ write: '*:*' }))
  assert.ok(!containerAclsArePublic({ read: 'p2:*,.r:-bad.example.com', write: 'p2:u' }))
})

test('grants of S3 that Swift can say stand in its ACLs, the rest beside them, and what no grant can say stays', () => {
  const split = bucketGrantsSplit(
    [
      { grantee: 'p1', permission: 'FULL_CONTROL' },
      { grantee: 'AllUsers', permission: 'READ' },
      { grantee: 'AllUsers', permission: 'WRITE' },
      { grantee: 'p2', permission: 'WRITE' },
    ],
    { read: 'p9:*,p3:u3,role,.r:.example.com', write: 'role' },
  )
  assert.equal(split.read, 'p3:u3,role,.r:.example.com,.r:*,.rlistings')
  assert.equal(split.write, 'role,p2:*')
  assert.deepEqual(split.rest, [
    { grantee: 'p1', permission: 'FULL_CONTROL' },
    { grantee: 'AllUsers', permission: 'WRITE' },
  ])
  assert.deepEqual(bucketGrantsSplit([], { read: '.r:*,.rlistings,p2:*', write: '*:*' }), { read: '', write: '', rest: [] })
})

test('tags: how many, how long, which characters', () => {
  assert.deepEqual(
    tagsChecked(
      [
        ['a', 'b'],
        ['ключ', 'значение 1'],
      ],
      'object',
    ),
    { a: 'b', ключ: 'значение 1' },
  )
  const code = (pairs: [string, string][], on: 'bucket' | 'object' = 'object') => {
    try {
      tagsChecked(pairs, on)
      return null
    } catch (error) {
      assert.ok(error instanceof TagFault)
      return error.code
    }
  }
  const many = (count: number) => Array.from({ length: count }, (_, index): [string, string] => [`k${index}`, ''])
  assert.equal(code(many(10)), null)
  assert.equal(code(many(11)), 'BadRequest')
  assert.equal(code(many(50), 'bucket'), null)
  assert.equal(code(many(51), 'bucket'), 'BadRequest')
  assert.equal(code([['', 'x']]), 'InvalidTag')
  assert.equal(code([['a'.repeat(129), 'x']]), 'InvalidTag')
  assert.equal(code([['a', 'x'.repeat(257)]]), 'InvalidTag')
  assert.equal(
    code([
      ['a', '1'],
      ['a', '2'],
    ]),
    'InvalidTag',
  )
  assert.equal(code([['aws:x', '1']]), 'InvalidTag')
  assert.equal(code([['a!', '1']]), 'InvalidTag')
})

test('tags in a header are URL-encoded pairs', () => {
  assert.deepEqual(tagPairsOf('a=b&c&d=e%20f+g'), [
    ['a', 'b'],
    ['c', ''],
    ['d', 'e f g'],
  ])
  assert.deepEqual(tagPairsOf(''), [])
  assert.throws(() => tagPairsOf('a=%zz'), TagFault)
})

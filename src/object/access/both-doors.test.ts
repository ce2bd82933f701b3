// What S3 sets of a bucket and its objects holds at Swift's door too: an object that is private in S3 is private in Swift.
import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { startSwift, type SwiftCloud } from '../../../test/support/swift.ts'
import { containerUpdate, engineOf, objectUpdate, type Engine } from '../engine/index.ts'
import type { Acl } from './s3/grants.ts'
import type { AccessSettings } from './s3/settings.ts'

let swift: SwiftCloud
let engine: Engine
const by = { userId: null, projectId: null, requestId: 'test' }
const bucket = { account: 'p1', container: 'c', name: 'o' }

before(async () => {
  swift = await startSwift()
  engine = engineOf(swift.cloud.platform)
  await swift.call('PUT', '/AUTH_p1/c')
  await swift.call('PUT', '/AUTH_p1/c/o', { body: 'x' })
})
after(() => swift.stop())
beforeEach(async () => {
  await set({ policy: null, acl: null, publicAccess: null, ownership: null })
  await own(null)
  await acl({ 'X-Container-Read': '', 'X-Container-Write': '' })
})

const set = (settings: { [Name in keyof AccessSettings]?: AccessSettings[Name] | null }) =>
  containerUpdate(engine, { by, account: 'p1', name: 'c', settings })
const own = (value: Acl | null) =>
  objectUpdate(engine, {
    by,
    ...bucket,
    change: ({ system: { acl: _acl, ...rest } }) => ({ system: value ? { ...rest, acl: value } : rest }),
  })
const acl = (headers: Record<string, string>) => swift.call('POST', '/AUTH_p1/c', { headers })
const get = async (as: string | null, path = '/c/o', method = 'GET') =>
  (await swift.call(method, `/AUTH_p1${path}`, { as, ...(method === 'PUT' && { body: '' }) })).status
const policy = (...statements: object[]): string => JSON.stringify({ Version: '2012-10-17', Statement: statements })
const statement = (more: object) => ({ Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: 'arn:aws:s3:::c/*', ...more })
const blocked = { blockPublicAcls: true, ignorePublicAcls: true, blockPublicPolicy: true, restrictPublicBuckets: true }

test('a bucket policy lets in and keeps out at both doors', async () => {
  assert.equal(await get(null), 401)
  await set({ policy: policy(statement({})) })
  assert.equal(await get(null), 200)
  assert.equal(await get(null, '/c'), 401, 'to read is not to list')
  await set({ policy: policy(statement({ Principal: { AWS: 'arn:aws:iam::p2:root' } })) })
  assert.deepEqual([await get(null), await get('member@p2'), await get('nothing@p2'), await get('member@p3')], [401, 200, 403, 403])
  await set({ policy: policy(statement({ Effect: 'Deny', Principal: { AWS: 'p1' } })) })
  assert.equal(await get('member@p1'), 403, 'a denial holds for the owner too')
  assert.equal(await get('member@p1', '/c/new', 'PUT'), 201)
  await set({ policy: policy(statement({ Condition: { IpAddress: { 'aws:SourceIp': '127.0.0.0/8' } } })) })
  assert.equal(await get(null), 200)
  await set({ policy: policy(statement({ Condition: { Bool: { 'aws:SecureTransport': 'true' } } })) })
  assert.equal(await get(null), 401)
})

test('a public access block makes public ACLs and policies void, and refuses new ones', async () => {
  await acl({ 'X-Container-Read': '.r:*,.rlistings,p2:*' })
  assert.deepEqual([await get(null), await get(null, '/c'), await get('member@p2')], [200, 200, 200])
  await set({ publicAccess: blocked })
  assert.deepEqual([await get(null), await get(null, '/c'), await get('member@p2')], [401, 401, 200])
  assert.equal((await acl({ 'X-Container-Read': '.r:*' })).status, 403)
  assert.equal((await acl({ 'X-Container-Read': 'p2:*' })).status, 204)
  await set({ policy: policy(statement({})) })
  assert.deepEqual([await get(null), await get('member@p3')], [401, 403])
})

test('an object with an ACL of its own is private in a public container, where ACLs are enabled', async () => {
  await acl({ 'X-Container-Read': '.r:*,.rlistings,p2:*' })
  await own({})
  assert.equal(await get(null), 200, 'without ACLs the owner’s container speaks for all')
  await set({ ownership: 'ObjectWriter' })
  assert.deepEqual([await get(null), await get('member@p2'), await get('member@p1')], [401, 403, 200])
  await own({ grants: [{ grantee: 'AllUsers', permission: 'READ' }] })
  assert.equal(await get(null), 200)
  await own({ grants: [{ grantee: 'p3', permission: 'READ' }] })
  assert.deepEqual([await get('member@p3'), await get('member@p2')], [200, 403])
  await own({ grants: [{ grantee: 'AuthenticatedUsers', permission: 'READ' }] })
  assert.deepEqual([await get('member@p2'), await get(null)], [200, 401])
  await set({ publicAccess: blocked })
  assert.equal(await get('member@p2'), 403)
})

test('what no ACL of Swift can say of a bucket is granted to Swift’s users all the same', async () => {
  await set({ ownership: 'ObjectWriter', acl: { grants: [{ grantee: 'AllUsers', permission: 'WRITE' }] } })
  assert.equal(await get(null, '/c/anybodys', 'PUT'), 201)
  await set({ ownership: 'BucketOwnerEnforced' })
  assert.equal(await get(null, '/c/anybodys', 'PUT'), 401)
})

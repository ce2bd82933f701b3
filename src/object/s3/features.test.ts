// What of S3 is set of buckets and objects, from outside: versions, ACLs, policies, blocks, CORS, tags, encryption, attributes.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, before, test } from 'node:test'
import { startS3Cloud, type S3Client, type S3Cloud } from '../../../test/support/s3.ts'

let cloud: S3Cloud
let own: S3Client
let other: S3Client
let swiftPort: number
before(async () => {
  cloud = await startS3Cloud()
  swiftPort = await cloud.app.listen({ address: '127.0.0.1', port: 0 })
  own = await cloud.client('own')
  other = await cloud.client('other')
})
after(() => cloud.stop())

const bucket = async (name: string, headers: Record<string, string> = {}): Promise<string> => {
  const made = await own.ask('PUT', `/${name}`, { headers })
  assert.equal(made.status, 200, made.text)
  return name
}
const inner = (text: string, name: string): string[] =>
  [...text.matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, 'g'))].map(([, value]) => value ?? '')
const put = (target: string, body: string, headers: Record<string, string> = {}) => own.ask('PUT', target, { body, headers })
const open = (name: string) => own.ask('DELETE', `/${name}?publicAccessBlock`)
/** At Swift's door. */
async function swift(method: string, path: string, token?: string, headers: Record<string, string> = {}) {
  const answer = await fetch(`http://127.0.0.1:${swiftPort}/object/v1/AUTH_${own.projectId}${path}`, {
    method,
    headers: { ...headers, ...(token !== undefined && { 'x-auth-token': token }) },
  })
  await answer.arrayBuffer()
  return { status: answer.status, header: (name: string) => answer.headers.get(name) }
}
const anonymous = async (target: string, method = 'GET') => (await own.ask(method, target, { anonymous: true })).status

test('versions: markers hide, versions come back by id, and lists show all, newest first', async () => {
  await bucket('versions')
  assert.equal(inner((await own.ask('GET', '/versions?versioning')).text, 'Status').length, 0)
  assert.equal((await put('/versions/k', 'null')).headers['x-amz-version-id'], undefined)
  const versioning = (status: string) =>
    put('/versions?versioning', `<VersioningConfiguration><Status>${status}</Status></VersioningConfiguration>`)
  assert.equal((await versioning('Enabled')).status, 200)
  assert.deepEqual(inner((await own.ask('GET', '/versions?versioning')).text, 'Status'), ['Enabled'])
  const one = (await put('/versions/k', 'one')).headers['x-amz-version-id']
  const two = (await put('/versions/k', 'two')).headers['x-amz-version-id']
  assert.ok(one && two && one !== two)
  assert.equal((await own.ask('GET', `/versions/k?versionId=${one}`)).text, 'one')
  assert.equal((await own.ask('GET', '/versions/k?versionId=null')).text, 'null')
  const gone = await own.ask('DELETE', '/versions/k')
  const marker = gone.headers['x-amz-version-id']
  assert.equal(gone.headers['x-amz-delete-marker'], 'true')
  const missing = await own.ask('GET', '/versions/k')
  assert.deepEqual([missing.status, missing.headers['x-amz-delete-marker']], [404, 'true'])
  assert.equal((await own.ask('GET', `/versions/k?versionId=${marker}`)).status, 405)
  const all = (await own.ask('GET', '/versions?versions')).text
  assert.deepEqual(inner(all, 'VersionId'), [marker, two, one, 'null'])
  assert.deepEqual(inner(all, 'IsLatest'), ['true', 'false', 'false', 'false'])
  const page = (await own.ask('GET', '/versions?versions&max-keys=2')).text
  assert.deepEqual([inner(page, 'NextKeyMarker'), inner(page, 'NextVersionIdMarker')], [['k'], [two]])
  const rest = (await own.ask('GET', `/versions?versions&key-marker=k&version-id-marker=${two}`)).text
  assert.deepEqual(inner(rest, 'VersionId'), [one, 'null'])
  assert.equal((await own.ask('DELETE', `/versions/k?versionId=${marker}`)).headers['x-amz-delete-marker'], 'true')
  assert.equal((await own.ask('GET', '/versions/k')).text, 'two')
  await versioning('Suspended')
  assert.equal((await put('/versions/k', 'suspended')).headers['x-amz-version-id'], 'null')
  assert.deepEqual(inner((await own.ask('GET', '/versions?versions')).text, 'VersionId'), ['null', two, one])
  assert.equal((await versioning('enabled')).code, 'MalformedXML')
})

test('a new bucket belongs to its owner alone: ACLs are off, and nothing public is taken', async () => {
  await bucket('fresh')
  assert.deepEqual(inner((await own.ask('GET', '/fresh?ownershipControls')).text, 'ObjectOwnership'), ['BucketOwnerEnforced'])
  assert.deepEqual(inner((await own.ask('GET', '/fresh?publicAccessBlock')).text, 'BlockPublicAcls'), ['true'])
  assert.equal((await put('/fresh?acl', '', { 'x-amz-acl': 'public-read' })).code, 'AccessControlListNotSupported')
  assert.equal((await put('/fresh/k', 'x', { 'x-amz-acl': 'public-read' })).code, 'AccessControlListNotSupported')
  const open = {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: 'arn:aws:s3:::fresh/*' }],
  }
  assert.equal((await put('/fresh?policy', JSON.stringify(open))).code, 'AccessDenied')
  assert.equal((await own.ask('PUT', '/public', { headers: { 'x-amz-acl': 'public-read' } })).code, 'InvalidBucketAclWithObjectOwnership')
  const headers = { 'x-amz-acl': 'public-read', 'x-amz-object-ownership': 'ObjectWriter' }
  assert.equal((await own.ask('PUT', '/public', { headers })).code, 'InvalidBucketAclWithBlockPublicAccessError')
})

test('ACLs of a bucket are X-Container-Read and -Write at Swift’s door, both ways', async () => {
  await bucket('acls', { 'x-amz-object-ownership': 'ObjectWriter' })
  await open('acls')
  await put('/acls/private', 'x')
  await put('/acls/shown', 'x', { 'x-amz-acl': 'public-read' })
  assert.deepEqual([await anonymous('/acls'), await anonymous('/acls/private'), await anonymous('/acls/shown')], [403, 403, 200])
  assert.equal((await put('/acls?acl', '', { 'x-amz-acl': 'public-read' })).status, 200)
  assert.deepEqual([await anonymous('/acls'), await anonymous('/acls/private'), await anonymous('/acls/shown')], [200, 403, 200])
  const token = await cloud.token({ id: own.userId }, { project: { id: own.projectId } })
  assert.equal((await swift('HEAD', '/acls', token)).header('x-container-read'), '.r:*,.rlistings')
  assert.deepEqual(
    [(await swift('GET', '/acls')).status, (await swift('GET', '/acls/private')).status, (await swift('GET', '/acls/shown')).status],
    [200, 401, 200],
  )
  await swift('POST', '/acls', token, { 'x-container-read': `${other.projectId}:*` })
  const text = (await own.ask('GET', '/acls?acl')).text
  assert.deepEqual(inner(text, 'ID'), [own.projectId, own.projectId, other.projectId])
  assert.deepEqual(inner(text, 'Permission'), ['FULL_CONTROL', 'READ'])
  assert.deepEqual([(await other.ask('GET', '/acls')).status, await anonymous('/acls')], [200, 403])
  await put('/acls?acl', '', { 'x-amz-acl': 'private' })
  assert.equal((await swift('HEAD', '/acls', token)).header('x-container-read'), null)
  assert.equal((await other.ask('GET', '/acls')).status, 403)
})

test('ACLs come in headers, as canned ones or as XML, one of them at a time, for accounts that there are', async () => {
  await bucket('acl-forms', { 'x-amz-object-ownership': 'BucketOwnerPreferred' })
  await open('acl-forms')
  const canned = { 'x-amz-acl': 'private' }
  assert.equal((await put('/acl-forms?acl', '', { ...canned, 'x-amz-grant-read': `id=${own.projectId}` })).code, 'InvalidRequest')
  assert.equal((await put('/acl-forms?acl', '', { 'x-amz-grant-read': 'id=nobody' })).code, 'InvalidArgument')
  assert.equal((await put('/acl-forms?acl', '', { 'x-amz-acl': 'constructor' })).code, 'InvalidArgument')
  assert.equal((await put('/acl-forms?acl', '')).code, 'MissingSecurityHeader')
  const grantee = `<Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="CanonicalUser"><ID>${other.projectId}</ID></Grantee>`
  const document = (owner: string, permission = 'FULL_CONTROL') =>
    `<AccessControlPolicy><Owner><ID>${owner}</ID></Owner><AccessControlList><Grant>${grantee}<Permission>${permission}</Permission></Grant></AccessControlList></AccessControlPolicy>`
  assert.equal((await put('/acl-forms?acl', document(own.projectId), canned)).code, 'UnexpectedContent')
  assert.equal((await put('/acl-forms?acl', document(own.projectId, 'ALL'))).code, 'MalformedACLError')
  assert.equal((await put('/acl-forms?acl', document(other.projectId))).code, 'AccessDenied')
  assert.equal((await put('/acl-forms?acl', document(own.projectId))).status, 200)
  assert.equal((await other.ask('GET', '/acl-forms?acl')).status, 200, 'full control reads the ACL')
  assert.equal((await other.ask('PUT', '/acl-forms/theirs', { body: 'x' })).status, 200)
  assert.deepEqual(inner((await own.ask('GET', '/acl-forms/theirs?acl')).text, 'ID')[0], other.projectId)
  const enforced = '<OwnershipControls><Rule><ObjectOwnership>BucketOwnerEnforced</ObjectOwnership></Rule></OwnershipControls>'
  assert.equal((await put('/acl-forms?ownershipControls', enforced)).code, 'InvalidBucketAclWithObjectOwnership')
  await put('/acl-forms?acl', '', canned)
  assert.equal((await put('/acl-forms?ownershipControls', enforced)).status, 200)
  assert.equal((await other.ask('PUT', '/acl-forms/theirs', { body: 'x' })).status, 403)
  assert.equal((await own.ask('DELETE', '/acl-forms?ownershipControls')).status, 204)
  assert.equal((await own.ask('GET', '/acl-forms?ownershipControls')).code, 'OwnershipControlsNotFoundError')
})

test('a bucket policy is kept as it was sent, and asked at every request', async () => {
  await bucket('policies')
  await open('policies')
  await put('/policies/k', 'x')
  assert.equal((await own.ask('GET', '/policies?policy')).code, 'NoSuchBucketPolicy')
  const document = (more: object) =>
    JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: 'arn:aws:s3:::policies/*', ...more }],
    })
  assert.equal((await put('/policies?policy', '{')).code, 'MalformedPolicy')
  assert.equal((await put('/policies?policy', document({ Principal: { AWS: 'arn:aws:iam::nobody:root' } }))).code, 'MalformedPolicy')
  assert.equal((await put('/policies?policy', document({}))).status, 204)
  assert.equal((await own.ask('GET', '/policies?policy')).text, document({}))
  assert.deepEqual(inner((await own.ask('GET', '/policies?policyStatus')).text, 'IsPublic'), ['TRUE'])
  assert.deepEqual([await anonymous('/policies/k'), await anonymous('/policies')], [200, 403])
  await put(
    '/policies?policy',
    document({ Principal: { AWS: other.projectId }, Action: ['s3:*'], Resource: ['arn:aws:s3:::policies', 'arn:aws:s3:::policies/*'] }),
  )
  assert.deepEqual([await anonymous('/policies/k'), (await other.ask('GET', '/policies')).status], [403, 200])
  await put(
    '/policies?policy',
    document({ Action: 's3:ListBucket', Resource: 'arn:aws:s3:::policies', Condition: { StringLike: { 's3:prefix': 'a*' } } }),
  )
  assert.deepEqual([await anonymous('/policies?prefix=ab'), await anonymous('/policies?prefix=b')], [200, 403])
  await put(
    '/policies?policy',
    document({ Effect: 'Deny', Action: 's3:*', Resource: ['arn:aws:s3:::policies', 'arn:aws:s3:::policies/*'] }),
  )
  assert.equal((await own.ask('GET', '/policies/k')).status, 403)
  assert.equal((await own.ask('DELETE', '/policies?policy')).status, 204, 'whoever owns the bucket can always mend it')
  assert.equal((await own.ask('GET', '/policies/k')).status, 200)
})

test('nobody else reads or changes what is set of a bucket', async () => {
  await bucket('mine')
  await put('/mine/k', 'x')
  for (const word of [
    'acl',
    'policy',
    'cors',
    'tagging',
    'versioning',
    'lifecycle',
    'website',
    'encryption',
    'object-lock',
    'publicAccessBlock',
    'ownershipControls',
    'versions',
    'policyStatus',
  ]) {
    assert.equal((await other.ask('GET', `/mine?${word}`)).status, 403, word)
    assert.equal(await anonymous(`/mine?${word}`), 403, word)
  }
  for (const word of ['acl', 'tagging', 'retention', 'legal-hold'])
    assert.equal((await other.ask('GET', `/mine/k?${word}`)).status, 403, word)
  for (const word of ['acl', 'tagging', 'retention', 'legal-hold'])
    assert.equal((await other.ask('PUT', `/mine/k?${word}`)).status, 403, word)
})

test('tags of buckets and objects, of versions too', async () => {
  await bucket('tags')
  const document = (...pairs: [string, string][]) =>
    `<Tagging><TagSet>${pairs.map(([key, value]) => `<Tag><Key>${key}</Key><Value>${value}</Value></Tag>`).join('')}</TagSet></Tagging>`
  assert.equal((await own.ask('GET', '/tags?tagging')).code, 'NoSuchTagSet')
  assert.equal((await put('/tags?tagging', document(['a', 'b']))).status, 204)
  assert.deepEqual(inner((await own.ask('GET', '/tags?tagging')).text, 'Key'), ['a'])
  assert.equal((await own.ask('DELETE', '/tags?tagging')).status, 204)
  assert.equal((await put('/tags/k', 'x', { 'x-amz-tagging': 'one=1&two=2%2B' })).status, 200)
  assert.deepEqual(inner((await own.ask('GET', '/tags/k?tagging')).text, 'Value'), ['1', '2+'])
  assert.equal((await own.ask('HEAD', '/tags/k')).headers['x-amz-tagging-count'], '2')
  await put('/tags/copy', '', { 'x-amz-copy-source': '/tags/k' })
  assert.deepEqual(inner((await own.ask('GET', '/tags/copy?tagging')).text, 'Key'), ['one', 'two'])
  await put('/tags/copy', '', { 'x-amz-copy-source': '/tags/k', 'x-amz-tagging-directive': 'REPLACE', 'x-amz-tagging': 'three=3' })
  assert.deepEqual(inner((await own.ask('GET', '/tags/copy?tagging')).text, 'Key'), ['three'])
  assert.equal((await put('/tags/k?tagging', document(['x', '1'], ['x', '2']))).code, 'InvalidTag')
  assert.equal((await put('/tags/k?tagging', document(['x', '1']))).status, 200)
  assert.equal((await own.ask('DELETE', '/tags/k?tagging')).status, 204)
  assert.deepEqual(inner((await own.ask('GET', '/tags/k?tagging')).text, 'Key'), [])
  assert.equal((await own.ask('GET', '/tags/none?tagging')).code, 'NoSuchKey')
})

test('CORS: rules, preflight without credentials, headers on answers and errors, one setting with Swift’s', async () => {
  await bucket('cors')
  await put('/cors/k', 'x')
  const preflight = (headers: Record<string, string>) => own.ask('OPTIONS', '/cors/k', { anonymous: true, unsigned: headers })
  const asking = { origin: 'http://a.example', 'access-control-request-method': 'PUT' }
  assert.equal((await preflight(asking)).code, 'AccessForbidden')
  assert.equal((await own.ask('GET', '/cors?cors')).code, 'NoSuchCORSConfiguration')
  const rule = (origin: string, method = 'PUT') =>
    `<CORSConfiguration><CORSRule><AllowedOrigin>${origin}</AllowedOrigin><AllowedMethod>${method}</AllowedMethod><AllowedMethod>GET</AllowedMethod><AllowedHeader>x-amz-*</AllowedHeader><ExposeHeader>ETag</ExposeHeader><MaxAgeSeconds>60</MaxAgeSeconds></CORSRule></CORSConfiguration>`
  assert.match((await put('/cors?cors', rule('http://*.*'))).text, /more than one wildcard/)
  assert.match((await put('/cors?cors', rule('*', 'PATCH'))).text, /Unsupported method is PATCH/)
  assert.equal((await put('/cors?cors', rule('http://*.example'))).status, 200)
  const allowed = await preflight({ ...asking, 'access-control-request-headers': 'X-Amz-Date' })
  assert.deepEqual(
    [
      allowed.status,
      ...['origin', 'methods', 'headers'].map((name) => allowed.headers[`access-control-allow-${name}`]),
      allowed.headers['access-control-max-age'],
    ],
    [200, 'http://a.example', 'PUT, GET', 'x-amz-date', '60'],
  )
  assert.equal((await preflight({ ...asking, 'access-control-request-headers': 'Authorization' })).code, 'AccessForbidden')
  assert.equal((await preflight({ ...asking, origin: 'http://elsewhere' })).code, 'AccessForbidden')
  const refused = await own.ask('GET', '/cors/none', { unsigned: { origin: 'http://a.example' } })
  assert.deepEqual([refused.status, refused.headers['access-control-allow-origin']], [404, 'http://a.example'])
  assert.equal(
    (await own.ask('GET', '/cors/k', { unsigned: { origin: 'http://elsewhere' } })).headers['access-control-allow-origin'],
    undefined,
  )
  const token = await cloud.token({ id: own.userId }, { project: { id: own.projectId } })
  assert.equal((await swift('HEAD', '/cors', token)).header('x-container-meta-access-control-allow-origin'), 'http://*.example')
  await swift('POST', '/cors', token, { 'x-container-meta-access-control-allow-origin': 'http://swift.example' })
  assert.deepEqual(inner((await own.ask('GET', '/cors?cors')).text, 'AllowedOrigin'), ['http://swift.example'])
  assert.equal((await preflight({ ...asking, origin: 'http://swift.example' })).status, 200)
  assert.equal((await own.ask('DELETE', '/cors?cors')).status, 204)
  assert.equal((await own.ask('GET', '/cors?cors')).code, 'NoSuchCORSConfiguration')
})

test('SSE-C: the key comes with every request and is never kept; SSE-S3 is the cloud’s business', async () => {
  await bucket('secret')
  const key = (letter: string, prefix = 'x-amz-server-side-encryption-customer-') => {
    const raw = Buffer.alloc(32, letter)
    return {
      [`${prefix}algorithm`]: 'AES256',
      [`${prefix}key`]: raw.toString('base64'),
      [`${prefix}key-md5`]: createHash('md5').update(raw).digest('base64'),
    }
  }
  const written = await put('/secret/k', 'hidden', key('a'))
  assert.deepEqual([written.status, written.headers['x-amz-server-side-encryption-customer-algorithm']], [200, 'AES256'])
  assert.equal((await own.ask('GET', '/secret/k')).code, 'InvalidRequest')
  assert.equal((await own.ask('HEAD', '/secret/k')).status, 400)
  assert.equal((await own.ask('GET', '/secret/k', { headers: key('b') })).code, 'AccessDenied')
  assert.equal((await own.ask('GET', '/secret/k', { headers: key('a') })).text, 'hidden')
  assert.equal((await own.ask('GET', '/secret/k', { headers: { ...key('a'), range: 'bytes=1-3' } })).text, 'idd')
  const { 'x-amz-server-side-encryption-customer-key-md5': _md5, ...partial } = key('a')
  assert.equal((await put('/secret/k', 'x', partial)).code, 'InvalidArgument')
  const source = key('a', 'x-amz-copy-source-server-side-encryption-customer-')
  assert.equal((await put('/secret/copy', '', { 'x-amz-copy-source': '/secret/k' })).code, 'InvalidRequest')
  assert.equal((await put('/secret/copy', '', { 'x-amz-copy-source': '/secret/k', ...source, ...key('c') })).status, 200)
  assert.equal((await own.ask('GET', '/secret/copy', { headers: key('c') })).text, 'hidden')
  assert.equal((await put('/secret/plain', '', { 'x-amz-copy-source': '/secret/k', ...source })).status, 200)
  assert.equal((await own.ask('GET', '/secret/plain')).text, 'hidden')
  assert.equal((await put('/secret/kms', 'x', { 'x-amz-server-side-encryption': 'aws:kms' })).code, 'NotImplemented')
  assert.equal((await own.ask('GET', '/secret?encryption')).code, 'ServerSideEncryptionConfigurationNotFoundError')
  const rule =
    '<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm></ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>'
  assert.equal((await put('/secret?encryption', rule)).status, 200)
  await put('/secret/by-default', 'x')
  const read = await own.ask('GET', '/secret/by-default')
  assert.deepEqual([read.text, read.headers['x-amz-server-side-encryption']], ['x', 'AES256'])
})

test('SSE-C of an upload in parts: every part brings the key', async () => {
  await bucket('parts')
  const raw = Buffer.alloc(32, 'k')
  const headers = {
    'x-amz-server-side-encryption-customer-algorithm': 'AES256',
    'x-amz-server-side-encryption-customer-key': raw.toString('base64'),
    'x-amz-server-side-encryption-customer-key-md5': createHash('md5').update(raw).digest('base64'),
  }
  const [id] = inner((await own.ask('POST', '/parts/k?uploads', { headers })).text, 'UploadId')
  assert.equal((await own.ask('PUT', `/parts/k?uploadId=${id}&partNumber=1`, { body: 'x' })).code, 'InvalidRequest')
  const part = await own.ask('PUT', `/parts/k?uploadId=${id}&partNumber=1`, { body: 'x', headers })
  const list = `<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>${part.headers.etag}</ETag></Part></CompleteMultipartUpload>`
  assert.equal((await own.ask('POST', `/parts/k?uploadId=${id}`, { body: list, headers })).status, 200)
  assert.equal((await own.ask('GET', '/parts/k', { headers })).text, 'x')
  assert.equal((await own.ask('GET', '/parts/k')).code, 'InvalidRequest')
})

test('a rename moves the row, the source is gone', async () => {
  await bucket('rename')
  await put('/rename/a', 'x')
  assert.equal((await put('/rename/b?renameObject', '', { 'x-amz-rename-source': '/rename/a' })).status, 200)
  assert.deepEqual([(await own.ask('GET', '/rename/b')).text, (await own.ask('GET', '/rename/a')).status], ['x', 404])
  assert.equal((await put('/rename/c?renameObject', '', { 'x-amz-rename-source': '/rename/none' })).code, 'NoSuchKey')
  await put('/rename/c', 'y')
  assert.equal(
    (await put('/rename/c?renameObject', '', { 'x-amz-rename-source': '/rename/b', 'if-none-match': '*' })).code,
    'PreconditionFailed',
  )
  assert.equal((await other.ask('PUT', '/rename/c?renameObject', { headers: { 'x-amz-rename-source': '/rename/b' } })).status, 403)
})

test('attributes of an object are what was asked for', async () => {
  await bucket('attributes')
  await put('/attributes/k', 'hello')
  const ask = (names: string) => own.ask('GET', '/attributes/k?attributes', { headers: { 'x-amz-object-attributes': names } })
  const text = (await ask('ETag,ObjectSize,StorageClass,Checksum')).text
  assert.deepEqual(
    [inner(text, 'ETag'), inner(text, 'ObjectSize'), inner(text, 'StorageClass')],
    [['5d41402abc4b2a76b9719d911017c592'], ['5'], ['STANDARD']],
  )
  assert.match(text, /<ChecksumCRC64NVME>/)
  assert.equal((await ask('ETag,Nonsense')).code, 'InvalidArgument')
  assert.equal((await ask('')).code, 'InvalidRequest')
})

test('what is not built says so', async () => {
  await bucket('unbuilt')
  for (const word of [
    'accelerate',
    'analytics',
    'inventory',
    'logging',
    'metrics',
    'notification',
    'replication',
    'requestPayment',
    'intelligent-tiering',
  ])
    assert.equal((await own.ask('GET', `/unbuilt?${word}`)).status, 501, word)
  assert.equal((await put('/unbuilt?website', '<WebsiteConfiguration/>')).status, 501)
  assert.equal((await own.ask('GET', '/unbuilt?website')).code, 'NoSuchWebsiteConfiguration')
  await put('/unbuilt/k', 'x')
  for (const word of ['torrent']) assert.equal((await own.ask('GET', `/unbuilt/k?${word}`)).status, 501, word)
  for (const word of ['restore', 'select&select-type=2']) assert.equal((await own.ask('POST', `/unbuilt/k?${word}`)).status, 501, word)
})

// Object lock, lifecycles and websites' headers, from outside.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startS3Cloud, type S3Client, type S3Cloud } from '../../../test/support/s3.ts'
import { lifecyclesKeep } from '../lifecycle/work/keep-rules.ts'

let cloud: S3Cloud
let own: S3Client
before(async () => {
  cloud = await startS3Cloud()
  own = await cloud.client('own')
})
after(() => cloud.stop())

const inner = (text: string, name: string): string[] =>
  [...text.matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, 'g'))].map(([, value]) => value ?? '')
const put = (target: string, body: string, headers: Record<string, string> = {}) => own.ask('PUT', target, { body, headers })
const dayMs = 86_400_000
const inDays = (days: number): string => new Date(cloud.clock.nowMs() + days * dayMs).toISOString()
const retention = (mode: string, until: string) => `<Retention><Mode>${mode}</Mode><RetainUntilDate>${until}</RetainUntilDate></Retention>`
const bypass = { 'x-amz-bypass-governance-retention': 'true' }
const id = (headers: Record<string, string | string[] | undefined>) => String(headers['x-amz-version-id'])

test('a lock is for buckets that have versions, and what it holds is not deleted', async () => {
  await put('/plain', '')
  await put('/plain/k', 'x')
  assert.equal((await own.ask('GET', '/plain?object-lock')).code, 'ObjectLockConfigurationNotFoundError')
  const locking = (rule = '') => `<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled>${rule}</ObjectLockConfiguration>`
  assert.equal((await put('/plain?object-lock', locking())).code, 'InvalidBucketState')
  assert.equal((await put('/plain/k?retention', retention('GOVERNANCE', inDays(1)))).code, 'InvalidRequest')
  assert.equal((await put('/plain/k', 'x', { 'x-amz-object-lock-legal-hold': 'ON' })).code, 'InvalidRequest')
  assert.equal((await put('/locked', '', { 'x-amz-bucket-object-lock-enabled': 'true' })).status, 200)
  assert.deepEqual(inner((await own.ask('GET', '/locked?versioning')).text, 'Status'), ['Enabled'])
  const off = '<VersioningConfiguration><Status>Suspended</Status></VersioningConfiguration>'
  assert.equal((await put('/locked?versioning', off)).code, 'InvalidBucketState')
  const version = id((await put('/locked/k', 'x')).headers)
  assert.equal((await own.ask('GET', '/locked/k?retention')).code, 'NoSuchObjectLockConfiguration')
  assert.equal((await put('/locked/k?retention', retention('GOVERNANCE', inDays(2)))).status, 200)
  assert.deepEqual(inner((await own.ask('GET', '/locked/k?retention')).text, 'Mode'), ['GOVERNANCE'])
  assert.equal((await own.ask('HEAD', '/locked/k')).headers['x-amz-object-lock-mode'], 'GOVERNANCE')
  assert.equal((await own.ask('DELETE', `/locked/k?versionId=${version}`)).code, 'AccessDenied')
  assert.equal((await own.ask('DELETE', '/locked/k')).status, 204, 'a marker hides it, it is not gone')
  assert.equal((await put(`/locked/k?retention&versionId=${version}`, retention('GOVERNANCE', inDays(1)))).code, 'AccessDenied')
  assert.equal((await put(`/locked/k?retention&versionId=${version}`, retention('GOVERNANCE', inDays(1)), bypass)).status, 200)
  assert.equal((await own.ask('DELETE', `/locked/k?versionId=${version}`, { headers: bypass })).status, 204)
})

test('compliance is bypassed by nobody, a legal hold ends only when it is lifted', async () => {
  await put('/comply', '', { 'x-amz-bucket-object-lock-enabled': 'true' })
  const headers = { 'x-amz-object-lock-mode': 'COMPLIANCE', 'x-amz-object-lock-retain-until-date': inDays(1) }
  assert.equal((await put('/comply/k', 'x', { 'x-amz-object-lock-mode': 'COMPLIANCE' })).code, 'InvalidArgument')
  assert.equal((await put('/comply/k', 'x', { ...headers, 'x-amz-object-lock-retain-until-date': inDays(-1) })).code, 'InvalidArgument')
  const version = id((await put('/comply/k', 'x', headers)).headers)
  assert.equal((await own.ask('DELETE', `/comply/k?versionId=${version}`, { headers: bypass })).code, 'AccessDenied')
  assert.equal((await put('/comply/k?retention', retention('GOVERNANCE', inDays(5)), bypass)).code, 'AccessDenied')
  assert.equal((await put('/comply/k?retention', retention('COMPLIANCE', inDays(2)))).status, 200)
  const held = id((await put('/comply/held', 'x', { 'x-amz-object-lock-legal-hold': 'ON' })).headers)
  assert.deepEqual(inner((await own.ask('GET', '/comply/held?legal-hold')).text, 'Status'), ['ON'])
  assert.equal((await own.ask('DELETE', `/comply/held?versionId=${held}`, { headers: bypass })).code, 'AccessDenied')
  assert.equal((await put('/comply/held?legal-hold', '<LegalHold><Status>OFF</Status></LegalHold>')).status, 200)
  assert.equal((await own.ask('DELETE', `/comply/held?versionId=${held}`)).status, 204)
})

test('a bucket’s default retention is every new version’s', async () => {
  await put('/default', '', { 'x-amz-bucket-object-lock-enabled': 'true' })
  const rule = (inner: string) =>
    `<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule><DefaultRetention>${inner}</DefaultRetention></Rule></ObjectLockConfiguration>`
  assert.equal((await put('/default?object-lock', rule('<Mode>GOVERNANCE</Mode><Days>1</Days><Years>1</Years>'))).code, 'MalformedXML')
  assert.equal((await put('/default?object-lock', rule('<Mode>GOVERNANCE</Mode><Days>-1</Days>'))).code, 'InvalidArgument')
  assert.equal((await put('/default?object-lock', rule('<Mode>GOVERNANCE</Mode><Days>3</Days>'))).status, 200)
  const version = id((await put('/default/k', 'x')).headers)
  assert.equal((await own.ask('HEAD', '/default/k')).headers['x-amz-object-lock-mode'], 'GOVERNANCE')
  assert.equal((await own.ask('DELETE', `/default/k?versionId=${version}`)).code, 'AccessDenied')
})

const lifecycle = (...rules: string[]) =>
  `<LifecycleConfiguration>${rules.map((rule) => `<Rule>${rule}</Rule>`).join('')}</LifecycleConfiguration>`
const enabled = '<Status>Enabled</Status>'

test('a lifecycle is kept as it was said, and what makes no rule is refused', async () => {
  await put('/rules', '')
  assert.equal((await own.ask('GET', '/rules?lifecycle')).code, 'NoSuchLifecycleConfiguration')
  const refused = async (rule: string) => (await put('/rules?lifecycle', lifecycle(rule))).code
  assert.equal(await refused(`${enabled}<Filter/><Transition><Days>1</Days></Transition>`), 'NotImplemented')
  assert.equal(await refused(`${enabled}<Filter/>`), 'InvalidRequest')
  assert.equal(await refused(`${enabled}<Expiration><Days>1</Days></Expiration>`), 'MalformedXML')
  assert.equal(await refused(`${enabled}<Filter/><Expiration><Days>0</Days></Expiration>`), 'InvalidArgument')
  assert.equal(await refused(`${enabled}<Filter/><Expiration><Date>2030-01-01T01:00:00Z</Date></Expiration>`), 'InvalidArgument')
  assert.equal(await refused('<Status>On</Status><Filter/><Expiration><Days>1</Days></Expiration>'), 'MalformedXML')
  const rule = `<ID>r</ID><Filter><And><Prefix>a/</Prefix><Tag><Key>k</Key><Value>v</Value></Tag></And></Filter>${enabled}<Expiration><Days>3</Days></Expiration>`
  assert.equal((await put('/rules?lifecycle', lifecycle(rule))).status, 200)
  assert.ok((await own.ask('GET', '/rules?lifecycle')).text.includes(`<Rule>${rule}</Rule>`))
  assert.match(
    String((await put('/rules/a/x', 'x', { 'x-amz-tagging': 'k=v' })).headers['x-amz-expiration']),
    /^expiry-date=".* 00:00:00 GMT", rule-id="r"$/,
  )
  assert.equal((await put('/rules/b', 'x')).headers['x-amz-expiration'], undefined)
  assert.equal((await own.ask('DELETE', '/rules?lifecycle')).status, 204)
})

test('the worker ends what rules end: uploads, objects, old versions, lone markers; what is locked stays', async () => {
  await put('/ends', '', { 'x-amz-bucket-object-lock-enabled': 'true' })
  const rules = lifecycle(
    `<ID>up</ID>${enabled}<Filter/><AbortIncompleteMultipartUpload><DaysAfterInitiation>1</DaysAfterInitiation></AbortIncompleteMultipartUpload>`,
    `<ID>tmp</ID>${enabled}<Filter><Prefix>tmp/</Prefix></Filter><Expiration><Days>1</Days></Expiration>`,
    `<ID>old</ID>${enabled}<Filter/><NoncurrentVersionExpiration><NoncurrentDays>1</NoncurrentDays><NewerNoncurrentVersions>1</NewerNoncurrentVersions></NoncurrentVersionExpiration>`,
    `<ID>marks</ID>${enabled}<Filter/><Expiration><ExpiredObjectDeleteMarker>true</ExpiredObjectDeleteMarker></Expiration>`,
  )
  assert.equal((await put('/ends?lifecycle', rules)).status, 200)
  const [upload] = inner((await own.ask('POST', '/ends/u?uploads')).text, 'UploadId')
  await put('/ends/tmp/a', 'x')
  for (const body of ['1', '2', '3', '4']) await put('/ends/versions', body)
  await put('/ends/kept', 'x', { 'x-amz-object-lock-legal-hold': 'ON' })
  for (const body of ['y', 'z']) await put('/ends/kept', body)
  const lone = id((await own.ask('DELETE', '/ends/lone')).headers)
  await lifecyclesKeep(cloud.platform)
  assert.equal((await own.ask('GET', `/ends/u?uploadId=${upload}`)).status, 200, 'nothing is due yet')
  assert.ok(!(await own.ask('GET', '/ends?versions')).text.includes(lone), 'a marker that hides nothing goes at once')
  cloud.clock.advance(3 * dayMs)
  await lifecyclesKeep(cloud.platform)
  assert.equal((await own.ask('GET', `/ends/u?uploadId=${upload}`)).code, 'NoSuchUpload')
  assert.equal((await own.ask('GET', '/ends/tmp/a')).headers['x-amz-delete-marker'], 'true')
  const count = async (prefix: string) => inner((await own.ask('GET', `/ends?versions&prefix=${prefix}`)).text, 'VersionId').length
  assert.equal(await count('versions'), 2, 'the current one, and one that is newer than the rest')
  assert.equal(await count('kept'), 3, 'what is held stays')
  await lifecyclesKeep(cloud.platform)
  assert.equal(await count('versions'), 2)
})

// ACLs of buckets and objects. Of a bucket's, what Swift's X-Container-Read and -Write can say stands there and nowhere else: both
// doors show and change the same. An object has an ACL of its own when S3 wrote it, which counts where ACLs are enabled.
import { aclsEnabled, bucketGrantsOf, bucketGrantsSplit, grantsOf, objectGrantsOf, type Acl, type Grant } from '../../access/index.ts'
import { containerUpdate, objectUpdate } from '../../engine/index.ts'
import type { ObjectRow, VersionRow } from '../../store/tables.ts'
import { xmlBodyOrNone } from '../body/small.ts'
import { settingsOf } from '../bucket-settings.ts'
import { S3Error } from '../errors.ts'
import type { BucketDraft, ObjectDraft } from '../hooks.ts'
import { versionFind, versionHeader, versionPart } from '../versions.ts'
import type { Bucket, S3Answer, S3Call, S3Operation } from '../operation.ts'
import { permit } from '../permit.ts'
import { everythingBlocked, ownershipRead } from '../public-access.ts'
import { aclOfHeaders, grantsCheck, type Owners } from './wanted.ts'
import { aclRead, aclView } from './xml.ts'

const containerAcls = ({ container: { metadata } }: Bucket) => ({
  read: metadata['x-container-read'],
  write: metadata['x-container-write'],
})

/** What of a bucket is granted, wherever it stands. */
function bucketGrants(bucket: Bucket): Grant[] {
  const rest = grantsOf(settingsOf(bucket.container).acl ?? {}, bucket.account)
  const hasAll = (grantee: string) => rest.some((grant) => grant.grantee === grantee && grant.permission === 'FULL_CONTROL')
  return [...rest, ...bucketGrantsOf(containerAcls(bucket)).filter(({ grantee }) => !hasAll(grantee))]
}

async function bucketAclGet({ bucket }: S3Call): Promise<S3Answer> {
  return { xml: aclView(bucket.account, bucketGrants(bucket)) }
}

/** The grants that a request to put an ACL wants. */
async function grantsWanted(call: S3Call, owners: Owners): Promise<Grant[]> {
  const ofHeaders = aclOfHeaders(call, owners)
  const root = await xmlBodyOrNone(call, { root: 'AccessControlPolicy' })
  if (ofHeaders && root) throw new S3Error('UnexpectedContent')
  if (ofHeaders) return ofHeaders
  if (!root)
    throw new S3Error('MissingSecurityHeader', 'Your request was missing a required header.', { facts: { MissingHeaderName: 'x-amz-acl' } })
  const { owner, grants } = aclRead(root)
  if (owner !== owners.owner) throw new S3Error('AccessDenied', 'The owner of an ACL cannot be changed.')
  return grants
}

async function bucketAclPut(call: S3Call): Promise<S3Answer> {
  const { engine, by, bucket } = call
  const owners: Owners = { owner: bucket.account, bucketOwner: bucket.account, on: 'bucket' }
  const settings = settingsOf(bucket.container)
  if (!aclsEnabled(settings)) throw new S3Error('AccessControlListNotSupported')
  const grants = await grantsWanted(call, owners)
  await grantsCheck(call, settings, grants, bucket.account)
  const { read, write, rest } = bucketGrantsSplit(grants, containerAcls(bucket))
  const set = { 'x-container-read': read, 'x-container-write': write }
  await containerUpdate(engine, { by, account: bucket.account, name: bucket.name, set, settings: { acl: { grants: rest } } })
  return {}
}

/** A new bucket: nothing public, its owner owns all, unless its maker said otherwise. */
export async function aclOnBucketCreate(call: S3Call, draft: BucketDraft): Promise<void> {
  const { account, request, platform } = call
  const word = request.headers.get('x-amz-object-ownership')
  const ownership = word === undefined ? 'BucketOwnerEnforced' : ownershipRead(word)
  draft.settings['ownership'] = ownership
  const isBlocked = platform.config.object.blockPublicAccess
  if (isBlocked) draft.settings['publicAccess'] = everythingBlocked
  const grants = aclOfHeaders(call, { owner: account, bucketOwner: account, on: 'bucket' })
  if (!grants) return
  if (ownership === 'BucketOwnerEnforced') {
    if (request.headers.get('x-amz-acl')?.trim() === 'private') return
    throw new S3Error('InvalidBucketAclWithObjectOwnership')
  }
  const { read, write, rest } = bucketGrantsSplit(grants, {})
  const isPublic = grants.some(({ grantee }) => grantee === 'AllUsers' || grantee === 'AuthenticatedUsers')
  if (isBlocked && isPublic) throw new S3Error('InvalidBucketAclWithBlockPublicAccessError')
  draft.settings['acl'] = { grants: rest } satisfies Acl
  draft.metadata = { ...draft.metadata, ...(read && { 'x-container-read': read }), ...(write && { 'x-container-write': write }) }
}

/** Whose a new object is: its writer's, or the bucket's where that is the rule. */
function ownerOfNew(call: S3Call, bucket: Bucket): string {
  const { ownership = 'BucketOwnerEnforced' } = settingsOf(bucket.container)
  const writer = call.actor?.projectId ?? bucket.account
  if (ownership === 'BucketOwnerEnforced') return bucket.account
  const isGiven = call.request.headers.get('x-amz-acl') === 'bucket-owner-full-control'
  return ownership === 'BucketOwnerPreferred' && isGiven ? bucket.account : writer
}

/** Every object that S3 writes has an ACL of its own: private, unless the request says otherwise. */
export async function aclOnWrite(call: S3Call, bucket: Bucket, draft: ObjectDraft): Promise<void> {
  const owner = ownerOfNew(call, bucket)
  const grants = aclOfHeaders(call, { owner, bucketOwner: bucket.account, on: 'object' })
  if (grants) await grantsCheck(call, settingsOf(bucket.container), grants, bucket.account)
  draft.system['acl'] = { ...(owner !== bucket.account && { owner }), ...(grants && { grants }) } satisfies Acl
}

const aclOf = ({ system }: VersionRow): Acl | undefined => system['acl'] as Acl | undefined

async function objectAclGet(call: S3Call): Promise<S3Answer> {
  const { bucket } = call
  const object = await versionFind(call)
  await permit(call, { object })
  const acl = aclOf(object)
  const isOwn = acl !== undefined && aclsEnabled(settingsOf(bucket.container))
  const owner = (isOwn ? acl.owner : undefined) ?? bucket.account
  const grants = isOwn ? grantsOf(acl, owner) : [...grantsOf({}, owner), ...objectGrantsOf(containerAcls(bucket))]
  return { headers: versionHeader(call.bucket, object), xml: aclView(owner, grants) }
}

async function objectAclPut(call: S3Call): Promise<S3Answer> {
  const { engine, by, bucket, key } = call
  const settings = settingsOf(bucket.container)
  const object = await versionFind(call)
  await permit(call, { object })
  if (!aclsEnabled(settings)) throw new S3Error('AccessControlListNotSupported')
  const owner = aclOf(object)?.owner ?? bucket.account
  const grants = await grantsWanted(call, { owner, bucketOwner: bucket.account, on: 'object' })
  await grantsCheck(call, settings, grants, bucket.account)
  const acl: Acl = { ...(owner !== bucket.account && { owner }), grants }
  const change = (row: ObjectRow) => ({ system: { ...row.system, acl } })
  await objectUpdate(engine, { by, account: bucket.account, container: bucket.name, name: key, ...versionPart(call), change })
  return { headers: versionHeader(call.bucket, object) }
}

const ofVersion = (plain: string, version: string) => (call: S3Call) => (call.request.query.has('versionId') ? version : plain)
const query = ['acl']
export const aclOperations: S3Operation[] = [
  { name: 'GetBucketAcl', method: 'GET', on: 'bucket', query, action: 's3:GetBucketAcl', handler: bucketAclGet },
  { name: 'PutBucketAcl', method: 'PUT', on: 'bucket', query, action: 's3:PutBucketAcl', handler: bucketAclPut },
  {
    name: 'GetObjectAcl',
    method: 'GET',
    on: 'object',
    query,
    action: ofVersion('s3:GetObjectAcl', 's3:GetObjectVersionAcl'),
    asksItself: true,
    handler: objectAclGet,
  },
  {
    name: 'PutObjectAcl',
    method: 'PUT',
    on: 'object',
    query,
    action: ofVersion('s3:PutObjectAcl', 's3:PutObjectVersionAcl'),
    asksItself: true,
    handler: objectAclPut,
  },
]

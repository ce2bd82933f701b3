// Public access block and ownership controls of buckets, and what a new bucket begins with: nothing public, and its owner owns all.
import { bucketGrantsOf, grantsOf, type Ownership, type PublicAccessBlock } from '../access/index.ts'
import { xmlBody } from './body/small.ts'
import { settingsOf, settingsSet } from './bucket-settings.ts'
import { S3Error } from './errors.ts'
import type { S3Answer, S3Call, S3Operation } from './operation.ts'
import { all, one, text, type XmlElement } from './xml/read.ts'
import { flag, xml } from './xml/write.ts'

const fields = ['BlockPublicAcls', 'IgnorePublicAcls', 'BlockPublicPolicy', 'RestrictPublicBuckets'] as const

export const everythingBlocked: PublicAccessBlock = {
  blockPublicAcls: true,
  ignorePublicAcls: true,
  blockPublicPolicy: true,
  restrictPublicBuckets: true,
}

async function publicAccessPut(call: S3Call): Promise<S3Answer> {
  const root = await xmlBody(call, { root: 'PublicAccessBlockConfiguration' })
  const [blockPublicAcls = false, ignorePublicAcls = false, blockPublicPolicy = false, restrictPublicBuckets = false] = fields.map((name) =>
    truth(text(root, name)),
  )
  return settingsSet(call, { publicAccess: { blockPublicAcls, ignorePublicAcls, blockPublicPolicy, restrictPublicBuckets } })
}

function truth(word: string | undefined): boolean {
  if (word === undefined) return false
  const lower = word.trim().toLowerCase()
  if (lower !== 'true' && lower !== 'false') throw new S3Error('MalformedXML')
  return lower === 'true'
}

async function publicAccessGet({ bucket }: S3Call): Promise<S3Answer> {
  const { publicAccess } = settingsOf(bucket.container)
  if (publicAccess === undefined)
    throw new S3Error('NoSuchPublicAccessBlockConfiguration', undefined, { facts: { BucketName: bucket.name } })
  const { blockPublicAcls, ignorePublicAcls, blockPublicPolicy, restrictPublicBuckets } = publicAccess
  const values = [blockPublicAcls, ignorePublicAcls, blockPublicPolicy, restrictPublicBuckets]
  return {
    xml: xml(
      'PublicAccessBlockConfiguration',
      fields.map((name, index) => xml(name, flag(values[index] ?? false))),
    ),
  }
}

const publicAccessDelete = (call: S3Call): Promise<S3Answer> => settingsSet(call, { publicAccess: null }, { status: 204 })

const ownerships: readonly string[] = ['BucketOwnerEnforced', 'BucketOwnerPreferred', 'ObjectWriter']
const isOwnership = (word: string | undefined): word is Ownership => word !== undefined && ownerships.includes(word)

/** The word of the header x-amz-object-ownership. */
export function ownershipRead(word: string): Ownership {
  if (!isOwnership(word)) throw new S3Error('InvalidArgument', `Invalid x-amz-object-ownership header: ${word}`)
  return word
}

async function ownershipPut(call: S3Call): Promise<S3Answer> {
  const root = await xmlBody(call, { root: 'OwnershipControls' })
  const ownership = ruleOf(root)
  if (ownership === 'BucketOwnerEnforced' && grantsToOthers(call)) throw new S3Error('InvalidBucketAclWithObjectOwnership')
  return settingsSet(call, { ownership })
}

function ruleOf(root: XmlElement): Ownership {
  if (all(root, 'Rule').length !== 1) throw new S3Error('MalformedXML')
  const word = text(one(root, 'Rule'), 'ObjectOwnership')
  if (!isOwnership(word)) throw new S3Error('MalformedXML')
  return word
}

/** ACLs that let others in cannot be switched off silently. */
function grantsToOthers({ bucket }: S3Call): boolean {
  const { acl } = settingsOf(bucket.container)
  const { 'x-container-read': read, 'x-container-write': write } = bucket.container.metadata
  const grants = [...(acl ? grantsOf(acl, bucket.account) : []), ...bucketGrantsOf({ read, write })]
  return grants.some(({ grantee }) => grantee !== bucket.account)
}

async function ownershipGet({ bucket }: S3Call): Promise<S3Answer> {
  const { ownership = 'BucketOwnerEnforced' } = settingsOf(bucket.container)
  if (ownership === 'removed') throw new S3Error('OwnershipControlsNotFoundError', undefined, { facts: { BucketName: bucket.name } })
  return { xml: xml('OwnershipControls', xml('Rule', xml('ObjectOwnership', ownership))) }
}

const ownershipDelete = (call: S3Call): Promise<S3Answer> => settingsSet(call, { ownership: 'removed' }, { status: 204 })

const block = { on: 'bucket', query: ['publicAccessBlock'] } as const
const controls = { on: 'bucket', query: ['ownershipControls'] } as const
export const publicAccessOperations: S3Operation[] = [
  { name: 'PutPublicAccessBlock', method: 'PUT', ...block, action: 's3:PutBucketPublicAccessBlock', handler: publicAccessPut },
  { name: 'GetPublicAccessBlock', method: 'GET', ...block, action: 's3:GetBucketPublicAccessBlock', handler: publicAccessGet },
  { name: 'DeletePublicAccessBlock', method: 'DELETE', ...block, action: 's3:PutBucketPublicAccessBlock', handler: publicAccessDelete },
  { name: 'PutBucketOwnershipControls', method: 'PUT', ...controls, action: 's3:PutBucketOwnershipControls', handler: ownershipPut },
  { name: 'GetBucketOwnershipControls', method: 'GET', ...controls, action: 's3:GetBucketOwnershipControls', handler: ownershipGet },
  {
    name: 'DeleteBucketOwnershipControls',
    method: 'DELETE',
    ...controls,
    action: 's3:PutBucketOwnershipControls',
    handler: ownershipDelete,
  },
]

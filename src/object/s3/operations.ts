// All operations of the door, and which of them a request means: by its method, by whether it names a bucket and a key, and by words in
// its query. What S3 has and this cloud has not is answered 501.
import { aclOperations } from './acl/acl.ts'
import { attributesOperations } from './attributes.ts'
import { bucketOperations } from './buckets/buckets.ts'
import { S3Error } from './errors.ts'
import { corsOperations } from './cors/cors.ts'
import { encryptionOperations } from './encryption/encryption.ts'
import { lifecycleOperations } from './lifecycle/lifecycle.ts'
import { listingOperations } from './listings/listings.ts'
import { bucketLockOperations } from './lock/bucket-lock.ts'
import { objectLockOperations } from './lock/object-lock.ts'
import { multipartOperations } from './multipart/operations.ts'
import { objectOperations } from './objects/operations.ts'
import type { S3Operation } from './operation.ts'
import { policyOperations } from './policy/policy.ts'
import { postOperations } from './post-form/post-object.ts'
import { publicAccessOperations } from './public-access.ts'
import { renameOperations } from './rename.ts'
import type { S3Request } from './request.ts'
import { taggingOperations } from './tagging/tagging.ts'
import { versioningOperations } from './versioning.ts'
import { websiteOperations } from './website/website.ts'

const operations: S3Operation[] = [
  ...bucketOperations,
  ...listingOperations,
  ...objectOperations,
  ...multipartOperations,
  ...versioningOperations,
  ...aclOperations,
  ...policyOperations,
  ...publicAccessOperations,
  ...corsOperations,
  ...taggingOperations,
  ...bucketLockOperations,
  ...objectLockOperations,
  ...encryptionOperations,
  ...lifecycleOperations,
  ...websiteOperations,
  ...attributesOperations,
  ...renameOperations,
  ...postOperations,
]

/** Words that ask for something of their own: a request with one of them never means the plain operation. */
const subResources = new Set(
  (
    'accelerate acl analytics attributes cors delete encryption intelligent-tiering inventory legal-hold lifecycle location logging ' +
    'metadataConfiguration metadataInventoryTable metadataJournalTable metadataTable metrics notification object-lock ownershipControls policy policyStatus ' +
    'publicAccessBlock renameObject replication requestPayment restore retention select session tagging torrent uploadId uploads versioning versions website abac'
  ).split(' '),
)

type Place = S3Operation['on']

const byPlace = new Map<string, S3Operation[]>()
for (const each of operations) {
  const place = `${each.method} ${each.on}`
  byPlace.set(place, [...(byPlace.get(place) ?? []), each])
}
// the more a request must say, the sooner it is looked at
const weight = ({ query, header }: S3Operation): number => (query?.length ?? 0) * 2 + (header === undefined ? 0 : 1)
for (const candidates of byPlace.values()) candidates.sort((a, b) => weight(b) - weight(a))

export function operationOf(request: S3Request): S3Operation {
  const on: Place = request.key !== '' ? 'object' : request.bucket !== '' ? 'bucket' : 'service'
  const asked = [...request.query.keys()].filter((word) => subResources.has(word))
  const found = byPlace.get(`${request.method} ${on}`)?.find((each) => fits(each, request, asked))
  if (found) return found
  if (asked.length > 0) throw new S3Error('NotImplemented')
  throw new S3Error('MethodNotAllowed', undefined, {
    headers: { allow: allowed(on).join(', ') },
    facts: { Method: request.method, ResourceType: on.toUpperCase() },
  })
}

/** Every sub-resource that the request names must be the operation's. */
const fits = ({ query, header }: S3Operation, request: S3Request, asked: string[]): boolean =>
  (query ?? []).every((word) => request.query.has(word)) &&
  asked.every((word) => query?.includes(word)) &&
  (header === undefined || request.headers.has(header))

const allowed = (on: Place): string[] => [...new Set(operations.filter((each) => each.on === on).map(({ method }) => method))]

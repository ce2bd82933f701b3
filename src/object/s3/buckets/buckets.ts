// Buckets: make, look at, delete, list, and where they are.
import { containerDelete, containerPut, containersList } from '../../engine/index.ts'
import type { ContainerRow } from '../../store/tables.ts'
import { xmlBodyOrNone } from '../body/small.ts'
import { invalidArgument, S3Error } from '../errors.ts'
import { onBucketCreate, type BucketDraft } from '../hooks.ts'
import type { S3Answer, S3Call, S3Operation } from '../operation.ts'
import { regionOf } from '../region.ts'
import { isoTime } from '../times.ts'
import { owner } from '../views.ts'
import { xml } from '../xml/write.ts'
import { text } from '../xml/read.ts'
import { isBucketName } from './names.ts'

/** The only one that Amazon calls by an empty location. */
const firstRegion = 'us-east-1'
const bucketsAtMost = 10_000

const region = ({ platform }: S3Call): string => regionOf(platform)

async function bucketCreate(call: S3Call): Promise<S3Answer> {
  const { engine, by, account, request } = call
  const name = request.bucket
  if (call.actor === null) throw new S3Error('AccessDenied')
  if (!isBucketName(name)) throw new S3Error('InvalidBucketName', undefined, { facts: { BucketName: name } })
  await locationCheck(call)
  const draft: BucketDraft = { settings: {}, metadata: {} }
  for (const hook of onBucketCreate) await hook(call, draft)
  const { created } = await containerPut(engine, {
    by,
    account,
    name,
    set: draft.metadata,
    settings: draft.settings,
    claim: 'must',
    onlyNew: true,
    ...(draft.versioning && { versioning: draft.versioning }),
  })
  if (!created) throw new S3Error('BucketAlreadyOwnedByYou', undefined, { facts: { BucketName: name } })
  return { headers: { location: `/${name}`, 'x-amz-bucket-arn': `arn:aws:s3:::${name}` } }
}

/** A location other than this cloud's is refused, never taken as if it had been heeded. */
async function locationCheck(call: S3Call): Promise<void> {
  const root = await xmlBodyOrNone(call, { root: 'CreateBucketConfiguration' })
  const location = root ? text(root, 'LocationConstraint') : undefined
  if (location === undefined || location === '') return
  if (location !== region(call) || location === firstRegion) {
    throw new S3Error('InvalidLocationConstraint', undefined, { facts: { LocationConstraint: location } })
  }
}

async function bucketHead(call: S3Call): Promise<S3Answer> {
  return { headers: { 'x-amz-bucket-region': region(call), 'content-type': 'application/xml' } }
}

async function bucketDelete({ engine, by, bucket }: S3Call): Promise<S3Answer> {
  await containerDelete(engine, { by, account: bucket.account, name: bucket.name })
  return { status: 204 }
}

async function locationGet(call: S3Call): Promise<S3Answer> {
  const here = region(call)
  return { xml: xml('LocationConstraint', here === firstRegion ? '' : here) }
}

async function bucketsList(call: S3Call): Promise<S3Answer> {
  const { engine, account, request } = call
  const limit = bucketLimit(request.query.get('max-buckets'))
  const prefix = request.query.get('prefix')
  const token = request.query.get('continuation-token')
  const found: ContainerRow[] = []
  let marker = token
  let next: string | undefined
  // names that are no bucket's are stepped over, so a page may take several looks
  while (next === undefined) {
    const page = await containersList(engine, account, { limit: 1_000, ...(prefix && { prefix }), ...(marker && { marker }) })
    for (const entry of page.entries) {
      if (!('row' in entry) || !isBucketName(entry.row.name)) continue
      if (found.length === limit) {
        next = found.at(-1)?.name ?? ''
        break
      }
      found.push(entry.row)
    }
    if (!page.truncated || next !== undefined) break
    marker = page.last
  }
  return {
    xml: xml(
      'ListAllMyBucketsResult',
      owner(account),
      xml(
        'Buckets',
        found.map((row) =>
          xml('Bucket', xml('Name', row.name), xml('CreationDate', isoTime(row.created_us)), xml('BucketRegion', region(call))),
        ),
      ),
      prefix !== undefined && xml('Prefix', prefix),
      next !== undefined && xml('ContinuationToken', next),
    ),
  }
}

function bucketLimit(text: string | undefined): number {
  if (text === undefined) return bucketsAtMost
  const limit = Number(text)
  if (!/^\d{1,6}$/.test(text) || limit < 1 || limit > bucketsAtMost) {
    throw invalidArgument('max-buckets', text, 'Argument max-buckets must be an integer between 1 and 10000.')
  }
  return limit
}

export const bucketOperations: S3Operation[] = [
  { name: 'ListBuckets', method: 'GET', on: 'service', action: 's3:ListAllMyBuckets', handler: bucketsList },
  { name: 'CreateBucket', method: 'PUT', on: 'bucket', action: 's3:CreateBucket', withoutBucket: true, handler: bucketCreate },
  { name: 'HeadBucket', method: 'HEAD', on: 'bucket', action: 's3:ListBucket', handler: bucketHead },
  { name: 'DeleteBucket', method: 'DELETE', on: 'bucket', action: 's3:DeleteBucket', handler: bucketDelete },
  { name: 'GetBucketLocation', method: 'GET', on: 'bucket', query: ['location'], action: 's3:GetBucketLocation', handler: locationGet },
]

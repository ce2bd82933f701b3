// ListObjects, both versions: keys in the order of their bytes, with what has a common prefix up to the delimiter folded into one entry.
import { objectsList, type Listed } from '../../engine/index.ts'
import type { ObjectRow } from '../../store/tables.ts'
import { invalidArgument } from '../errors.ts'
import type { S3Answer, S3Call, S3Operation } from '../operation.ts'
import { isoTime } from '../times.ts'
import { etagShown, owner } from '../views.ts'
import { flag, xml, type Xml } from '../xml/write.ts'
import { encodingOf, given, limitOf, tokenMake, tokenRead, type Encoding, type Limit } from './parameters.ts'

interface Page extends Listed<ObjectRow> {
  limit: Limit
  encoding: Encoding
}

async function pageOf(call: S3Call, marker: string | undefined): Promise<Page> {
  const { engine, bucket, request } = call
  const encoding = encodingOf(request)
  const limit = limitOf(request, 'max-keys')
  if (limit.limit === 0) return { entries: [], truncated: false, last: undefined, limit, encoding }
  const prefix = given(request, 'prefix')
  const delimiter = given(request, 'delimiter')
  const listed = await objectsList(engine, bucket.container, {
    limit: limit.limit,
    ...(prefix !== undefined && { prefix }),
    ...(delimiter !== undefined && { delimiter }),
    ...(marker !== undefined && { marker }),
  })
  return { ...listed, limit, encoding }
}

async function listV1(call: S3Call): Promise<S3Answer> {
  const { request, bucket } = call
  const marker = request.query.get('marker') ?? ''
  const page = await pageOf(call, marker || undefined)
  const { encoded } = page.encoding
  const delimiter = given(request, 'delimiter')
  return {
    xml: xml(
      'ListBucketResult',
      xml('Name', bucket.name),
      xml('Prefix', encoded(request.query.get('prefix') ?? '')),
      xml('Marker', encoded(marker)),
      // without a delimiter the last key says where to go on
      page.truncated && delimiter !== undefined && page.last !== undefined && xml('NextMarker', encoded(page.last)),
      xml('MaxKeys', page.limit.asked),
      delimiter !== undefined && xml('Delimiter', encoded(delimiter)),
      page.encoding.type && xml('EncodingType', page.encoding.type),
      xml('IsTruncated', flag(page.truncated)),
      entriesShown(page, bucket.account),
    ),
  }
}

async function listV2(call: S3Call): Promise<S3Answer> {
  const { request, bucket } = call
  const token = request.query.get('continuation-token')
  if (token === '') throw invalidArgument('continuation-token', '', 'The continuation token provided is incorrect')
  const startAfter = given(request, 'start-after')
  const page = await pageOf(call, token === undefined ? startAfter : tokenRead(token))
  const { encoded } = page.encoding
  const delimiter = given(request, 'delimiter')
  const withOwner = request.query.get('fetch-owner')?.toLowerCase() === 'true'
  return {
    xml: xml(
      'ListBucketResult',
      xml('Name', bucket.name),
      xml('Prefix', encoded(request.query.get('prefix') ?? '')),
      token !== undefined && xml('ContinuationToken', token),
      page.truncated && page.last !== undefined && xml('NextContinuationToken', tokenMake(page.last)),
      startAfter !== undefined && xml('StartAfter', encoded(startAfter)),
      xml('KeyCount', page.entries.length),
      xml('MaxKeys', page.limit.asked),
      delimiter !== undefined && xml('Delimiter', encoded(delimiter)),
      page.encoding.type && xml('EncodingType', page.encoding.type),
      xml('IsTruncated', flag(page.truncated)),
      entriesShown(page, withOwner ? bucket.account : null),
    ),
  }
}

function entriesShown({ entries, encoding: { encoded } }: Page, account: string | null): Xml[] {
  const contents: Xml[] = []
  const prefixes: Xml[] = []
  for (const entry of entries) {
    if ('row' in entry) contents.push(contentShown(entry.row, encoded, account))
    else prefixes.push(xml('CommonPrefixes', xml('Prefix', encoded(entry.subdir))))
  }
  return [...contents, ...prefixes]
}

const contentShown = (row: ObjectRow, encoded: (name: string) => string, account: string | null): Xml =>
  xml(
    'Contents',
    xml('Key', encoded(row.name)),
    xml('LastModified', isoTime(row.modified_us)),
    xml('ETag', etagShown(row)),
    row.system.checksum && [xml('ChecksumAlgorithm', row.system.checksum.algorithm), xml('ChecksumType', row.system.checksum.type)],
    xml('Size', row.bytes),
    xml('StorageClass', 'STANDARD'),
    account !== null && owner(account),
  )

const listBucket = (call: S3Call): Promise<S3Answer> => (call.request.query.get('list-type') === '2' ? listV2(call) : listV1(call))

export const listingOperations: S3Operation[] = [
  { name: 'ListObjects', method: 'GET', on: 'bucket', action: 's3:ListBucket', handler: listBucket },
]

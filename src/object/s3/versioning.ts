// Versioning of buckets: on, suspended, and the listing of all versions and delete markers. Once on it is never off again.
import { containerUpdate, versionId, versionOf, versionsList, type Version } from '../engine/index.ts'
import { xmlBody } from './body/small.ts'
import { settingsOf } from './bucket-settings.ts'
import { invalidArgument, S3Error } from './errors.ts'
import { encodingOf, limitOf } from './listings/parameters.ts'
import type { S3Answer, S3Call, S3Operation } from './operation.ts'
import { isoTime } from './times.ts'
import { etagShown, owner } from './views.ts'
import { text } from './xml/read.ts'
import { flag, xml } from './xml/write.ts'

async function versioningPut(call: S3Call): Promise<S3Answer> {
  const { engine, by, bucket } = call
  const root = await xmlBody(call, { root: 'VersioningConfiguration' })
  const status = text(root, 'Status')
  if (text(root, 'MfaDelete') === 'Enabled') throw new S3Error('NotImplemented', 'Deleting by MFA is not implemented.')
  if (status === undefined) throw new S3Error('IllegalVersioningConfigurationException', 'The Versioning element must be specified')
  if (status !== 'Enabled' && status !== 'Suspended') throw new S3Error('MalformedXML')
  if (status === 'Suspended' && settingsOf(bucket.container).lock) {
    throw new S3Error(
      'InvalidBucketState',
      'An Object Lock configuration is present on this bucket, so the versioning state cannot be changed.',
    )
  }
  if (bucket.container.metadata['x-versions-location'] !== undefined || bucket.container.metadata['x-history-location'] !== undefined) {
    throw new S3Error('InvalidBucketState', 'The container keeps versions in another one (X-Versions-Location or X-History-Location).')
  }
  await containerUpdate(engine, {
    by,
    account: bucket.account,
    name: bucket.name,
    versioning: status === 'Enabled' ? 'enabled' : 'suspended',
  })
  return {}
}

async function versioningGet({ bucket }: S3Call): Promise<S3Answer> {
  const { versioning } = bucket.container
  return {
    xml: xml('VersioningConfiguration', versioning !== '' && xml('Status', versioning === 'enabled' ? 'Enabled' : 'Suspended')),
  }
}

/** Where the page begins: after a name, or after one of its versions. */
function markersOf({ request: { query } }: S3Call): { marker?: string; versionMarker?: Version } {
  const [marker, id] = [query.get('key-marker') ?? '', query.get('version-id-marker')]
  if (id === undefined) return marker === '' ? {} : { marker }
  if (marker === '') throw invalidArgument('version-id-marker', id, 'A version-id marker cannot be specified without a key marker.')
  if (id === '') throw invalidArgument('version-id-marker', id, 'A version-id marker cannot be empty.')
  const versionMarker = versionOf(id)
  if (versionMarker === undefined) throw invalidArgument('version-id-marker', id, 'Invalid version id specified')
  return { marker, versionMarker }
}

async function objectVersionsList(call: S3Call): Promise<S3Answer> {
  const { engine, bucket, request } = call
  const { query } = request
  const { asked, limit } = limitOf(request, 'max-keys')
  const { type, encoded: shown } = encodingOf(request)
  const [prefix, delimiter] = [query.get('prefix') ?? '', query.get('delimiter') ?? '']
  const page =
    limit === 0
      ? { entries: [], truncated: false }
      : await versionsList(engine, bucket.container, { prefix, limit, ...(delimiter && { delimiter }), ...markersOf(call) })
  const last = page.entries.at(-1)
  return {
    xml: xml(
      'ListVersionsResult',
      xml('Name', bucket.name),
      xml('Prefix', shown(prefix)),
      xml('KeyMarker', shown(query.get('key-marker') ?? '')),
      xml('VersionIdMarker', query.get('version-id-marker') ?? ''),
      page.truncated && last && xml('NextKeyMarker', shown('row' in last ? last.row.name : last.subdir)),
      page.truncated && last && 'row' in last && xml('NextVersionIdMarker', versionId(last.row)),
      xml('MaxKeys', asked),
      delimiter !== '' && xml('Delimiter', shown(delimiter)),
      type && xml('EncodingType', type),
      xml('IsTruncated', flag(page.truncated)),
      page.entries.map((entry) => ('row' in entry ? versionView(entry.row, bucket.account, shown) : false)),
      page.entries.map((entry) => 'subdir' in entry && xml('CommonPrefixes', xml('Prefix', shown(entry.subdir)))),
    ),
  }
}

type Listed = Extract<Awaited<ReturnType<typeof versionsList>>['entries'][number], { row: unknown }>['row']

const versionView = (row: Listed, account: string, shown: (name: string) => string) =>
  xml(
    row.is_marker ? 'DeleteMarker' : 'Version',
    xml('Key', shown(row.name)),
    xml('VersionId', versionId(row)),
    xml('IsLatest', flag(row.is_latest)),
    xml('LastModified', isoTime(row.modified_us)),
    !row.is_marker && [
      xml('ETag', etagShown(row)),
      row.system.checksum && [xml('ChecksumAlgorithm', row.system.checksum.algorithm), xml('ChecksumType', row.system.checksum.type)],
      xml('Size', row.bytes),
      xml('StorageClass', 'STANDARD'),
    ],
    owner(account),
  )

const query = ['versioning']
export const versioningOperations: S3Operation[] = [
  { name: 'PutBucketVersioning', method: 'PUT', on: 'bucket', query, action: 's3:PutBucketVersioning', handler: versioningPut },
  { name: 'GetBucketVersioning', method: 'GET', on: 'bucket', query, action: 's3:GetBucketVersioning', handler: versioningGet },
  {
    name: 'ListObjectVersions',
    method: 'GET',
    on: 'bucket',
    query: ['versions'],
    action: 's3:ListBucketVersions',
    handler: objectVersionsList,
  },
]

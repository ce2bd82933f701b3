// GetObjectAttributes: of an object what is asked for, without its bytes.
import { segmentsOf } from '../engine/index.ts'
import type { VersionRow } from '../store/tables.ts'
import { invalidArgument, S3Error } from './errors.ts'
import { onRead } from './hooks.ts'
import { limitOf } from './listings/parameters.ts'
import type { S3Answer, S3Call, S3Operation, Shown } from './operation.ts'
import { permit } from './permit.ts'
import { httpTime } from './times.ts'
import { versionFind, versionHeader } from './versions.ts'
import { etagShown } from './views.ts'
import { flag, xml, type Xml } from './xml/write.ts'

const known = ['ETag', 'Checksum', 'ObjectParts', 'StorageClass', 'ObjectSize']

function asked({ request }: S3Call): Set<string> {
  const names = (request.headers.get('x-amz-object-attributes') ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
  if (names.length === 0)
    throw new S3Error(
      'InvalidRequest',
      'The x-amz-object-attributes header specifying the attributes to be retrieved is either missing or empty',
    )
  const wrong = names.find((name) => !known.includes(name))
  if (wrong !== undefined) throw invalidArgument('x-amz-object-attributes', wrong, 'Invalid attribute name specified.')
  return new Set(names)
}

async function attributesGet(call: S3Call): Promise<S3Answer> {
  const names = asked(call)
  const object = await versionFind(call)
  await permit(call, { object })
  const headers: Shown = { ...versionHeader(call.bucket, object), 'last-modified': httpTime(object.modified_us) }
  for (const hook of onRead) await hook(call, call.bucket, object, headers)
  const { checksum } = object.system
  return {
    headers,
    xml: xml(
      'GetObjectAttributesResponse',
      names.has('ETag') && xml('ETag', etagShown(object).replaceAll('"', '')),
      names.has('Checksum') &&
        checksum &&
        xml('Checksum', xml(`Checksum${checksum.algorithm}`, checksum.value.replace(/-\d+$/, '')), xml('ChecksumType', checksum.type)),
      names.has('ObjectParts') && object.kind === 'multipart' && (await partsView(call, object)),
      names.has('StorageClass') && xml('StorageClass', 'STANDARD'),
      names.has('ObjectSize') && xml('ObjectSize', object.bytes),
    ),
  }
}

/** Its parts, in pages; their sizes and checksums are told where they were uploaded with such. */
async function partsView(call: S3Call, object: VersionRow): Promise<Xml> {
  const { engine, request } = call
  const { headers } = request
  const { limit } = limitOf({ ...request, query: new Map([['x-amz-max-parts', headers.get('x-amz-max-parts') ?? '']]) }, 'x-amz-max-parts')
  const marker = headers.get('x-amz-part-number-marker') ?? '0'
  if (!/^\d{1,9}$/.test(marker))
    throw invalidArgument('x-amz-part-number-marker', marker, 'Provided part-number-marker not an integer or within integer range')
  const found = limit === 0 ? [] : await segmentsOf(engine, object, { after: Number(marker), limit: limit + 1 })
  const parts = found.slice(0, limit)
  const { checksum } = object.system
  const count = Number(/-(\d+)$/.exec(object.etag)?.[1] ?? 0)
  return xml(
    'ObjectParts',
    xml('TotalPartsCount', count),
    xml('PartNumberMarker', marker),
    xml('NextPartNumberMarker', String(parts.at(-1)?.number ?? 0)),
    xml('MaxParts', limit),
    xml('IsTruncated', flag(found.length > limit)),
    // Amazon tells the parts one by one only of objects with a checksum for each
    checksum?.type === 'COMPOSITE' &&
      parts.map((part) =>
        xml(
          'Part',
          xml('PartNumber', part.number),
          xml('Size', part.bytes),
          part.checksum !== null && xml(`Checksum${checksum.algorithm}`, part.checksum),
        ),
      ),
  )
}

const action = ({ request }: S3Call): string =>
  request.query.has('versionId') ? 's3:GetObjectVersionAttributes' : 's3:GetObjectAttributes'

export const attributesOperations: S3Operation[] = [
  { name: 'GetObjectAttributes', method: 'GET', on: 'object', query: ['attributes'], action, asksItself: true, handler: attributesGet },
]

// ListParts, and all parts of an upload for who completes it.
import { partsList, type Engine } from '../../engine/index.ts'
import type { PartRow } from '../../store/tables.ts'
import { invalidArgument } from '../errors.ts'
import { limitOf } from '../listings/parameters.ts'
import type { S3Answer, S3Call } from '../operation.ts'
import { isoTime } from '../times.ts'
import { owner, quoted } from '../views.ts'
import { flag, xml } from '../xml/write.ts'
import { checksumOf, uploadOf } from './upload.ts'

const pageRows = 1_000

export async function partsAll(engine: Engine, uploadId: string): Promise<PartRow[]> {
  const found: PartRow[] = []
  for (let after = 0; ;) {
    const page = await partsList(engine, uploadId, { after, limit: pageRows })
    found.push(...page)
    const last = page.at(-1)
    if (page.length < pageRows || !last) return found
    after = last.number
  }
}

export async function partsListHandle(call: S3Call): Promise<S3Answer> {
  const { engine, bucket, key, request } = call
  const { asked, limit } = limitOf(request, 'max-parts')
  const markerText = request.query.get('part-number-marker') || '0'
  if (!/^-?\d{1,10}$/.test(markerText)) {
    throw invalidArgument('part-number-marker', markerText, `Provided ${markerText} not an integer or within integer range`)
  }
  if (Number(markerText) < 0) {
    throw invalidArgument('part-number-marker', markerText, `Argument ${markerText} must be an integer between 0 and 2147483647`)
  }
  const after = Number(markerText)
  const upload = await uploadOf(call)
  const { algorithm, type, isNamed } = checksumOf(upload)
  const rows = limit === 0 ? [] : await partsList(engine, upload.id, { after, limit: limit + 1 })
  const shown = rows.slice(0, limit)
  return {
    xml: xml(
      'ListPartsResult',
      xml('Bucket', bucket.name),
      xml('Key', key),
      xml('UploadId', upload.id),
      owner(upload.owner, 'Initiator'),
      owner(bucket.account),
      xml('StorageClass', 'STANDARD'),
      xml('PartNumberMarker', after),
      xml('NextPartNumberMarker', shown.at(-1)?.number ?? 0),
      xml('MaxParts', asked),
      xml('IsTruncated', flag(rows.length > limit)),
      isNamed && [xml('ChecksumAlgorithm', algorithm.name), xml('ChecksumType', type)],
      shown.map((part) =>
        xml(
          'Part',
          xml('PartNumber', part.number),
          xml('LastModified', isoTime(part.modified_us)),
          xml('ETag', quoted(part.etag)),
          xml('Size', part.bytes),
          isNamed && part.checksum !== null && xml(`Checksum${algorithm.name}`, part.checksum),
        ),
      ),
    ),
  }
}

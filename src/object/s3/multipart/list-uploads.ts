// ListMultipartUploads: what was begun and neither completed nor aborted, by key and then by id.
import { uploadsList } from '../../engine/index.ts'
import { encodingOf, given, limitOf } from '../listings/parameters.ts'
import type { S3Answer, S3Call } from '../operation.ts'
import { isoTime } from '../times.ts'
import { owner } from '../views.ts'
import { flag, xml } from '../xml/write.ts'
import { checksumOf } from './upload.ts'

export async function uploadsListHandle(call: S3Call): Promise<S3Answer> {
  const { engine, bucket, request } = call
  const { type, encoded } = encodingOf(request)
  const { limit } = limitOf(request, 'max-uploads')
  const [prefix, delimiter, marker] = [given(request, 'prefix'), given(request, 'delimiter'), given(request, 'key-marker')]
  // without a key it says nothing
  const idMarker = marker === undefined ? undefined : given(request, 'upload-id-marker')
  const page =
    limit === 0
      ? { entries: [], truncated: false, last: undefined }
      : await uploadsList(engine, bucket.container, {
          limit,
          ...(prefix !== undefined && { prefix }),
          ...(delimiter !== undefined && { delimiter }),
          ...(marker !== undefined && { marker }),
          ...(idMarker !== undefined && { idMarker }),
        })
  const last = page.entries.at(-1)
  return {
    xml: xml(
      'ListMultipartUploadsResult',
      xml('Bucket', bucket.name),
      xml('KeyMarker', encoded(marker ?? '')),
      xml('UploadIdMarker', idMarker ?? ''),
      page.truncated && [xml('NextKeyMarker', encoded(page.last ?? '')), last && 'row' in last && xml('NextUploadIdMarker', last.row.id)],
      delimiter !== undefined && xml('Delimiter', encoded(delimiter)),
      xml('Prefix', encoded(prefix ?? '')),
      type && xml('EncodingType', type),
      xml('MaxUploads', limit),
      xml('IsTruncated', flag(page.truncated)),
      page.entries.map((entry) => {
        if (!('row' in entry)) return xml('CommonPrefixes', xml('Prefix', encoded(entry.subdir)))
        const { row } = entry
        const checksum = checksumOf(row)
        return xml(
          'Upload',
          xml('Key', encoded(row.name)),
          xml('UploadId', row.id),
          owner(row.owner, 'Initiator'),
          owner(bucket.account),
          xml('StorageClass', 'STANDARD'),
          xml('Initiated', isoTime(row.created_us)),
          checksum.isNamed && [xml('ChecksumAlgorithm', checksum.algorithm.name), xml('ChecksumType', checksum.type)],
        )
      }),
    ),
  }
}

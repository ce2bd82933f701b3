// CompleteMultipartUpload: the parts that the request lists become the object, its ETag and its checksum made out of theirs. Asked a
// second time it answers the same again.
import { uploadComplete } from '../../engine/index.ts'
import type { Checksum, ObjectRow, PartRow, UploadRow } from '../../store/tables.ts'
import { xmlBody } from '../body/small.ts'
import { checksumHeader } from '../checksums/algorithms.ts'
import { S3Error } from '../errors.ts'
import { writeConditions } from '../objects/conditions.ts'
import { versionHeader } from '../objects/find.ts'
import type { S3Answer, S3Call } from '../operation.ts'
import { etagShown } from '../views.ts'
import { xml } from '../xml/write.ts'
import { finalChecksum, finalClaim } from './final-checksum.ts'
import { partsAll } from './list-parts.ts'
import { partsNamed, type NamedPart } from './named-parts.ts'
import { checksumOf, uploadIdOf, uploadMaybe } from './upload.ts'

const bodyBytesAtMost = 4 * 1_048_576
const partBytesAtLeast = 5 * 1_048_576

export async function uploadCompleteHandle(call: S3Call): Promise<S3Answer> {
  const { engine, by, bucket, key, request } = call
  const conditions = writeConditions(request.headers)
  const parts = partsNamed(await xmlBody(call, { root: 'CompleteMultipartUpload', maxBytes: bodyBytesAtMost, ofObject: true }))
  const upload = await uploadMaybe(call)
  const checksum = upload && (await checksumMade(call, upload, parts))
  const { object } = await uploadComplete(engine, {
    by,
    account: bucket.account,
    container: bucket.name,
    name: key,
    uploadId: uploadIdOf(call),
    parts: parts.map(({ number, etag }) => ({ number, etag })),
    minPartBytes: partBytesAtLeast,
    ...(checksum && { checksum: () => checksum }),
    ...(conditions && { conditions }),
  })
  return answerOf(call, object)
}

/** Holds what the request says of the parts against what they are, and makes the object's checksum. */
async function checksumMade(call: S3Call, upload: UploadRow, named: NamedPart[]): Promise<Checksum | undefined> {
  const wanted = checksumOf(upload)
  const claim = finalClaim(call.request, wanted)
  const known = new Map<number, PartRow>()
  for (const part of await partsAll(call.engine, upload.id)) known.set(part.number, part)
  const rows = named.map(({ number, etag, checksum }) => {
    const row = known.get(number)
    if (!row || row.etag !== etag) throw invalidPart(upload, number, etag)
    if (checksum && checksum.algorithm !== wanted.algorithm) {
      throw new S3Error(
        'BadDigest',
        `The ${checksum.algorithm.name.toLowerCase()} you specified for part ${number} did not match what we received.`,
      )
    }
    if (checksum && checksum.value !== row.checksum) throw invalidPart(upload, number, etag)
    if (!checksum && wanted.isNamed && wanted.type === 'COMPOSITE') {
      const word = wanted.algorithm.name.toLowerCase()
      throw new S3Error(
        'InvalidRequest',
        `The upload was created using a ${word} checksum. The complete request must include the checksum for each part. It was missing for part ${number} in the request.`,
      )
    }
    return row
  })
  sizeCheck(call, rows)
  const made = await finalChecksum(call.platform.clock, wanted, rows)
  if (made && claim !== undefined && claim !== made.value) {
    throw new S3Error('BadDigest', `The ${made.algorithm} you specified did not match the calculated checksum.`)
  }
  return made
}

const invalidPart = (upload: UploadRow, number: number, etag: string): S3Error =>
  new S3Error('InvalidPart', undefined, { facts: { UploadId: upload.id, PartNumber: number, ETag: etag } })

function sizeCheck({ request }: S3Call, rows: PartRow[]): void {
  const text = request.headers.get('x-amz-mp-object-size')
  if (text === undefined) return
  if (!/^-?\d{1,15}$/.test(text)) throw new S3Error('InvalidRequest', `Value for x-amz-mp-object-size header is invalid: '${text}'`)
  const expected = Number(text)
  if (expected < 0) throw new S3Error('InvalidRequest', `Value for x-amz-mp-object-size header is less than zero: '${expected}'`)
  const bytes = rows.reduce((sum, row) => sum + row.bytes, 0)
  if (bytes !== expected) {
    throw new S3Error(
      'InvalidRequest',
      `The provided 'x-amz-mp-object-size' header value ${expected} does not match what was computed: ${bytes}`,
    )
  }
}

function answerOf(call: S3Call, object: ObjectRow): S3Answer {
  const { bucket, key, request } = call
  const { checksum } = object.system
  const path = request.isVirtualHost ? '' : `/${bucket.name}`
  return {
    headers: {
      ...versionHeader(bucket, object),
      ...(checksum && { [checksumHeader({ name: checksum.algorithm })]: checksum.value, 'x-amz-checksum-type': checksum.type }),
    },
    xml: xml(
      'CompleteMultipartUploadResult',
      xml(
        'Location',
        `${request.isSecure ? 'https' : 'http'}://${request.host}${path}/${key.split('/').map(encodeURIComponent).join('/')}`,
      ),
      xml('Bucket', bucket.name),
      xml('Key', key),
      xml('ETag', etagShown(object)),
      checksum && [xml(`Checksum${checksum.algorithm}`, checksum.value), xml('ChecksumType', checksum.type)],
    ),
  }
}

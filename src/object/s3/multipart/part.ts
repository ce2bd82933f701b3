// UploadPart and UploadPartCopy: a part is durable when it is answered; the last of the same number counts.
import { bodyLimit, partCopy, partPut } from '../../engine/index.ts'
import type { PartRow, UploadRow } from '../../store/tables.ts'
import { bodyTake } from '../body/take.ts'
import { checksumHeader, type Algorithm } from '../checksums/algorithms.ts'
import { invalidArgument, S3Error } from '../errors.ts'
import { onPart } from '../hooks.ts'
import { copySource, copySourceParse, type CopySource } from '../objects/copy-source.ts'
import { meaningOpen } from '../objects/stands-for.ts'
import type { S3Answer, S3Call, Shown } from '../operation.ts'
import { isoTime } from '../times.ts'
import { quoted } from '../views.ts'
import { xml } from '../xml/write.ts'
import { checksumOf, partChecksumCheck, partNumberOf, uploadOf } from './upload.ts'

const bytesAtMost = 5 * 1024 ** 3

type Encryption = 'root' | { customerKey: Buffer }

/** How the parts of an upload are encrypted: as it was begun, or by the key that the hook has read. */
async function encryptionOf(
  call: S3Call,
  upload: UploadRow,
): Promise<{ encryption: Encryption; answer: Record<string, string> } | { answer: Record<string, string> }> {
  const answer: Shown = {}
  for (const hook of onPart) await hook(call, upload, answer)
  const encryption: Encryption | undefined = call.customerKey
    ? { customerKey: call.customerKey }
    : upload.system['encrypts'] === true
      ? 'root'
      : undefined
  return encryption ? { encryption, answer } : { answer }
}

export async function partPutHandle(call: S3Call): Promise<S3Answer> {
  const { engine, by, bucket, key } = call
  const number = partNumberOf(call)
  const upload = await uploadOf(call)
  const wanted = checksumOf(upload)
  const limit = await bodyLimit(engine, { account: bucket.account, container: bucket.name, name: key })
  const { answer, ...encryption } = await encryptionOf(call, upload)
  const { body, checksum } = await bodyTake(call, {
    maxBytes: limit.bytes,
    keep: wanted.algorithm,
    allow: (came) => partChecksumCheck(wanted, came),
    ...encryption,
  })
  const part = await partPut(engine, { by, uploadId: upload.id, number, body, checksum: checksum.value })
  return { headers: { etag: quoted(part.etag), ...(wanted.isNamed && { [checksumHeader(wanted.algorithm)]: checksum.value }), ...answer } }
}

export async function partCopyHandle(call: S3Call): Promise<S3Answer> {
  const number = partNumberOf(call)
  copySourceParse(call.request.headers.get('x-amz-copy-source') ?? '')
  const upload = await uploadOf(call)
  const source = await copySource(call)
  const { algorithm, isNamed } = checksumOf(upload)
  const part = await copied(call, { upload, number, source, algorithm })
  return {
    ...(source.versionText !== undefined && { headers: { 'x-amz-copy-source-version-id': source.versionText } }),
    xml: xml(
      'CopyPartResult',
      xml('LastModified', isoTime(part.modified_us)),
      xml('ETag', quoted(part.etag)),
      isNamed && part.checksum !== null && xml(`Checksum${algorithm.name}`, part.checksum),
    ),
  }
}

interface Copying {
  upload: UploadRow
  number: number
  source: CopySource
  algorithm: Algorithm
}

/** A whole plain object whose checksum is already the upload's costs a row; anything else is read and written. */
async function copied(call: S3Call, { upload, number, source, algorithm }: Copying): Promise<PartRow> {
  const { engine, by } = call
  const { object } = source
  const range = copyRange(call.request.headers.get('x-amz-copy-source-range'), object.bytes)
  const { start, end } = range ?? { start: 0, end: object.bytes }
  if (end - start > bytesAtMost) {
    throw new S3Error(
      'InvalidRequest',
      `The specified copy source is larger than the maximum allowable size for a copy source: ${bytesAtMost}`,
    )
  }
  // what follows reads another key from the request: the upload's
  const sourceCall = { ...call }
  const { customerKey: sourceKey } = call
  const { answer: _answer, ...encryption } = await encryptionOf(call, upload)
  const isSame = object.system.checksum?.algorithm === algorithm.name && object.system.checksum.type === 'FULL_OBJECT'
  if (!range && object.kind === 'plain' && isSame && !('encryption' in encryption) && !sourceKey) {
    return partCopy(engine, { by, uploadId: upload.id, number, source: object, checksum: object.system.checksum?.value })
  }
  const bytes = await meaningOpen(sourceCall, source.meaning, { start, end })
  const body = await engine.blobs.take(bytes, {
    maxBytes: end - start,
    bytes: end - start,
    digests: algorithm.digest === 'md5' ? [] : [algorithm.digest],
    ...encryption,
  })
  const raw = algorithm.digest === 'md5' ? Buffer.from(body.md5, 'hex') : body.digests[algorithm.digest]
  return partPut(engine, { by, uploadId: upload.id, number, body, ...(raw && { checksum: raw.toString('base64') }) })
}

/** end is exclusive */
function copyRange(text: string | undefined, bytes: number): { start: number; end: number } | null {
  if (text === undefined) return null
  const parts = /^bytes=(\d{1,15})-(\d{1,15})$/.exec(text)
  if (!parts || Number(parts[1]) > Number(parts[2])) {
    throw invalidArgument(
      'x-amz-copy-source-range',
      text,
      'The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy',
    )
  }
  if (Number(parts[2]) >= bytes)
    throw invalidArgument('x-amz-copy-source-range', text, `Range specified is not valid for source object of size: ${bytes}`)
  return { start: Number(parts[1]), end: Number(parts[2]) + 1 }
}

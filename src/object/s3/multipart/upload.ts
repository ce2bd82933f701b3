// The upload that a request means, and what its parts' checksums must be.
import { uploadFind } from '../../engine/index.ts'
import type { UploadRow } from '../../store/tables.ts'
import { algorithmNamed, defaultAlgorithm, type Algorithm, type ChecksumType } from '../checksums/algorithms.ts'
import { invalidArgument, S3Error } from '../errors.ts'
import type { S3Call } from '../operation.ts'

export const partsAtMost = 10_000

export async function uploadOf(call: S3Call): Promise<UploadRow> {
  const upload = await uploadMaybe(call)
  if (!upload) throw noUpload(call)
  return upload
}

export const uploadMaybe = (call: S3Call): Promise<UploadRow | undefined> =>
  uploadFind(call.engine, call.bucket.container, call.key, uploadIdOf(call))

export const uploadIdOf = ({ request }: S3Call): string => request.query.get('uploadId') ?? ''

const noUpload = (call: S3Call): S3Error => new S3Error('NoSuchUpload', undefined, { facts: { UploadId: uploadIdOf(call) } })

export function partNumberOf({ request }: S3Call): number {
  const text = request.query.get('partNumber') ?? ''
  const number = Number(text)
  if (!/^\d{1,9}$/.test(text) || number < 1 || number > partsAtMost) {
    throw invalidArgument('partNumber', text, 'Part number must be an integer between 1 and 10000, inclusive.')
  }
  return number
}

export interface UploadChecksum {
  algorithm: Algorithm
  type: ChecksumType
  /** said when the upload was made; otherwise it is what the door keeps by itself */
  isNamed: boolean
}

export function checksumOf({ system }: UploadRow): UploadChecksum {
  const { checksum } = system
  return checksum
    ? { algorithm: algorithmNamed(checksum.algorithm), type: checksum.type, isNamed: true }
    : { algorithm: defaultAlgorithm, type: 'FULL_OBJECT', isNamed: false }
}

/** A part brings the checksum that its upload was named for; without it a composite one could not be made. */
export function partChecksumCheck({ algorithm, type, isNamed }: UploadChecksum, came: Algorithm | undefined): void {
  if (!isNamed) return
  if (came === undefined && type === 'COMPOSITE') throw typeMismatch(algorithm.name, 'null')
  if (came !== undefined && came !== algorithm) throw typeMismatch(algorithm.name, came.name)
}

const typeMismatch = (expected: string, actual: string): S3Error =>
  new S3Error('InvalidRequest', `Checksum Type mismatch occurred, expected checksum Type: ${expected}, actual checksum Type: ${actual}`)

// What a request says that its body's checksum is: in one header, or that it will come in a trailer.
import { S3Error } from '../errors.ts'
import type { S3Request } from '../request.ts'
import { algorithmNamed, algorithmOfHeader, isChecksumValue, type Algorithm } from './algorithms.ts'

export interface ClaimedChecksum {
  algorithm: Algorithm
  /** base64; null: a trailer says it */
  value: string | null
}

export const invalidValue = (header: string): S3Error => new S3Error('InvalidRequest', `Value for ${header} header is invalid.`)

export function claimedChecksum({ headers }: S3Request): ClaimedChecksum | undefined {
  const named = [...headers].flatMap(([header, value]) => {
    const algorithm = algorithmOfHeader(header)
    return algorithm ? [{ algorithm, header, value }] : []
  })
  const trailer = headers.get('x-amz-trailer')?.trim().toLowerCase()
  if (named.length > 1 || (named.length > 0 && trailer !== undefined)) {
    throw new S3Error('InvalidRequest', 'Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.')
  }
  const [header] = named
  if (header && !isChecksumValue(header.algorithm, header.value)) throw invalidValue(header.header)
  const claimed = header ? { algorithm: header.algorithm, value: header.value } : trailerClaim(trailer)
  announcedCheck(headers.get('x-amz-sdk-checksum-algorithm'), claimed)
  return claimed
}

function trailerClaim(trailer: string | undefined): ClaimedChecksum | undefined {
  if (trailer === undefined) return undefined
  const algorithm = trailer.includes(',') ? undefined : algorithmOfHeader(trailer)
  if (!algorithm) throw new S3Error('InvalidRequest', 'The value specified in the x-amz-trailer header is not supported')
  return { algorithm, value: null }
}

/** SDKs announce the algorithm of the checksum that they send. */
function announcedCheck(announced: string | undefined, claimed: ClaimedChecksum | undefined): void {
  if (announced === undefined) return
  const algorithm = algorithmNamed(announced)
  if (!claimed) {
    throw new S3Error(
      'InvalidRequest',
      'x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found.',
    )
  }
  if (claimed.algorithm !== algorithm) throw invalidValue('x-amz-sdk-checksum-algorithm')
}

// What a request says of its body before the first byte of it has come: how long it is, how it is framed, and what its digests will be.
import { claimedChecksum, type ClaimedChecksum } from '../checksums/claimed.ts'
import { S3Error } from '../errors.ts'
import type { S3Request } from '../request.ts'
import { streaming, type Signer } from '../sign/authenticate.ts'

export interface BodyClaims {
  /** of the object, without framing; undefined: nobody says, which only small bodies may */
  bytes: number | undefined
  /** how the pieces of a chunked body are; null: the bytes are the body */
  framing: { signed: boolean; trailer: boolean } | null
  /** hex */
  sha256: string | undefined
  /** raw */
  md5: Buffer | undefined
  checksum: ClaimedChecksum | undefined
}

/** `ofObject`: checksum headers speak of an object, not of these bytes. */
export function bodyClaims(request: S3Request, { payload }: Signer, options: { ofObject?: boolean } = {}): BodyClaims {
  const framing =
    payload === streaming.signed
      ? { signed: true, trailer: false }
      : payload === streaming.signedTrailer
        ? { signed: true, trailer: true }
        : payload === streaming.unsignedTrailer
          ? { signed: false, trailer: true }
          : null
  const checksum = options.ofObject ? undefined : claimedChecksum(request)
  if (checksum?.value === null && !framing?.trailer) throw new S3Error('MalformedTrailerError')
  return {
    bytes: lengthOf(request, framing !== null),
    framing,
    sha256: payload !== null && /^[0-9a-f]{64}$/i.test(payload) ? payload.toLowerCase() : undefined,
    md5: md5Of(request.headers.get('content-md5')),
    checksum,
  }
}

function lengthOf({ headers }: S3Request, isChunked: boolean): number | undefined {
  const text = headers.get(isChunked ? 'x-amz-decoded-content-length' : 'content-length')
  if (text === undefined) {
    if (isChunked) throw new S3Error('MissingContentLength')
    return undefined
  }
  if (!/^\d{1,15}$/.test(text)) throw new S3Error('MissingContentLength')
  return Number(text)
}

function md5Of(text: string | undefined): Buffer | undefined {
  if (text === undefined) return undefined
  const raw = Buffer.from(text, 'base64')
  if (raw.length !== 16 || raw.toString('base64') !== text)
    throw new S3Error('InvalidDigest', undefined, { facts: { 'Content-MD5': text } })
  return raw
}

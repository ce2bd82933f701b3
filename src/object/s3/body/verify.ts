// Holds what came against what was said of it.
import type { Digest, Digests } from '../../../platform/bytes/digests.ts'
import { checksumHeader, isChecksumValue, type Algorithm } from '../checksums/algorithms.ts'
import { S3Error } from '../errors.ts'
import type { BodyClaims } from './claims.ts'
import type { BodySource } from './source.ts'

/** Beside MD5, which the store always makes. */
export function digestsWanted({ sha256, checksum }: BodyClaims, kept?: Algorithm): Digest[] {
  const wanted = new Set<Digest>(sha256 === undefined ? [] : ['sha256'])
  if (checksum) wanted.add(checksum.algorithm.digest)
  if (kept) wanted.add(kept.digest)
  wanted.delete('md5')
  return [...wanted]
}

export interface Came {
  /** hex */
  md5: string
  digests: Digests
}

/** Throws the first thing that does not hold. */
export function bodyVerify(claims: BodyClaims, source: BodySource, { md5, digests }: Came): void {
  const sha256 = digests.sha256?.toString('hex')
  if (claims.sha256 !== undefined && claims.sha256 !== sha256) {
    throw new S3Error('XAmzContentSHA256Mismatch', undefined, {
      facts: { ClientComputedContentSHA256: claims.sha256, S3ComputedContentSHA256: sha256 ?? '' },
    })
  }
  if (claims.md5 && claims.md5.toString('hex') !== md5) {
    throw new S3Error('BadDigest', undefined, {
      facts: { CalculatedDigest: Buffer.from(md5, 'hex').toString('base64'), ExpectedDigest: claims.md5.toString('hex') },
    })
  }
  if (!claims.checksum) return
  const { algorithm, value } = claims.checksum
  const said = value ?? trailerValue(source, algorithm)
  const came = algorithm.digest === 'md5' ? Buffer.from(md5, 'hex') : digests[algorithm.digest]
  if (came?.toString('base64') !== said) {
    throw new S3Error('BadDigest', `The ${algorithm.name} you specified did not match the calculated checksum.`)
  }
}

function trailerValue(source: BodySource, algorithm: Algorithm): string {
  const header = checksumHeader(algorithm)
  const value = source.trailer(header)
  if (value === undefined) throw new S3Error('MalformedTrailerError')
  if (!isChecksumValue(algorithm, value)) throw new S3Error('InvalidRequest', `Value for ${header} trailing header is invalid.`)
  return value
}

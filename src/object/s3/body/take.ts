// Takes a request's body into the store: durable and held against all that was said of it when this resolves. The row that names it
// comes after (the engine throws the bytes away when it refuses the row).
import type { Body } from '../../blobs/index.ts'
import { defaultAlgorithm, type Algorithm } from '../checksums/algorithms.ts'
import { S3Error } from '../errors.ts'
import type { S3Call } from '../operation.ts'
import { bodyClaims } from './claims.ts'
import { bodySource } from './source.ts'
import { bodyVerify, digestsWanted } from './verify.ts'

/** of one request; larger objects come in parts */
const bytesAtMost = 5 * 1024 ** 3

export interface Taken {
  body: Body
  /** of the bytes, by the algorithm that is kept */
  checksum: { algorithm: Algorithm; value: string }
}

export interface TakeOptions {
  /** the quota's rest, for refusing early; null: none */
  maxBytes: number | null
  /** the algorithm that is kept; else the one that the request names, or Amazon's own choice */
  keep?: Algorithm
  /** looks at the algorithm that the request names before a byte is taken */
  allow?(algorithm: Algorithm | undefined): void
  encryption?: 'root' | { customerKey: Buffer }
}

export async function bodyTake(call: S3Call, options: TakeOptions): Promise<Taken> {
  const claims = bodyClaims(call.request, call.signer)
  const { bytes } = claims
  if (bytes === undefined) throw new S3Error('MissingContentLength')
  if (bytes > bytesAtMost) throw new S3Error('EntityTooLarge', undefined, { facts: { ProposedSize: bytes, MaxSizeAllowed: bytesAtMost } })
  if (options.maxBytes !== null && bytes > options.maxBytes) throw new S3Error('QuotaExceeded')
  options.allow?.(claims.checksum?.algorithm)
  const algorithm = options.keep ?? claims.checksum?.algorithm ?? defaultAlgorithm
  const source = bodySource(call, claims)
  const { blobs } = call.engine
  const body = await blobs.take(source.bytes, {
    maxBytes: bytes,
    bytes,
    digests: digestsWanted(claims, algorithm),
    ...(options.encryption && { encryption: options.encryption }),
  })
  try {
    bodyVerify(claims, source, body)
  } catch (error) {
    await blobs.discard(body)
    throw error
  }
  const raw = algorithm.digest === 'md5' ? Buffer.from(body.md5, 'hex') : body.digests[algorithm.digest]
  return { body, checksum: { algorithm, value: (raw ?? Buffer.alloc(0)).toString('base64') } }
}

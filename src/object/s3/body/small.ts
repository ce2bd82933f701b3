// Small bodies (XML, policies): whole in memory, bounded, held against what was said of them.
import { digestOf } from '../../../platform/bytes/digests.ts'
import { S3Error } from '../errors.ts'
import type { S3Call } from '../operation.ts'
import type { XmlElement } from '../xml/read.ts'
import { bodyClaims } from './claims.ts'
import { bodySource } from './source.ts'
import { bodyVerify, digestsWanted } from './verify.ts'

const defaultBytesAtMost = 262_144

export interface SmallOptions {
  maxBytes?: number
  /** checksum headers are about the object, not about this body */
  ofObject?: boolean
  /** it must come with Content-MD5 or a checksum */
  needsDigest?: boolean
}

export async function smallBody(
  call: S3Call,
  { maxBytes = defaultBytesAtMost, needsDigest = false, ofObject = false }: SmallOptions = {},
): Promise<Buffer> {
  const claims = bodyClaims(call.request, call.signer, { ofObject })
  // only objects and parts come in chunks
  if (claims.framing) throw new S3Error('InvalidRequest', 'The value of x-amz-content-sha256 header is invalid.')
  if (needsDigest && !claims.md5 && !claims.checksum) {
    throw new S3Error('InvalidRequest', 'Missing required header for this request: Content-MD5 OR x-amz-checksum-*')
  }
  if ((claims.bytes ?? 0) > maxBytes) throw tooLong(maxBytes)
  const source = bodySource(call, claims)
  const chunks: Buffer[] = []
  let bytes = 0
  // a body that is too long leaves the connection open, so that its other side reads why
  for await (const chunk of source.bytes.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > maxBytes) throw tooLong(maxBytes)
    chunks.push(chunk)
  }
  if (claims.bytes !== undefined && bytes !== claims.bytes) throw new S3Error('IncompleteBody')
  const body = Buffer.concat(chunks)
  const digests = digestOf(body, ['md5', ...digestsWanted(claims)])
  bodyVerify(claims, source, { md5: digests.md5?.toString('hex') ?? '', digests })
  return body
}

const tooLong = (maxBytes: number): S3Error =>
  new S3Error('MaxMessageLengthExceeded', undefined, { facts: { MaxMessageLengthBytes: maxBytes } })

/** The body as XML with that root; null when it is empty and may be. */
export async function xmlBody(call: S3Call, options: SmallOptions & { root: string }): Promise<XmlElement> {
  const found = await xmlBodyOrNone(call, options)
  if (!found) throw new S3Error('MissingRequestBodyError')
  return found
}

export async function xmlBodyOrNone(call: S3Call, options: SmallOptions & { root: string }): Promise<XmlElement | null> {
  const body = await smallBody(call, options)
  if (body.length === 0) return null
  const { xmlRead } = await import('../xml/read.ts')
  return xmlRead(body, options.root)
}

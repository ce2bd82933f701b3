// The bytes of a request's body without their framing. 100 Continue is said when somebody begins to read, so that whoever was refused
// before has sent nothing.
import type { Readable } from 'node:stream'
import { S3Error } from '../errors.ts'
import type { S3Call } from '../operation.ts'
import { ChunkedBody } from './chunked.ts'
import type { BodyClaims } from './claims.ts'

export interface BodySource {
  bytes: Readable
  /** of a chunked body, once it has ended */
  trailer(name: string): string | undefined
}

const announcedTrailer = (headers: ReadonlyMap<string, string>): string | null => headers.get('x-amz-trailer')?.trim().toLowerCase() ?? null

export function bodySource({ request: { raw, headers }, response, signer }: S3Call, claims: BodyClaims): BodySource {
  if (headers.get('expect')?.toLowerCase() === '100-continue' && !response.headersSent) response.writeContinue()
  const { framing, bytes } = claims
  if (!framing) return { bytes: raw, trailer: () => undefined }
  if (framing.signed && !signer.seed) throw new S3Error('AccessDenied')
  const decoder = new ChunkedBody({
    seed: framing.signed ? signer.seed : null,
    trailer: framing.trailer,
    announced: announcedTrailer(headers),
    bytes: bytes ?? 0,
  })
  // not by pipeline, which would end the connection before its other side has read why it was refused
  const broken = (error?: Error) => void decoder.destroy(error ?? new S3Error('IncompleteBody'))
  raw.on('error', broken)
  // it may be refused before anybody reads, and while whoever read has already gone: the error is kept with the stream for the reader
  decoder.on('error', () => undefined)
  raw.once('close', () => raw.complete || broken())
  decoder.once('close', () => raw.unpipe(decoder))
  raw.pipe(decoder)
  return { bytes: decoder, trailer: (name) => decoder.trailers.get(name) }
}

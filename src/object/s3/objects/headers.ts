// What of an object stands in headers: its type, the headers that come back as they were sent, and metadata of the user's own. Swift's
// headers (X-Object-Meta-…, X-Copy-From and the like) mean nothing at this door (attack-38).
import { S3Error } from '../errors.ts'
import { onWrite, type ObjectDraft } from '../hooks.ts'
import type { Bucket, S3Call, Shown } from '../operation.ts'
import { metadataRead, metadataWritten } from './rfc2047.ts'

const metadataBytesAtMost = 2_048
const defaultType = 'binary/octet-stream'

/** come back with the object */
export const keptHeaders = ['cache-control', 'content-disposition', 'content-encoding', 'content-language', 'expires'] as const

const sent = 'x-amz-meta-'
const stored = 'x-object-meta-'

/** What the request's headers make of an object, with what every feature reads of them. */
export async function draftOf(call: S3Call, bucket: Bucket): Promise<ObjectDraft> {
  const { headers } = call.request
  storageClassCheck(headers.get('x-amz-storage-class'))
  const draft: ObjectDraft = {
    contentType: headers.get('content-type') || defaultType,
    metadata: userMetadata(headers),
    system: keptOf(headers),
    expiresUs: null,
    answer: {},
  }
  for (const hook of onWrite) await hook(call, bucket, draft)
  return draft
}

function keptOf(headers: ReadonlyMap<string, string>): ObjectDraft['system'] {
  const kept: ObjectDraft['system'] = {}
  for (const name of keptHeaders) {
    const value = name === 'content-encoding' ? withoutFraming(headers.get(name)) : headers.get(name)
    if (value !== undefined && value !== '') kept[name] = value
  }
  return kept
}

/** aws-chunked is how the bytes came, not how the object is encoded. */
function withoutFraming(encoding: string | undefined): string | undefined {
  return encoding
    ?.split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '' && each.toLowerCase() !== 'aws-chunked')
    .join(',')
}

function userMetadata(headers: ReadonlyMap<string, string>): Record<string, string> {
  const metadata: Shown = {}
  let bytes = 0
  for (const [name, value] of headers) {
    if (!name.startsWith(sent) || name === sent) continue
    const word = name.slice(sent.length)
    bytes += Buffer.byteLength(word) + Buffer.byteLength(value)
    metadata[stored + word] = metadataRead(value)
  }
  if (bytes > metadataBytesAtMost) {
    throw new S3Error('MetadataTooLarge', undefined, { facts: { Size: bytes, MaxSizeAllowed: metadataBytesAtMost } })
  }
  return metadata
}

export function metadataShown(metadata: Record<string, string>): Record<string, string> {
  const shown: Shown = {}
  for (const [name, value] of Object.entries(metadata)) {
    if (name.startsWith(stored)) shown[sent + name.slice(stored.length)] = metadataWritten(value)
  }
  return shown
}

/** There is one class here; a cheaper one is not given out as if it were. */
function storageClassCheck(word: string | undefined): void {
  if (word !== undefined && word !== '' && word !== 'STANDARD') throw new S3Error('InvalidStorageClass')
}

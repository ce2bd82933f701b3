// The checksums that S3 knows beside MD5 of old: their names in headers and elements, how many bytes one has, and which of the two kinds
// of a whole multipart object's checksum each may have.
import type { Digest } from '../../../platform/bytes/digests.ts'
import { S3Error } from '../errors.ts'

export type ChecksumType = 'COMPOSITE' | 'FULL_OBJECT'

export interface Algorithm {
  /** as XML and x-amz-checksum-algorithm say it */
  name: string
  digest: Digest
  bytes: number
  /** of a multipart object; the first is what counts when nobody says */
  types: readonly ChecksumType[]
}

const both: readonly ChecksumType[] = ['COMPOSITE', 'FULL_OBJECT']
const composite: readonly ChecksumType[] = ['COMPOSITE']

export const algorithms: readonly Algorithm[] = [
  { name: 'CRC32', digest: 'crc32', bytes: 4, types: both },
  { name: 'CRC32C', digest: 'crc32c', bytes: 4, types: both },
  { name: 'CRC64NVME', digest: 'crc64nvme', bytes: 8, types: ['FULL_OBJECT'] },
  { name: 'SHA1', digest: 'sha1', bytes: 20, types: composite },
  { name: 'SHA256', digest: 'sha256', bytes: 32, types: composite },
  { name: 'SHA512', digest: 'sha512', bytes: 64, types: composite },
  { name: 'MD5', digest: 'md5', bytes: 16, types: composite },
]

/** What Amazon keeps when nobody names one. */
export const defaultAlgorithm = algorithms[2] as Algorithm

/** Amazon has them, they are not built here. */
const unbuilt = ['XXHASH64', 'XXHASH3', 'XXHASH128']

const byName = new Map(algorithms.map((algorithm) => [algorithm.name, algorithm]))

export const checksumHeader = ({ name }: { name: string }): string => `x-amz-checksum-${name.toLowerCase()}`

/** The algorithm of that name in any case; words that are none, or not built, are refused. */
export function algorithmNamed(word: string): Algorithm {
  const name = word.toUpperCase()
  const found = byName.get(name)
  if (found) return found
  if (unbuilt.includes(name)) throw new S3Error('NotImplemented', `The checksum algorithm ${name} is not implemented.`)
  throw new S3Error(
    'InvalidRequest',
    'Checksum algorithm provided is unsupported. Please try again with any of the valid types: [CRC32, CRC32C, CRC64NVME, MD5, SHA1, SHA256, SHA512, XXHASH128, XXHASH3, XXHASH64]',
  )
}

/** The algorithm that a header is named after; undefined when the header is about something else. */
export function algorithmOfHeader(header: string): Algorithm | undefined {
  if (!header.startsWith('x-amz-checksum-')) return undefined
  const name = header.slice('x-amz-checksum-'.length).toUpperCase()
  if (['ALGORITHM', 'TYPE', 'MODE'].includes(name)) return undefined
  if (unbuilt.includes(name)) throw new S3Error('NotImplemented', `The checksum algorithm ${name} is not implemented.`)
  const found = byName.get(name)
  if (!found) throw new S3Error('InvalidRequest', 'The algorithm type you specified in x-amz-checksum- header is invalid.')
  return found
}

/** Is that the base64 of one such checksum? */
export function isChecksumValue({ bytes }: Algorithm, value: string): boolean {
  const raw = Buffer.from(value, 'base64')
  return raw.length === bytes && raw.toString('base64') === value
}

// The parts that a CompleteMultipartUpload lists: numbers, ETags, and perhaps their checksums.
import { algorithms, isChecksumValue, type Algorithm } from '../checksums/algorithms.ts'
import { invalidArgument, S3Error } from '../errors.ts'
import { etagBare } from '../views.ts'
import { all, text, type XmlElement } from '../xml/read.ts'
import { partsAtMost } from './upload.ts'

export interface NamedPart {
  number: number
  etag: string
  checksum: { algorithm: Algorithm; value: string } | undefined
}

export function partsNamed(root: XmlElement): NamedPart[] {
  const parts = all(root, 'Part').map(partNamed)
  if (parts.length === 0 || parts.length > partsAtMost) throw new S3Error('MalformedXML')
  if (parts.some(({ number }, at) => at > 0 && number <= (parts[at - 1]?.number ?? 0))) throw new S3Error('InvalidPartOrder')
  return parts
}

function partNamed(element: XmlElement): NamedPart {
  const number = text(element, 'PartNumber')?.trim()
  const etag = text(element, 'ETag')
  if (number === undefined || !/^-?\d{1,9}$/.test(number) || etag === undefined) throw new S3Error('MalformedXML')
  if (Number(number) < 1) throw invalidArgument('PartNumber', number, 'PartNumber must be >= 1')
  return { number: Number(number), etag: etagBare(etag), checksum: checksumNamed(element) }
}

function checksumNamed(element: XmlElement): NamedPart['checksum'] {
  const found = element.children.filter(({ name }) => name.startsWith('Checksum'))
  const [first] = found
  if (!first) return undefined
  const algorithm = algorithms.find(({ name }) => `Checksum${name}` === first.name)
  const value = first.text.trim()
  if (found.length > 1 || !algorithm || !isChecksumValue(algorithm, value)) {
    throw invalidArgument('Checksum', value, 'Invalid Base64 or multiple checksums present in request')
  }
  return { algorithm, value }
}

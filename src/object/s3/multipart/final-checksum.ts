// The checksum of a multipart object out of its parts': of their concatenation and their number (composite), or of the whole object, which
// CRCs can be combined into without reading a byte.
import { crcCombine, type CrcName } from '../../../platform/bytes/crc.ts'
import { delay, type Clock } from '../../../platform/clock.ts'
import { digestOf } from '../../../platform/bytes/digests.ts'
import type { Checksum, PartRow } from '../../store/tables.ts'
import { algorithmOfHeader, checksumHeader, isChecksumValue, type Algorithm } from '../checksums/algorithms.ts'
import { invalidValue } from '../checksums/claimed.ts'
import { S3Error } from '../errors.ts'
import type { S3Request } from '../request.ts'
import { typeNamed } from './create.ts'
import type { UploadChecksum } from './upload.ts'

/** parts combined before others have their turn */
const atOnce = 100

/** The object's checksum as the request says it; undefined: it says none, or the upload was named for none. */
export function finalClaim({ headers }: S3Request, { algorithm, type, isNamed }: UploadChecksum): string | undefined {
  const claims = [...headers].filter(([header]) => algorithmOfHeader(header) !== undefined)
  if (claims.length > 1)
    throw new S3Error('InvalidRequest', 'Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.')
  const named = typeNamed(headers.get('x-amz-checksum-type'))
  if (named !== undefined && isNamed && named !== type) {
    throw new S3Error(
      'InvalidRequest',
      `The upload was created using the ${type} checksum mode. The complete request must use the same checksum mode.`,
    )
  }
  const [claim] = claims
  if (!claim) return undefined
  const [header, value] = claim
  const came = algorithmOfHeader(header) as Algorithm
  const isComposite = isNamed && type === 'COMPOSITE'
  const bare = isComposite ? value.replace(/-\d{1,5}$/, '') : value
  if (!isChecksumValue(came, bare)) throw invalidValue(header)
  if (!isNamed) return undefined
  if (header !== checksumHeader(algorithm))
    throw new S3Error('BadDigest', `The ${came.name} you specified did not match the calculated checksum.`)
  return value
}

export async function finalChecksum(clock: Clock, { algorithm, type }: UploadChecksum, parts: PartRow[]): Promise<Checksum | undefined> {
  const values = parts.map(({ checksum }) => checksum)
  // a part without one came by another way than this door's
  if (values.some((value) => value === null)) return undefined
  const raws = values.map((value) => Buffer.from(value ?? '', 'base64'))
  const { name, digest } = algorithm
  if (type === 'COMPOSITE') {
    const whole = digestOf(Buffer.concat(raws), [digest])[digest]
    return { algorithm: name, value: `${whole?.toString('base64')}-${parts.length}`, type }
  }
  let sum = raws[0] as Buffer
  for (let at = 1; at < parts.length; at++) {
    sum = crcCombine(digest as CrcName, sum, raws[at] as Buffer, parts[at]?.bytes ?? 0)
    if (at % atOnce === 0) await delay(clock, 0)
  }
  return { algorithm: name, value: sum.toString('base64'), type }
}

// A copy may ask for another checksum than its source has: then the bytes are read through once.
import { digestStart } from '../../../platform/bytes/digests.ts'
import type { ObjectRow } from '../../store/tables.ts'
import { algorithmNamed, type Algorithm } from '../checksums/algorithms.ts'
import type { S3Call } from '../operation.ts'
import type { CopySource } from './copy-source.ts'
import { meaningOpen } from './stands-for.ts'

export function algorithmAsked({ request }: S3Call): Algorithm | undefined {
  const word = request.headers.get('x-amz-checksum-algorithm')
  return word === undefined || word === '' ? undefined : algorithmNamed(word)
}

export async function copiedChecksum(call: S3Call, { object, meaning }: CopySource): Promise<ObjectRow['system']['checksum']> {
  const known = object.system.checksum
  const algorithm = algorithmAsked(call)
  if (algorithm === undefined) return known
  if (known?.algorithm === algorithm.name && known.type === 'FULL_OBJECT') return known
  const digesting = digestStart([algorithm.digest])
  if (object.bytes > 0) {
    const body = await meaningOpen(call, meaning, { start: 0, end: object.bytes })
    for await (const chunk of body as AsyncIterable<Buffer>) digesting.update(chunk)
  }
  return { algorithm: algorithm.name, value: digesting.digest()[algorithm.digest]?.toString('base64') ?? '', type: 'FULL_OBJECT' }
}

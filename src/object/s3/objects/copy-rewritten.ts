// A copy whose bytes are encrypted otherwise than its source's, or whose source is a manifest of Swift's: read, and written anew.
import { bodyLimit, objectPut, type Conditions, type Draft } from '../../engine/index.ts'
import type { ObjectRow } from '../../store/tables.ts'
import type { ObjectDraft } from '../hooks.ts'
import type { S3Call } from '../operation.ts'
import type { CopySource } from './copy-source.ts'
import { meaningOpen } from './stands-for.ts'

interface Rewriting {
  /** of the row */
  made: Draft
  draft: ObjectDraft
  conditions: Conditions | undefined
}

/** It is a plain object then, whatever its source was made of. */
export async function copyRewritten(
  call: S3Call,
  { object: source, meaning }: CopySource,
  { made, draft, conditions }: Rewriting,
): Promise<ObjectRow> {
  const { engine, by, bucket, key } = call
  const place = { account: bucket.account, container: bucket.name, name: key }
  const limit = await bodyLimit(engine, place)
  const { bytes } = source
  const from = bytes === 0 ? Buffer.alloc(0) : await meaningOpen(call, meaning, { start: 0, end: bytes })
  const body = await engine.blobs.take(from, {
    maxBytes: limit.bytes ?? bytes,
    bytes,
    digests: ['crc64nvme'],
    ...(draft.encryption && { encryption: draft.encryption }),
  })
  // how the source's bytes are kept is not how these are
  const { encryption: _encryption, checksum: known, ...system } = made.system
  const own = { algorithm: 'CRC64NVME', value: body.digests.crc64nvme?.toString('base64') ?? '', type: 'FULL_OBJECT' as const }
  const { object } = await objectPut(engine, {
    by,
    ...place,
    ...made,
    system: {
      ...system,
      checksum: known?.type === 'FULL_OBJECT' ? known : own,
      ...(draft.system['encryption'] !== undefined && { encryption: draft.system['encryption'] }),
    },
    body,
    ...(conditions && { conditions }),
  })
  return object
}

// PutObject: the bytes first, durable and checked, then the row with its conditions in one transaction.
import type { Body } from '../../blobs/index.ts'
import { bodyLimit, objectPut, type Conditions } from '../../engine/index.ts'
import type { ObjectRow } from '../../store/tables.ts'
import { bodyTake } from '../body/take.ts'
import { checksumHeader, type Algorithm } from '../checksums/algorithms.ts'
import type { ObjectDraft } from '../hooks.ts'
import { expirationHeader } from '../lifecycle/lifecycle.ts'
import type { Bucket, S3Answer, S3Call } from '../operation.ts'
import { quoted } from '../views.ts'
import { writeConditions } from './conditions.ts'
import { versionHeader } from './find.ts'
import { draftOf } from './headers.ts'

export async function objectPutHandle(call: S3Call): Promise<S3Answer> {
  const { engine, bucket, key, request } = call
  const conditions = writeConditions(request.headers)
  const draft = await draftOf(call, bucket)
  const limit = await bodyLimit(engine, { account: bucket.account, container: bucket.name, name: key })
  const taken = await bodyTake(call, { maxBytes: limit.bytes, ...(draft.encryption && { encryption: draft.encryption }) })
  const { headers } = await objectKept(call, bucket, key, { draft, ...taken, conditions })
  return { headers }
}

export interface Kept {
  draft: ObjectDraft
  body: Body
  checksum: { algorithm: Algorithm; value: string }
  conditions?: Conditions | undefined
}

/** The row of an object whose bytes are taken, and what the answer says of it. */
export async function objectKept(
  { engine, by }: S3Call,
  bucket: Bucket,
  key: string,
  { draft, body, checksum, conditions }: Kept,
): Promise<{ object: ObjectRow; headers: Record<string, string> }> {
  const kept = { algorithm: checksum.algorithm.name, value: checksum.value, type: 'FULL_OBJECT' as const }
  const { object } = await objectPut(engine, {
    by,
    account: bucket.account,
    container: bucket.name,
    name: key,
    body,
    contentType: draft.contentType,
    metadata: draft.metadata,
    system: { ...draft.system, checksum: kept },
    expiresUs: draft.expiresUs,
    ...(conditions && { conditions }),
  })
  const headers = {
    etag: quoted(object.etag),
    [checksumHeader(checksum.algorithm)]: kept.value,
    'x-amz-checksum-type': kept.type,
    'x-amz-object-size': String(object.bytes),
    ...versionHeader(bucket, object),
    ...expirationHeader(bucket, object),
    ...draft.answer,
  }
  return { object, headers }
}

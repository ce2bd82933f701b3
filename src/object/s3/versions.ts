// The version that a request's `?versionId=` names.
import type { Version } from '../engine/index.ts'
import type { VersionRow } from '../store/tables.ts'
import { objectOf, versionAsked } from './objects/find.ts'
import type { S3Call } from './operation.ts'

export { versionHeader } from './objects/find.ts'

/** empty is as none: some SDKs send it so */
const idOf = ({ request: { query } }: S3Call): string | undefined => query.get('versionId') || undefined

/** The object or version that the request means. */
export const versionFind = (call: S3Call): Promise<VersionRow> =>
  objectOf(call, { bucket: call.bucket, key: call.key, versionText: idOf(call) })

/** The version for the engine; nothing when the current object is meant. */
export function versionPart(call: S3Call): { version?: Version } {
  const version = versionAsked(idOf(call))
  return version === undefined ? {} : { version }
}

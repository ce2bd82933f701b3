// x-amz-website-redirect-location: where the website sends who asks for this object. At the door itself it is only a header.
import type { VersionRow } from '../../store/tables.ts'
import { S3Error } from '../errors.ts'
import type { ObjectDraft } from '../hooks.ts'
import type { Bucket, S3Call } from '../operation.ts'

const header = 'x-amz-website-redirect-location'
const bytesAtMost = 2_048

export function redirectOnWrite({ request }: S3Call, _bucket: Bucket, draft: ObjectDraft): void {
  const location = request.headers.get(header)
  if (location === undefined) return
  if (!/^(\/|https?:\/\/)/.test(location) || Buffer.byteLength(location) > bytesAtMost) throw new S3Error('InvalidRedirectLocation')
  draft.system['redirect'] = location
}

export function redirectOnRead(_call: S3Call, _bucket: Bucket, { system }: VersionRow, headers: Record<string, string>): void {
  const { redirect } = system
  if (typeof redirect === 'string') headers[header] = redirect
}

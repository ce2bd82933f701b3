// Asks whether the caller may: the one decision of both doors (src/object/access), with what only this door knows of the request.
import { table } from '../../platform/table.ts'
import { decide, type Act } from '../access/index.ts'
import type { VersionRow } from '../store/tables.ts'
import { S3Error } from './errors.ts'
import type { Bucket, S3Call } from './operation.ts'
import { conditionFacts } from './policy/facts.ts'

export interface Asked {
  action?: string
  bucket?: Bucket
  key?: string
  object?: VersionRow | null
}

/** The operation's own permission on its own bucket and key, unless another is named; refuses with AccessDenied. */
export async function permit(call: S3Call, asked: Asked = {}): Promise<void> {
  if (!(await mayDo(call, asked))) throw new S3Error('AccessDenied')
}

export async function mayDo(
  call: S3Call,
  { action = call.action, bucket = call.bucket, key = call.key, object }: Asked = {},
): Promise<boolean> {
  const { headers, raw, isSecure } = call.request
  const verdict = await decide(call.platform, {
    who: call.actor,
    account: (bucket as Bucket | undefined)?.account ?? call.account,
    container: (bucket as Bucket | undefined)?.container ?? null,
    object: object ?? null,
    ...(key !== '' && { objectName: key }),
    act: actOf(action),
    action,
    referrer: headers.get('referer'),
    source: raw.socket.remoteAddress ?? '',
    secure: isSecure,
    facts: conditionFacts(call),
  })
  return verdict.may
}

const acts = table<Act>({
  's3:ListAllMyBuckets': 'account.read',
  's3:CreateBucket': 'container.create',
  's3:DeleteBucket': 'container.delete',
  's3:ListBucket': 'container.list',
  's3:ListBucketVersions': 'container.list',
  's3:ListBucketMultipartUploads': 'container.list',
  's3:PutObject': 'object.create',
  's3:AbortMultipartUpload': 'object.create',
  's3:ListMultipartUploadParts': 'object.create',
  's3:DeleteObject': 'object.delete',
  's3:DeleteObjectVersion': 'object.delete',
  's3:GetObject': 'object.read',
  's3:GetObjectVersion': 'object.read',
  's3:GetObjectAttributes': 'object.read',
  's3:GetObjectVersionAttributes': 'object.read',
})

/** The kind of act that a permission of S3 is. What is not listed is set of a bucket or an object, and is its owner's business. */
const actOf = (action: string): Act => acts[action] ?? (/^s3:(Get|List)/.test(action) ? 'container.settings' : 'container.write')

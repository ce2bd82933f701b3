// Lifecycle of buckets: rules that end objects, versions and uploads by their age. The worker that keeps them is
// ../../lifecycle; moving objects to other classes is not built.
import { expirationOf, type LifecycleRule } from '../../lifecycle/rules.ts'
import type { ObjectRow, VersionRow } from '../../store/tables.ts'
import { xmlBody } from '../body/small.ts'
import { settingsOf, settingsSet } from '../bucket-settings.ts'
import { S3Error } from '../errors.ts'
import type { Bucket, S3Answer, S3Call, S3Operation } from '../operation.ts'
import { xml } from '../xml/write.ts'
import { all } from '../xml/read.ts'
import { ruleRead, ruleView } from './xml.ts'

const rulesAtMost = 1_000

async function lifecyclePut(call: S3Call): Promise<S3Answer> {
  const root = await xmlBody(call, { root: 'LifecycleConfiguration', maxBytes: 1_048_576 })
  const elements = all(root, 'Rule')
  if (elements.length === 0 || elements.length > rulesAtMost) throw new S3Error('MalformedXML')
  const rules = elements.map((element) => ruleRead(element, () => call.platform.ids.uuid()))
  if (new Set(rules.map(({ id }) => id)).size < rules.length)
    throw new S3Error('InvalidArgument', 'Rule ID must be unique. Found same ID for more than one rule')
  return settingsSet(call, { lifecycle: rules })
}

const rulesIn = ({ container }: Bucket): LifecycleRule[] | undefined => settingsOf(container).lifecycle

async function lifecycleGet({ bucket }: S3Call): Promise<S3Answer> {
  const rules = rulesIn(bucket)
  if (rules === undefined) throw new S3Error('NoSuchLifecycleConfiguration', undefined, { facts: { BucketName: bucket.name } })
  return { xml: xml('LifecycleConfiguration', rules.map(ruleView)) }
}

const lifecycleDelete = (call: S3Call): Promise<S3Answer> => settingsSet(call, { lifecycle: null }, { status: 204 })

/** When a rule will end this object: x-amz-expiration. */
export function expirationHeader(bucket: Bucket, object: ObjectRow): Record<string, string> {
  const rules = rulesIn(bucket)
  if (rules === undefined) return {}
  const { name, bytes, system, version_us: writtenUs } = object
  const found = expirationOf(rules, { name, bytes, tags: system.tags ?? {}, writtenUs })
  return found
    ? { 'x-amz-expiration': `expiry-date="${new Date(found.atUs / 1000).toUTCString()}", rule-id="${encodeURIComponent(found.ruleId)}"` }
    : {}
}

export function expirationOnRead(call: S3Call, bucket: Bucket, object: VersionRow, headers: Record<string, string>): void {
  if (!call.request.query.has('versionId')) Object.assign(headers, expirationHeader(bucket, object))
}

const query = ['lifecycle']
export const lifecycleOperations: S3Operation[] = [
  {
    name: 'PutBucketLifecycleConfiguration',
    method: 'PUT',
    on: 'bucket',
    query,
    action: 's3:PutLifecycleConfiguration',
    handler: lifecyclePut,
  },
  {
    name: 'GetBucketLifecycleConfiguration',
    method: 'GET',
    on: 'bucket',
    query,
    action: 's3:GetLifecycleConfiguration',
    handler: lifecycleGet,
  },
  {
    name: 'DeleteBucketLifecycle',
    method: 'DELETE',
    on: 'bucket',
    query,
    action: 's3:PutLifecycleConfiguration',
    handler: lifecycleDelete,
  },
]

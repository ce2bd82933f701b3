// Object lock of a bucket: that it is on (for good), and the retention of objects that say nothing themselves.
import type { DefaultRetention, LockMode } from '../../access/index.ts'
import { xmlBody } from '../body/small.ts'
import { settingsOf, settingsSet } from '../bucket-settings.ts'
import { invalidArgument, S3Error } from '../errors.ts'
import type { BucketDraft } from '../hooks.ts'
import type { S3Answer, S3Call, S3Operation } from '../operation.ts'
import { maybe, text, type XmlElement } from '../xml/read.ts'
import { xml } from '../xml/write.ts'

export interface BucketLock {
  retention?: DefaultRetention
}

const daysAtMost = 36_500
const yearsAtMost = 100

const isMode = (word: string | undefined): word is LockMode => word === 'GOVERNANCE' || word === 'COMPLIANCE'

async function lockPut(call: S3Call): Promise<S3Answer> {
  const { bucket } = call
  const root = await xmlBody(call, { root: 'ObjectLockConfiguration' })
  if (text(root, 'ObjectLockEnabled') !== 'Enabled') throw new S3Error('MalformedXML')
  const rule = maybe(root, 'Rule')
  const retention = rule && retentionRead(maybe(rule, 'DefaultRetention'))
  if (bucket.container.versioning !== 'enabled') {
    throw new S3Error('InvalidBucketState', "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration")
  }
  return settingsSet(call, { lock: retention ? { retention } : {} })
}

function retentionRead(element: XmlElement | undefined): DefaultRetention {
  const mode = element && text(element, 'Mode')
  const [days, years] = element ? [text(element, 'Days'), text(element, 'Years')] : []
  if (!isMode(mode) || (days === undefined) === (years === undefined)) throw new S3Error('MalformedXML')
  return days === undefined ? { mode, years: period('Years', years ?? '', yearsAtMost) } : { mode, days: period('Days', days, daysAtMost) }
}

function period(unit: 'Days' | 'Years', word: string, atMost: number): number {
  if (!/^-?\d{1,9}$/.test(word.trim())) throw new S3Error('MalformedXML')
  const value = Number(word)
  if (value <= 0) throw invalidArgument(unit, word, 'Default retention period must be a positive integer value.')
  if (value > atMost) throw invalidArgument(unit, word, 'Default retention period too large.')
  return value
}

async function lockGet({ bucket }: S3Call): Promise<S3Answer> {
  const { lock } = settingsOf(bucket.container)
  if (lock === undefined) throw new S3Error('ObjectLockConfigurationNotFoundError', undefined, { facts: { BucketName: bucket.name } })
  const { retention } = lock
  return {
    xml: xml(
      'ObjectLockConfiguration',
      xml('ObjectLockEnabled', 'Enabled'),
      retention &&
        xml(
          'Rule',
          xml(
            'DefaultRetention',
            xml('Mode', retention.mode),
            retention.days !== undefined && xml('Days', retention.days),
            retention.years !== undefined && xml('Years', retention.years),
          ),
        ),
    ),
  }
}

/** x-amz-bucket-object-lock-enabled: locks need versions, which are on from then on. */
export function lockOnBucketCreate({ request }: S3Call, draft: BucketDraft): void {
  const word = request.headers.get('x-amz-bucket-object-lock-enabled')?.toLowerCase()
  if (word === undefined || word === 'false') return
  if (word !== 'true') throw invalidArgument('x-amz-bucket-object-lock-enabled', word, 'Value must be true or false.')
  draft.settings['lock'] = {} satisfies BucketLock
  draft.versioning = 'enabled'
}

const query = ['object-lock']
export const bucketLockOperations: S3Operation[] = [
  {
    name: 'PutObjectLockConfiguration',
    method: 'PUT',
    on: 'bucket',
    query,
    action: 's3:PutBucketObjectLockConfiguration',
    handler: lockPut,
  },
  {
    name: 'GetObjectLockConfiguration',
    method: 'GET',
    on: 'bucket',
    query,
    action: 's3:GetBucketObjectLockConfiguration',
    handler: lockGet,
  },
]

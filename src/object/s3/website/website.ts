// A bucket's website: put, get and delete its configuration.
import { xmlBody } from '../body/small.ts'
import { settingsOf, settingsSet } from '../bucket-settings.ts'
import { S3Error } from '../errors.ts'
import type { S3Answer, S3Call, S3Operation } from '../operation.ts'
import { websiteRead, websiteView } from './configuration.ts'

const bytesAtMost = 128 * 1024

async function websitePut(call: S3Call): Promise<S3Answer> {
  const root = await xmlBody(call, { root: 'WebsiteConfiguration', maxBytes: bytesAtMost })
  return settingsSet(call, { website: websiteRead(root) })
}

async function websiteGet({ bucket }: S3Call): Promise<S3Answer> {
  const { website } = settingsOf(bucket.container)
  if (website === undefined) throw new S3Error('NoSuchWebsiteConfiguration', undefined, { facts: { BucketName: bucket.name } })
  return { xml: websiteView(website) }
}

const websiteDelete = (call: S3Call): Promise<S3Answer> => settingsSet(call, { website: null }, { status: 204 })

const query = ['website']
export const websiteOperations: S3Operation[] = [
  { name: 'PutBucketWebsite', method: 'PUT', on: 'bucket', query, action: 's3:PutBucketWebsite', handler: websitePut },
  { name: 'GetBucketWebsite', method: 'GET', on: 'bucket', query, action: 's3:GetBucketWebsite', handler: websiteGet },
  { name: 'DeleteBucketWebsite', method: 'DELETE', on: 'bucket', query, action: 's3:DeleteBucketWebsite', handler: websiteDelete },
]

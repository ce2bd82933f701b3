// A bucket as a website is not served here, so none is ever configured (PutBucketWebsite is 501); clients that look for one are told so.
import { S3Error } from '../errors.ts'
import type { S3Answer, S3Call, S3Operation } from '../operation.ts'

async function websiteGet({ bucket }: S3Call): Promise<S3Answer> {
  throw new S3Error('NoSuchWebsiteConfiguration', undefined, { facts: { BucketName: bucket.name } })
}

const websiteDelete = async (): Promise<S3Answer> => ({ status: 204 })

const query = ['website']
export const websiteOperations: S3Operation[] = [
  { name: 'GetBucketWebsite', method: 'GET', on: 'bucket', query, action: 's3:GetBucketWebsite', handler: websiteGet },
  { name: 'DeleteBucketWebsite', method: 'DELETE', on: 'bucket', query, action: 's3:DeleteBucketWebsite', handler: websiteDelete },
]

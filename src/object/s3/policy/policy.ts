// Bucket policies at the door: put, get, delete, and whether one is public.
import { policyIsPublic, policyMaxBytes, policyRead, principalsOf, PolicyFault, type BucketPolicy } from '../../access/index.ts'
import { smallBody } from '../body/small.ts'
import { settingsOf, settingsSet } from '../bucket-settings.ts'
import { S3Error } from '../errors.ts'
import type { S3Answer, S3Call, S3Operation } from '../operation.ts'
import { xml } from '../xml/write.ts'
import { principalExists } from './principals.ts'

async function policyPut(call: S3Call): Promise<S3Answer> {
  const { bucket } = call
  const body = await smallBody(call, { maxBytes: policyMaxBytes })
  if (body.length === 0) throw new S3Error('MissingRequestBodyError')
  const text = body.toString('utf8')
  const policy = policyOf(text, bucket.name)
  for (const name of principalsOf(policy)) {
    if (!(await principalExists(call, name))) throw new S3Error('MalformedPolicy', 'Invalid principal in policy')
  }
  if (settingsOf(bucket.container).publicAccess?.blockPublicPolicy && policyIsPublic(policy)) {
    throw new S3Error('AccessDenied', 'Access Denied because public policies are prevented by the BlockPublicPolicy setting of the bucket.')
  }
  return settingsSet(call, { policy: text }, { status: 204 })
}

function policyOf(text: string, bucket: string): BucketPolicy {
  try {
    return policyRead(text, bucket)
  } catch (error) {
    if (error instanceof PolicyFault) throw new S3Error('MalformedPolicy', error.message, { cause: error })
    throw error
  }
}

function textOf({ bucket }: S3Call): string {
  const { policy } = settingsOf(bucket.container)
  if (policy === undefined) throw new S3Error('NoSuchBucketPolicy', undefined, { facts: { BucketName: bucket.name } })
  return policy
}

async function policyGet(call: S3Call): Promise<S3Answer> {
  return { headers: { 'content-type': 'application/json' }, body: Buffer.from(textOf(call)) }
}

async function policyStatusGet(call: S3Call): Promise<S3Answer> {
  const isPublic = policyIsPublic(policyRead(textOf(call), call.bucket.name))
  return { xml: xml('PolicyStatus', xml('IsPublic', isPublic ? 'TRUE' : 'FALSE')) }
}

const policyDelete = (call: S3Call): Promise<S3Answer> => settingsSet(call, { policy: null }, { status: 204 })

const query = ['policy']
export const policyOperations: S3Operation[] = [
  { name: 'PutBucketPolicy', method: 'PUT', on: 'bucket', query, action: 's3:PutBucketPolicy', handler: policyPut },
  { name: 'GetBucketPolicy', method: 'GET', on: 'bucket', query, action: 's3:GetBucketPolicy', handler: policyGet },
  { name: 'DeleteBucketPolicy', method: 'DELETE', on: 'bucket', query, action: 's3:DeleteBucketPolicy', handler: policyDelete },
  {
    name: 'GetBucketPolicyStatus',
    method: 'GET',
    on: 'bucket',
    query: ['policyStatus'],
    action: 's3:GetBucketPolicyStatus',
    handler: policyStatusGet,
  },
]

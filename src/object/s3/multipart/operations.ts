// Multipart uploads, from their beginning to their end.
import { uploadAbort } from '../../engine/index.ts'
import { S3Error } from '../errors.ts'
import type { S3Answer, S3Call, S3Operation } from '../operation.ts'
import { httpTime, httpTimeUs } from '../times.ts'
import { uploadCompleteHandle } from './complete.ts'
import { uploadCreateHandle } from './create.ts'
import { partsListHandle } from './list-parts.ts'
import { uploadsListHandle } from './list-uploads.ts'
import { partCopyHandle, partPutHandle } from './part.ts'
import { uploadOf } from './upload.ts'

async function uploadAbortHandle(call: S3Call): Promise<S3Answer> {
  const { engine, by, bucket, key } = call
  const upload = await uploadOf(call)
  const initiatedUs = httpTimeUs(call.request.headers.get('x-amz-if-match-initiated-time'))
  // a time that is still to come is not heeded
  if (initiatedUs !== undefined && initiatedUs <= engine.nowUs() && httpTime(initiatedUs) !== httpTime(upload.created_us)) {
    throw new S3Error('PreconditionFailed')
  }
  await uploadAbort(engine, { by, account: bucket.account, container: bucket.name, name: key, uploadId: upload.id })
  return { status: 204 }
}

const part = ['uploadId', 'partNumber'] as const
const put = { on: 'object', action: 's3:PutObject' } as const

export const multipartOperations: S3Operation[] = [
  { ...put, name: 'CreateMultipartUpload', method: 'POST', query: ['uploads'], handler: uploadCreateHandle },
  { ...put, name: 'UploadPart', method: 'PUT', query: part, handler: partPutHandle },
  { ...put, name: 'UploadPartCopy', method: 'PUT', query: part, header: 'x-amz-copy-source', handler: partCopyHandle },
  { ...put, name: 'CompleteMultipartUpload', method: 'POST', query: ['uploadId'], handler: uploadCompleteHandle },
  {
    name: 'AbortMultipartUpload',
    method: 'DELETE',
    on: 'object',
    query: ['uploadId'],
    action: 's3:AbortMultipartUpload',
    handler: uploadAbortHandle,
  },
  { name: 'ListParts', method: 'GET', on: 'object', query: ['uploadId'], action: 's3:ListMultipartUploadParts', handler: partsListHandle },
  {
    name: 'ListMultipartUploads',
    method: 'GET',
    on: 'bucket',
    query: ['uploads'],
    action: 's3:ListBucketMultipartUploads',
    handler: uploadsListHandle,
  },
]

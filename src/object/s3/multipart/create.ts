// CreateMultipartUpload: what the object will be beside its bytes, and which checksum its parts bring.
import { uploadCreate } from '../../engine/index.ts'
import type { Checksum } from '../../store/tables.ts'
import { algorithmNamed, type ChecksumType } from '../checksums/algorithms.ts'
import { invalidValue } from '../checksums/claimed.ts'
import { S3Error } from '../errors.ts'
import { draftOf } from '../objects/headers.ts'
import type { S3Answer, S3Call } from '../operation.ts'
import type { S3Request } from '../request.ts'
import { xml } from '../xml/write.ts'

export async function uploadCreateHandle(call: S3Call): Promise<S3Answer> {
  const { engine, by, bucket, key, request, actor } = call
  if (!actor) throw new S3Error('AccessDenied', 'Anonymous users cannot initiate multipart uploads. Please authenticate.')
  const checksum = checksumAsked(request)
  const draft = await draftOf(call, bucket)
  const { encryption, answer } = draft
  const upload = await uploadCreate(engine, {
    by,
    account: bucket.account,
    container: bucket.name,
    name: key,
    contentType: draft.contentType,
    metadata: draft.metadata,
    system: { ...draft.system, ...(checksum && { checksum }), ...(encryption === 'root' && { encrypts: true }) },
    owner: by.projectId ?? '',
  })
  return {
    headers: {
      ...(checksum && { 'x-amz-checksum-algorithm': checksum.algorithm, 'x-amz-checksum-type': checksum.type }),
      ...answer,
    },
    xml: xml('InitiateMultipartUploadResult', xml('Bucket', bucket.name), xml('Key', key), xml('UploadId', upload.id)),
  }
}

/** undefined: nothing was asked for; then one of the whole object is kept by itself. */
function checksumAsked({ headers }: S3Request): Checksum | undefined {
  const word = headers.get('x-amz-checksum-algorithm')
  const type = typeNamed(headers.get('x-amz-checksum-type'))
  if (word === undefined || word === '') {
    if (type === undefined) return undefined
    throw new S3Error('InvalidRequest', 'The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.')
  }
  const { name, types } = algorithmNamed(word)
  const chosen = type ?? (types[0] as ChecksumType)
  if (!types.includes(chosen)) {
    throw new S3Error('InvalidRequest', `The ${chosen} checksum type cannot be used with the ${name.toLowerCase()} checksum algorithm.`)
  }
  return { algorithm: name, value: '', type: chosen }
}

export function typeNamed(word: string | undefined): ChecksumType | undefined {
  if (word === undefined || word === '') return undefined
  const type = word.toUpperCase()
  if (type === 'COMPOSITE' || type === 'FULL_OBJECT') return type
  throw invalidValue('x-amz-checksum-type')
}

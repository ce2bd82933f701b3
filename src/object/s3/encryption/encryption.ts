// Encryption of objects at rest: by a key of the cloud's (SSE-S3), or by a key that comes with every request and is never kept
// (SSE-C). Keys that a key service holds are not built.
import { createHash } from 'node:crypto'
import type { ObjectRow, UploadRow, VersionRow } from '../../store/tables.ts'
import { xmlBody } from '../body/small.ts'
import { settingsOf, settingsSet } from '../bucket-settings.ts'
import { invalidArgument, S3Error } from '../errors.ts'
import type { ObjectDraft } from '../hooks.ts'
import type { Bucket, S3Answer, S3Call, S3Operation } from '../operation.ts'
import { all, maybe, one, text } from '../xml/read.ts'
import { flag, xml } from '../xml/write.ts'

const ofObject = 'x-amz-server-side-encryption-customer-'
const ofSource = 'x-amz-copy-source-server-side-encryption-customer-'
const keyBytes = 32

interface CustomerKey {
  key: Buffer
  md5: string
}

/** What a row says of how its bytes are kept. */
interface Encryption {
  how: 'AES256' | 'customer'
  /** of the customer's key, as it came */
  md5?: string
}

/** The customer's key in the headers; what is there in part is refused. */
function customerKey(headers: ReadonlyMap<string, string>, prefix: string): CustomerKey | undefined {
  const [algorithm, key, md5] = ['algorithm', 'key', 'key-md5'].map((name) => headers.get(prefix + name))
  if (algorithm === undefined && key === undefined && md5 === undefined) return undefined
  if (algorithm === undefined)
    throw missing(
      'algorithm',
      'Requests specifying Server Side Encryption with Customer provided keys must provide a valid encryption algorithm.',
    )
  if (algorithm !== 'AES256')
    throw new S3Error('InvalidEncryptionAlgorithmError', undefined, {
      facts: { ArgumentName: `${prefix}algorithm`, ArgumentValue: algorithm },
    })
  if (key === undefined)
    throw missing('key', 'Requests specifying Server Side Encryption with Customer provided keys must provide an appropriate secret key.')
  if (md5 === undefined)
    throw missing(
      'key-MD5',
      'Requests specifying Server Side Encryption with Customer provided keys must provide the client calculated MD5 of the secret key.',
    )
  const raw = Buffer.from(key, 'base64')
  if (raw.length !== keyBytes) throw invalidArgument(`${prefix}key`, '', 'The secret key was invalid for the specified algorithm.')
  if (createHash('md5').update(raw).digest('base64') !== md5) {
    throw invalidArgument(`${prefix}key-MD5`, md5, 'The calculated MD5 hash of the key did not match the hash that was provided.')
  }
  return { key: raw, md5 }
}

const missing = (name: string, message: string): S3Error => invalidArgument(`${ofObject}${name}`, '', message)

export function encryptionOnWrite({ request: { headers } }: S3Call, bucket: Bucket, draft: ObjectDraft): void {
  const word = headers.get('x-amz-server-side-encryption')
  const customer = customerKey(headers, ofObject)
  if (word !== undefined && customer)
    throw new S3Error(
      'InvalidArgument',
      'Server Side Encryption with Customer provided key is incompatible with the encryption method specified',
    )
  if (word?.startsWith('aws:') || headers.has('x-amz-server-side-encryption-aws-kms-key-id')) {
    throw new S3Error('NotImplemented', 'Encryption by a key service is not implemented.')
  }
  if (word !== undefined && word !== 'AES256')
    throw invalidArgument('x-amz-server-side-encryption', word, 'The encryption method specified is not supported')
  if (customer) {
    draft.encryption = { customerKey: customer.key }
    draft.system['encryption'] = { how: 'customer', md5: customer.md5 } satisfies Encryption
    Object.assign(draft.answer, customerShown(customer.md5))
  } else if (word === 'AES256' || settingsOf(bucket.container).encryption === 'AES256') {
    draft.encryption = 'root'
    draft.system['encryption'] = { how: 'AES256' } satisfies Encryption
    draft.answer['x-amz-server-side-encryption'] = 'AES256'
  }
}

const customerShown = (md5: string): Record<string, string> => ({
  'x-amz-server-side-encryption-customer-algorithm': 'AES256',
  'x-amz-server-side-encryption-customer-key-md5': md5,
})

/** Parts come with the key that their upload was begun with. */
export function encryptionOnPart(call: S3Call, upload: UploadRow, answer: Record<string, string>): void {
  const sent = customerKey(call.request.headers, ofObject)
  const begun = upload.system['encryption'] as Encryption | undefined
  // what the call holds may be the key of a copy's source
  delete call.customerKey
  if (begun?.how !== 'customer') {
    if (sent) throw new S3Error('InvalidRequest', 'The multipart upload was not initiated with the encryption parameters of this request.')
    if (begun) answer['x-amz-server-side-encryption'] = 'AES256'
    return
  }
  if (!sent || sent.md5 !== begun.md5) {
    throw new S3Error(
      'InvalidRequest',
      'The multipart upload initiate requested encryption. Subsequent part requests must include the appropriate encryption parameters.',
    )
  }
  call.customerKey = sent.key
  Object.assign(answer, customerShown(sent.md5))
}

/** Must a copy be written anew, byte by byte? Its bytes are encrypted otherwise than the source's, or by a key that is not kept. */
export function encryptionChanges({ encryption }: ObjectDraft, source: ObjectRow): boolean {
  const kept = source.system['encryption'] as Encryption | undefined
  return kept?.how === 'customer' || typeof encryption === 'object' || (encryption === 'root' && kept === undefined)
}

/** A customer's key must come with every read, and be the same; of other objects none may come. */
export function encryptionOnRead(call: S3Call, _bucket: Bucket, object: VersionRow, headers: Record<string, string>): void {
  const sent = customerKey(call.request.headers, call.request.headers.has('x-amz-copy-source') ? ofSource : ofObject)
  const kept = object.system['encryption'] as Encryption | undefined
  if (kept?.how !== 'customer') {
    if (sent) throw new S3Error('InvalidRequest', 'The encryption parameters are not applicable to this object.')
    if (kept) headers['x-amz-server-side-encryption'] = 'AES256'
    return
  }
  if (!sent) {
    throw new S3Error(
      'InvalidRequest',
      'The object was stored using a form of Server Side Encryption. The correct parameters must be provided to retrieve the object.',
    )
  }
  if (sent.md5 !== kept.md5) throw new S3Error('AccessDenied', 'The key that was provided is not the key of the object.')
  call.customerKey = sent.key
  Object.assign(headers, customerShown(sent.md5))
}

async function encryptionPut(call: S3Call): Promise<S3Answer> {
  const root = await xmlBody(call, { root: 'ServerSideEncryptionConfiguration' })
  if (all(root, 'Rule').length !== 1) throw new S3Error('MalformedXML')
  const standard = maybe(one(root, 'Rule'), 'ApplyServerSideEncryptionByDefault')
  const algorithm = standard && text(standard, 'SSEAlgorithm')
  if (algorithm?.startsWith('aws:')) throw new S3Error('NotImplemented', 'Encryption by a key service is not implemented.')
  if (algorithm !== 'AES256') throw new S3Error('MalformedXML')
  return settingsSet(call, { encryption: 'AES256' })
}

async function encryptionGet({ bucket }: S3Call): Promise<S3Answer> {
  const { encryption } = settingsOf(bucket.container)
  if (encryption === undefined) {
    throw new S3Error('ServerSideEncryptionConfigurationNotFoundError', undefined, { facts: { BucketName: bucket.name } })
  }
  return {
    xml: xml(
      'ServerSideEncryptionConfiguration',
      xml('Rule', xml('ApplyServerSideEncryptionByDefault', xml('SSEAlgorithm', encryption)), xml('BucketKeyEnabled', flag(false))),
    ),
  }
}

const encryptionDelete = (call: S3Call): Promise<S3Answer> => settingsSet(call, { encryption: null }, { status: 204 })

const query = ['encryption']
export const encryptionOperations: S3Operation[] = [
  { name: 'PutBucketEncryption', method: 'PUT', on: 'bucket', query, action: 's3:PutEncryptionConfiguration', handler: encryptionPut },
  { name: 'GetBucketEncryption', method: 'GET', on: 'bucket', query, action: 's3:GetEncryptionConfiguration', handler: encryptionGet },
  {
    name: 'DeleteBucketEncryption',
    method: 'DELETE',
    on: 'bucket',
    query,
    action: 's3:PutEncryptionConfiguration',
    handler: encryptionDelete,
  },
]

// PostObject: a browser's form writes an object. Fields come first, the file last; what follows the file is not looked at. The policy
// among the fields is what its signer allows; a form without one is anonymous and may what anybody may.
import { Readable } from 'node:stream'
import { bodyLimit } from '../../engine/index.ts'
import { FormFault, headerWithAttributes, partsOf, type Part } from '../../swift/form-post/multipart.ts'
import { bodyClaims } from '../body/claims.ts'
import { bodyVerify, digestsWanted } from '../body/verify.ts'
import { bucketOf } from '../buckets/find.ts'
import { defaultAlgorithm } from '../checksums/algorithms.ts'
import { S3Error } from '../errors.ts'
import { draftOf } from '../objects/headers.ts'
import { objectKept } from '../objects/put.ts'
import type { S3Answer, S3Call, S3Operation } from '../operation.ts'
import { permit } from '../permit.ts'
import { keyCheck } from '../request.ts'
import { xml } from '../xml/write.ts'
import { postPolicyCheck, postPolicyLength, postPolicyRead } from './policy.ts'
import { formSigner } from './signature.ts'
import { tagsHeader } from './tags-field.ts'

const fieldsAtMost = 100
const fieldBytesAtMost = 20 * 1024
const fileBytesAtMost = 5 * 1024 ** 3

interface Form {
  /** names in lower case */
  fields: Map<string, string>
  file: Part
  fileName: string
}

async function postObject(call: S3Call): Promise<S3Answer> {
  const { request, engine, platform } = call
  const form = await formRead(call)
  const { fields } = form
  const key = keyOf(form)
  keyCheck(key)
  fields.set('bucket', request.bucket).set('key', key)
  const actor = await formSigner(platform, fields)
  const bucket = await bucketOf(engine, actor?.projectId ?? '', request.bucket)
  const policy = actor === null ? null : postPolicyRead(fields.get('policy') ?? '')
  if (policy) postPolicyCheck(policy, fields, platform.clock.nowMs())
  const { least, most } = policy ? postPolicyLength(policy) : { least: 0, most: Number.MAX_SAFE_INTEGER }
  const sender = {
    actor,
    account: actor?.projectId ?? '',
    by: { ...call.by, userId: actor?.userId ?? null, projectId: actor?.projectId ?? null },
  }
  const sent: S3Call = {
    ...call,
    ...sender,
    bucket,
    key,
    action: 's3:PutObject',
    request: { ...request, key, headers: await headersOf(fields) },
  }
  await permit(sent, { object: null })
  const draft = await draftOf(sent, bucket)
  const limit = await bodyLimit(engine, { account: bucket.account, container: bucket.name, name: key })
  const claims = bodyClaims(sent.request, { ...call.signer, payload: null })
  const algorithm = claims.checksum?.algorithm ?? defaultAlgorithm
  const body = await engine.blobs.take(Readable.from(form.file.bytes, { objectMode: false }), {
    maxBytes: Math.min(most, fileBytesAtMost, limit.bytes ?? fileBytesAtMost),
    digests: digestsWanted(claims, algorithm),
    ...(draft.encryption && { encryption: draft.encryption }),
  })
  try {
    if (body.bytes < least) throw new S3Error('EntityTooSmall', undefined, { facts: { ProposedSize: body.bytes, MinSizeAllowed: least } })
    bodyVerify(claims, { bytes: request.raw, trailer: () => undefined }, body)
  } catch (error) {
    await engine.blobs.discard(body)
    throw error
  }
  const raw = algorithm.digest === 'md5' ? Buffer.from(body.md5, 'hex') : body.digests[algorithm.digest]
  const { headers } = await objectKept(sent, bucket, key, {
    draft,
    body,
    checksum: { algorithm, value: (raw ?? Buffer.alloc(0)).toString('base64') },
  })
  // what follows the file is read and thrown away, so that the browser reads the answer
  request.raw.resume()
  return answerOf(sent, fields, headers)
}

async function formRead({ request, response }: S3Call): Promise<Form> {
  const { value, attributes } = headerWithAttributes(request.headers.get('content-type') ?? '')
  if (value !== 'multipart/form-data') {
    throw new S3Error('PreconditionFailed', undefined, {
      facts: { Condition: 'Bucket POST must be of the enclosure-type multipart/form-data' },
    })
  }
  if (!attributes['boundary']) throw new S3Error('MalformedPOSTRequest')
  if (request.headers.get('expect')?.toLowerCase() === '100-continue' && !response.headersSent) response.writeContinue()
  const fields = new Map<string, string>()
  let bytes = 0
  const parts = partsOf(request.raw.iterator({ destroyOnReturn: false }), attributes['boundary'])
  try {
    // not by for…of, which would end the parts when the file is found
    for (let next = await parts.next(); !next.done; next = await parts.next()) {
      const { attributes: of } = headerWithAttributes(next.value.headers['content-disposition'] ?? '')
      const name = (of['name'] ?? '').toLowerCase()
      if (name === 'file') return { fields, file: next.value, fileName: (of['filename'] ?? '').replace(/^.*[/\\]/, '') }
      const chunks: Buffer[] = []
      for await (const chunk of next.value.bytes) {
        bytes += chunk.length
        if (bytes > fieldBytesAtMost) throw new S3Error('MaxPostPreDataLengthExceededError')
        chunks.push(chunk)
      }
      fields.set(name, Buffer.concat(chunks).toString('utf8'))
      if (fields.size > fieldsAtMost) throw new S3Error('MaxPostPreDataLengthExceededError')
    }
  } catch (error) {
    if (error instanceof FormFault) throw new S3Error('MalformedPOSTRequest', undefined, { cause: error })
    throw error
  }
  throw new S3Error('InvalidArgument', 'POST requires exactly one file upload per request.', {
    facts: { ArgumentName: 'file', ArgumentValue: '0' },
  })
}

function keyOf({ fields, fileName }: Form): string {
  const key = fields.get('key')
  if (!key) {
    throw new S3Error(
      'InvalidArgument',
      "Bucket POST must contain a field named 'key'.  If it is specified, please check the order of the fields.",
    )
  }
  return key.replaceAll('${filename}', () => fileName)
}

/** Fields as the headers of a PUT that says the same. */
async function headersOf(fields: ReadonlyMap<string, string>): Promise<Map<string, string>> {
  const headers = new Map<string, string>()
  const plain = ['cache-control', 'content-type', 'content-disposition', 'content-encoding', 'content-language', 'expires']
  const ofSignature = ['x-amz-algorithm', 'x-amz-credential', 'x-amz-date', 'x-amz-signature', 'x-amz-security-token']
  for (const [name, value] of fields) {
    if (plain.includes(name) || (name.startsWith('x-amz-') && !ofSignature.includes(name))) headers.set(name, value)
  }
  const [acl, tagging] = [fields.get('acl'), fields.get('tagging')]
  if (acl !== undefined) headers.set('x-amz-acl', acl)
  if (tagging !== undefined) headers.set('x-amz-tagging', await tagsHeader(tagging))
  return headers
}

function answerOf({ request, bucket, key }: S3Call, fields: ReadonlyMap<string, string>, kept: Record<string, string>): S3Answer {
  const etag = kept['etag'] ?? ''
  const path = `/${request.isVirtualHost ? '' : `${bucket.name}/`}${key.split('/').map(encodeURIComponent).join('/')}`
  const location = `${request.isSecure ? 'https' : 'http'}://${request.host}${path}`
  const redirect = fields.get('success_action_redirect') ?? fields.get('redirect')
  if (redirect !== undefined && /^https?:/i.test(redirect) && URL.canParse(redirect)) {
    const url = new URL(redirect)
    for (const [name, value] of [
      ['bucket', bucket.name],
      ['key', key],
      ['etag', etag],
    ] as const)
      url.searchParams.set(name, value)
    return { status: 303, headers: { ...kept, location: url.href } }
  }
  const headers = { ...kept, location }
  const status = fields.get('success_action_status')
  if (status === '201')
    return {
      status: 201,
      headers,
      xml: xml('PostResponse', xml('Location', location), xml('Bucket', bucket.name), xml('Key', key), xml('ETag', etag)),
    }
  return { status: status === '200' ? 200 : 204, headers }
}

export const postOperations: S3Operation[] = [
  // whose bucket is meant is known when its signer is
  { name: 'PostObject', method: 'POST', on: 'bucket', action: 's3:PutObject', asksItself: true, withoutBucket: true, handler: postObject },
]

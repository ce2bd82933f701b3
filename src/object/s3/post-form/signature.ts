// Who signed a form's policy: by the day's key of version 4, or by HMAC-SHA1 of version 2. No signature at all: nobody.
import { accessKeyFind, type AccessKey } from '../../../identity/index.ts'
import type { Actor, Platform } from '../../../platform/context.ts'
import { invalidArgument, S3Error } from '../errors.ts'
import { hmac, sameText } from '../sign/canonical.ts'
import { signingKey } from '../sign/signing-keys.ts'
import { compactTimeMs } from '../sign/times.ts'
import { algorithm4 } from '../sign/v4.ts'

const names4 = ['policy', 'x-amz-algorithm', 'x-amz-credential', 'x-amz-date', 'x-amz-signature'] as const

type Fields = ReadonlyMap<string, string>

/** How long a day's key signs, by Amazon's rule. */
const keyDaysMs = 7 * 86_400_000

export async function formSigner(platform: Platform, fields: Fields): Promise<Actor | null> {
  if (fields.has('awsaccesskeyid') || fields.has('signature')) return signer2(platform, fields)
  if (!names4.some((name) => fields.has(name))) return null
  const [policy, algorithm, credential, date, signature] = names4.map((name) => field(fields, name)) as [
    string,
    string,
    string,
    string,
    string,
  ]
  if (algorithm !== algorithm4) throw invalidArgument('X-Amz-Algorithm', algorithm, 'Only AWS4-HMAC-SHA256 is supported')
  const atMs = compactTimeMs(date)
  if (Number.isNaN(atMs)) throw invalidArgument('X-Amz-Date', date, 'X-Amz-Date must be formated via ISO8601 Long format')
  const nowMs = platform.clock.nowMs()
  if (nowMs - atMs > keyDaysMs) throw new S3Error('AccessDenied', 'Invalid according to Policy: Policy expired.')
  const scope = scopeOf(credential)
  const key = await keyOf(platform, scope.access)
  const wanted = hmac('sha256', signingKey(key, scope), policy).toString('hex')
  if (!sameText(wanted, signature)) throw mismatch(scope.access, policy, signature)
  return key.actor
}

async function signer2(platform: Platform, fields: Fields): Promise<Actor> {
  const [access, policy, signature] = ['AWSAccessKeyId', 'policy', 'signature'].map((name) => field(fields, name)) as [
    string,
    string,
    string,
  ]
  const key = await keyOf(platform, access)
  if (!sameText(hmac('sha1', key.secret, policy).toString('base64'), signature)) throw mismatch(access, policy, signature)
  return key.actor
}

function field(fields: Fields, name: string): string {
  const value = fields.get(name.toLowerCase())
  if (value !== undefined) return value
  throw invalidArgument(
    '',
    '',
    `Bucket POST must contain a field named '${name}'.  If it is specified, please check the order of the fields.`,
  )
}

function scopeOf(credential: string): { access: string; date: string; region: string; service: string } {
  const wrong = (what: string) => invalidArgument('x-amz-credential', credential, what)
  const parts = credential.split('/')
  if (parts.length < 5) throw wrong('the Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".')
  const [date = '', region = '', service = '', terminal = ''] = parts.slice(-4)
  if (!/^\d{8}$/.test(date)) throw wrong(`incorrect date format "${date}". This date in the credential must be in the format "yyyyMMdd".`)
  if (terminal !== 'aws4_request') throw wrong(`incorrect terminal "${terminal}". This endpoint uses "aws4_request".`)
  if (service !== 's3') throw wrong(`incorrect service "${service}". This endpoint belongs to "s3".`)
  return { access: parts.slice(0, -4).join('/'), date, region, service }
}

async function keyOf(platform: Platform, access: string): Promise<AccessKey> {
  const key = await accessKeyFind(platform, access)
  if (!key) throw new S3Error('InvalidAccessKeyId', undefined, { facts: { AWSAccessKeyId: access } })
  return key
}

const mismatch = (access: string, policy: string, signature: string): S3Error =>
  new S3Error('SignatureDoesNotMatch', undefined, {
    facts: {
      AWSAccessKeyId: access,
      StringToSign: policy,
      SignatureProvided: signature,
      StringToSignBytes: [...Buffer.from(policy)].map((byte) => byte.toString(16).padStart(2, '0')).join(' '),
    },
  })

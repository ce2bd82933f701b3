// AWS signatures of S3 requests as Keystone checks them: over a string that the receiver made of the request. Version
// 4 when it begins with AWS4, otherwise the old one.
import { createHmac } from 'node:crypto'
import { sameText, signingKey } from './ec2-signature.ts'

const services = ['s3', 'iam', 'sts']

/** `stringToSign` as it was signed; false also for what is of no form that there is. */
export function s3SignatureMatches(secret: string, stringToSign: Buffer, signature: string): boolean {
  if (!stringToSign.subarray(0, 4).equals(Buffer.from('AWS4'))) {
    return sameText(createHmac('sha1', secret).update(stringToSign).digest('base64'), signature)
  }
  const parts = stringToSign.toString('utf8').split('\n')
  const scope = parts[2]?.split('/') ?? []
  if (parts.length !== 4 || parts[0] !== 'AWS4-HMAC-SHA256' || scope.length !== 4 || scope[3] !== 'aws4_request') return false
  if (!services.includes(scope[2] ?? '')) return false
  return sameText(createHmac('sha256', signingKey(secret, scope)).update(stringToSign).digest('hex'), signature)
}

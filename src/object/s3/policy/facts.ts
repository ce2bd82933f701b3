// What a bucket's policy may ask of a request that only the S3 door knows: parameters of listings, versions, the x-amz-* headers.
import { tagPairsOf } from '../../access/index.ts'
import type { S3Call } from '../operation.ts'

const parameters = ['prefix', 'delimiter', 'max-keys'] as const

export function conditionFacts({ request, signer }: Pick<S3Call, 'request' | 'signer'>): Record<string, string[]> {
  const { headers, query, isSecure } = request
  const facts = new Map<string, string[]>()
  const add = (key: string, value: string | undefined) => value !== undefined && facts.set(key, [value])
  for (const name of parameters) add(`s3:${name}`, query.get(name))
  add('s3:versionid', query.get('versionId'))
  add('aws:useragent', headers.get('user-agent'))
  for (const name of ['if-match', 'if-none-match']) add(`s3:${name}`, headers.get(name))
  for (const [name, value] of headers) {
    if (name.startsWith('x-amz-object-lock-')) add(`s3:${name.slice('x-amz-'.length)}`, value)
    if (name.startsWith('x-amz-')) add(`s3:${name}`, value)
  }
  if (signer.actor) {
    add('s3:authtype', signer.isPresigned ? 'REST-QUERY-STRING' : 'REST-HEADER')
    add('s3:signatureversion', signer.region === null ? 'AWS' : 'AWS4-HMAC-SHA256')
  }
  if (isSecure) add('s3:tlsversion', '1.2')
  for (const [name, value] of tagsSent(headers.get('x-amz-tagging'))) add(`s3:requestobjecttag/${name.toLowerCase()}`, value)
  return Object.fromEntries(facts)
}

/** What cannot be read is refused where tags are taken; to a policy it is no tag. */
function tagsSent(header: string | undefined): [string, string][] {
  if (header === undefined) return []
  try {
    return tagPairsOf(header)
  } catch {
    return []
  }
}

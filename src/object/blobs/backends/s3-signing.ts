// Signs requests to somebody else's S3: version 4, in the header, over the query and the few headers that we send. The body is
// UNSIGNED-PAYLOAD with a Content-MD5 of its own: every implementation knows that.
import { createHash, createHmac } from 'node:crypto'
import { table } from '../../../platform/table.ts'

export interface S3Credentials {
  accessKey: string
  secretKey: string
  region: string
}

export interface ToSign {
  method: string
  /** encoded, with its slashes */
  path: string
  query: Record<string, string>
  /** names in lower case; with host */
  headers: Record<string, string>
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest()

/** RFC 3986, more of it than encodeURIComponent encodes. */
export const encodeStrict = (text: string): string =>
  encodeURIComponent(text).replaceAll(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)

export const queryText = (query: Record<string, string>): string =>
  Object.keys(query)
    .sort()
    .map((name) => `${encodeStrict(name)}=${encodeStrict(query[name] ?? '')}`)
    .join('&')

/** The headers with those that the signature needs. */
export function signed(
  { method, path, query, headers }: ToSign,
  { accessKey, secretKey, region }: S3Credentials,
  nowMs: number,
): Record<string, string> {
  const at = `${new Date(nowMs).toISOString().replaceAll(/[-:]/g, '').slice(0, 15)}Z`
  const day = at.slice(0, 8)
  const payload = 'UNSIGNED-PAYLOAD'
  const all = table<string>({ ...headers, 'x-amz-content-sha256': payload, 'x-amz-date': at })
  const names = Object.keys(all).sort()
  const lines = names.map((name) => `${name}:${all[name]?.trim()}\n`).join('')
  const canonical = [method, path, queryText(query), lines, names.join(';'), payload].join('\n')
  const scope = `${day}/${region}/s3/aws4_request`
  const key = [day, region, 's3', 'aws4_request'].reduce<string | Buffer>(hmac, `AWS4${secretKey}`)
  const signature = hmac(key, ['AWS4-HMAC-SHA256', at, scope, sha256(canonical)].join('\n')).toString('hex')
  const authorization = `AWS4-HMAC-SHA256 Credential=${accessKey}/${scope}, SignedHeaders=${names.join(';')}, Signature=${signature}`
  return { ...all, authorization }
}

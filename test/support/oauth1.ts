// A consumer's side of OAuth1: signed headers, and what the two token answers hold.
import { createHmac } from 'node:crypto'
import { percentEncoded } from '../../src/identity/ec2-signature.ts'
import { baseString, type Pair } from '../../src/identity/oauth1/signature.ts'

export interface OauthSecret {
  id: string
  secret: string
}

export interface Signing {
  url: string
  consumer: OauthSecret
  token?: OauthSecret | undefined
  more?: Record<string, string>
  atMs: number
}

let nonces = 0

/** The Authorization header of a POST. */
export function oauthHeader({ url, consumer, token, more = {}, atMs }: Signing): string {
  const header: Record<string, string> = {
    oauth_consumer_key: consumer.id,
    oauth_nonce: String(++nonces),
    oauth_signature_method: 'HMAC-SHA1',
    oauth_timestamp: String(Math.floor(atMs / 1000)),
    oauth_version: '1.0',
    ...(token ? { oauth_token: token.id } : {}),
    ...more,
  }
  const text = baseString({ method: 'POST', url, pairs: Object.entries(header) as Pair[] })
  header['oauth_signature'] ??= createHmac('sha1', `${consumer.secret}&${token?.secret ?? ''}`)
    .update(text)
    .digest('base64')
  return `OAuth ${Object.entries(header)
    .map(([name, value]) => `${name}="${percentEncoded(value)}"`)
    .join(', ')}`
}

export const oauthSecretOf = (text: string): OauthSecret & { expires: string | null } => {
  const form = new URLSearchParams(text)
  return { id: form.get('oauth_token') ?? '', secret: form.get('oauth_token_secret') ?? '', expires: form.get('oauth_expires_at') }
}

// A signed request, as all of OAuth1 needs it: whole, near in time, signed by the consumer's and the token's secret, and
// sent once (Keystone leaves the last out, and a listener could send it again).
import { createHash } from 'node:crypto'
import { isoMillis } from '../../platform/clock.ts'
import type { Context } from '../../platform/context.ts'
import { badRequest, unauthorized } from '../../platform/errors.ts'
import type { LoginCaller } from '../auth/gate.ts'
import { nonceUse } from '../store/nonces.ts'
import { headerParameters, oauthSignatureMatches } from './signature.ts'

const lifetimeMs = 600_000

export type OauthHeader = Record<string, string>

export const lacking = (name: string) =>
  badRequest(
    `Expecting to find ${name} in request. The server could not comply with the request since it is either malformed or ` +
      'otherwise incorrect. The client is assumed to be in error.',
  )

/** The parameters of the header, of which the named ones must be there. */
export function oauthHeader(caller: LoginCaller, needed: string[]): OauthHeader {
  const header = headerParameters(caller.authorization) ?? {}
  for (const name of needed) if (!header[name]) throw lacking(name)
  return header
}

/** Refuses a request that is malformed (400), or not signed by both secrets, or a repetition (401). */
export async function oauthVerify(
  ctx: Context,
  { header, urls, refusal }: { header: OauthHeader; urls: string[]; refusal: string },
  secrets: { consumer: string; token: string },
): Promise<void> {
  const nowMs = ctx.clock.nowMs()
  formCheck(header, nowMs)
  if (!oauthSignatureMatches({ method: 'POST', urls, header }, secrets.consumer, secrets.token)) throw unauthorized(refusal)
  const content = JSON.stringify(['oauth_consumer_key', 'oauth_token', 'oauth_timestamp', 'oauth_nonce'].map((name) => header[name] ?? ''))
  const id = createHash('sha256').update(content).digest('hex')
  const used = { id, expires_at: isoMillis(Number(header['oauth_timestamp']) * 1000 + lifetimeMs) }
  if (!(await nonceUse(ctx.db, used, isoMillis(nowMs)))) throw unauthorized(refusal)
}

function formCheck(header: OauthHeader, nowMs: number): void {
  const wrong = (detail: string): never => {
    throw badRequest(`Validation failed with errors: invalid_request, detail message is: ${detail}.`)
  }
  const { oauth_timestamp: timestamp = '', oauth_nonce: nonce = '', oauth_version: version = '1.0' } = header
  if (['oauth_signature', 'oauth_signature_method', 'oauth_timestamp', 'oauth_nonce'].some((name) => !header[name]))
    wrong('Missing mandatory OAuth parameters')
  if (version !== '1.0') wrong('Invalid OAuth version')
  if (!/^\d{10}$/.test(timestamp)) wrong('Invalid timestamp size')
  if (Math.abs(nowMs - Number(timestamp) * 1000) > lifetimeMs) wrong('Timestamp given is invalid, differ from allowed by over 600 seconds')
  if (nonce.length > 255) wrong('Invalid nonce format')
}

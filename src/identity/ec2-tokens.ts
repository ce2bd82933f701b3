// A token for a signature: asked for by services, which have received a signed request and want to know whose it is. Only
// they may (attack-1: a presigned URL must not give a token); the signature must be fresh (attack-2).
import type { Context } from '../platform/context.ts'
import { badRequest, notFound, unauthorized } from '../platform/errors.ts'
import { keyFetch, keyPayload, type StoredKey } from './access-keys.ts'
import { ec2SignatureMatches, type SignedRequest } from './ec2-signature.ts'
import { timeMs } from './expiry.ts'
import { permit } from './permission.ts'
import { s3SignatureMatches } from './s3-signature.ts'
import { tokenIssue, type VerifiedToken } from './tokens/tokens.ts'

type Json = Record<string, unknown>

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)
const textOf = (value: unknown): string => (typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '')

/** Keys stand under one of three names; a body without them is as one that signs nothing. */
function ec2Credentials(body: unknown): Json {
  if (!isObject(body) || Object.keys(body).length === 0) throw badRequest('request must include a request body')
  const found = [body['credentials'], body['credential'], body['ec2Credentials']].find(
    (each) => isObject(each) && Object.keys(each).length > 0,
  )
  return isObject(found) ? found : {}
}

/** The token for a signed EC2 request. */
export async function ec2Authenticate(ctx: Context, body: unknown): Promise<VerifiedToken> {
  permit(ctx)
  const given = ec2Credentials(body)
  const key = await keyOf(ctx, given)
  const request = signedRequest(given)
  if (request.signature === '') throw unauthorized('EC2 signature not supplied.')
  if (!ec2SignatureMatches(key.blob.secret, request)) throw unauthorized('Invalid EC2 signature.')
  freshCheck(ctx, request)
  return tokenFor(ctx, key)
}

/** The token for a signed S3 request, of which the string that was signed is given. */
export async function s3Authenticate(ctx: Context, body: unknown): Promise<VerifiedToken> {
  permit(ctx)
  const given = ec2Credentials(body)
  const key = await keyOf(ctx, given)
  const { token, signature } = given
  if (typeof token !== 'string' || typeof signature !== 'string') throw badRequest('Expecting to find token and signature in credentials.')
  if (!s3SignatureMatches(key.blob.secret, Buffer.from(token, 'base64url'), signature)) throw unauthorized('Credential signature mismatch')
  freshCheck(ctx, signedRequest(given))
  return tokenFor(ctx, key)
}

async function keyOf(ctx: Context, given: Json): Promise<StoredKey> {
  const { access } = given
  if (typeof access !== 'string') throw unauthorized('EC2 Signature not supplied')
  const key = await keyFetch(ctx.platform, access)
  if (!key) throw notFound('EC2 access key not found.')
  return key
}

async function tokenFor(ctx: Context, key: StoredKey): Promise<VerifiedToken> {
  const payload = await keyPayload(ctx.platform, key)
  const token = payload && (await tokenIssue(ctx.platform, payload))
  if (!token) throw unauthorized()
  return token
}

const texts = (value: unknown, named = (name: string) => name): Record<string, string> =>
  Object.fromEntries(Object.entries(isObject(value) ? value : {}).map(([name, each]) => [named(name), textOf(each)]))

const signedRequest = (given: Json): SignedRequest => ({
  signature: textOf(given['signature']),
  host: textOf(given['host']),
  verb: textOf(given['verb']),
  path: textOf(given['path']),
  params: texts(given['params']),
  headers: texts(given['headers'], (name) => name.trim().toLowerCase()),
  bodyHash: textOf(given['body_hash']),
})

const compact = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z$/

function timeOf(text: string): number {
  const parts = compact.exec(text)
  return timeMs(parts ? `${parts[1]}-${parts[2]}-${parts[3]}T${parts[4]}:${parts[5]}:${parts[6]}Z` : text)
}

/**
 * Every time in the request must be near: not older than the limit, nor made for later. One that is not signed (a Timestamp
 * beside version 4) can make a request old, never fresh. Who left the time out of what was signed meant it so.
 */
function freshCheck(ctx: Context, { params, headers }: SignedRequest): void {
  const limitMs = ctx.config.identity.ec2SignatureSeconds * 1000
  const nowMs = ctx.clock.nowMs()
  for (const text of [params['Timestamp'], headers['x-amz-date'], params['X-Amz-Date']]) {
    if (text === undefined || text === '') continue
    const atMs = timeOf(text)
    if (Number.isNaN(atMs)) throw unauthorized('Credential timestamp is invalid')
    if (Math.abs(nowMs - atMs) > limitMs) throw unauthorized('Credential is expired')
  }
  const { Expires: expires } = params
  if (expires !== undefined && expires !== '' && !(timeOf(expires) >= nowMs)) throw unauthorized('Credential is expired')
}

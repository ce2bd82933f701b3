// Keypairs: a user's public keys. They belong to a user, not to a project.
import { createHash, generateKeyPair, X509Certificate } from 'node:crypto'
import { promisify } from 'node:util'
import type { Context } from '../../platform/context.ts'
import { badRequest, conflict, forbidden, notFound } from '../../platform/errors.ts'
import { quotaExcess } from '../../platform/quota.ts'
import { isoMillis } from '../../platform/clock.ts'
import { eventAppend } from '../../platform/events.ts'
import { isUniqueViolation } from '../../platform/store/store.ts'
import { makeCertificate } from './certificate.ts'
import { computeQuotas } from '../quotas/defaults.ts'
import { keypairs, keypairsCount, keypairsPage, type KeypairRow } from './store.ts'

export interface NewKeypair {
  name: string
  userId: string
  type: 'ssh' | 'x509'
  publicKey: string | undefined
}

/** The keypair, if the operation's rule allows this actor to touch it; else it is not found. */
export async function keypairGet(ctx: Context, userId: string, name: string): Promise<KeypairRow> {
  ctx.authorize({ user_id: userId })
  const row = await keypairs.first(ctx.db, { user_id: userId, name })
  if (!row) throw notFound(`Keypair ${name} not found for user ${userId}`)
  return row
}

export async function keypairsList(
  ctx: Context,
  userId: string,
  page: { limit: number; marker?: string | undefined },
): Promise<KeypairRow[]> {
  ctx.authorize({ user_id: userId })
  if (page.marker !== undefined && !(await keypairs.first(ctx.db, { user_id: userId, name: page.marker })))
    throw badRequest(`Marker ${page.marker} could not be found.`)
  return keypairsPage(ctx.db, userId, page)
}

/** Imports a public key, or makes a pair (RSA, as clients expect) whose private half is shown once and never kept. */
export async function keypairCreate(ctx: Context, wanted: NewKeypair): Promise<{ keypair: KeypairRow; privateKey: string | null }> {
  ctx.authorize({ user_id: wanted.userId })
  const made = wanted.publicKey === undefined ? await generate(ctx, wanted) : { publicKey: wanted.publicKey, privateKey: null }
  const keypair: KeypairRow = {
    id: ctx.ids.uuid(),
    user_id: wanted.userId,
    name: wanted.name,
    type: wanted.type,
    public_key: made.publicKey,
    fingerprint: wanted.type === 'x509' ? certificateFingerprint(made.publicKey) : fingerprint(made.publicKey.trim()),
    created_at: isoMillis(ctx.clock.nowMs()),
  }
  await ctx.transaction(async (tx) => {
    const used = () => keypairsCount(tx.db, wanted.userId)
    const [excess] = await quotaExcess(tx, {
      service: 'compute',
      projectId: tx.actor.projectId ?? '',
      builtIn: computeQuotas,
      wanted: { key_pairs: 1 },
      used,
    })
    if (excess) throw forbidden('Quota exceeded, too many key pairs.')
    await keypairs.insert(tx.db, keypair).catch((error: unknown) => {
      throw isUniqueViolation(error) ? conflict(`Key pair '${wanted.name}' already exists.`) : error
    })
    await keypairEvent(tx, keypair, 'create')
  })
  return { keypair, privateKey: made.privateKey }
}

/** The user's public key by its name; keys are copied into the server. */
export async function keyForServer(
  ctx: Context,
  name: string | null | undefined,
  userId = ctx.actor.userId,
): Promise<{ name: string; data: string } | null> {
  if (name === null || name === undefined) return null
  const row = await keypairs.first(ctx.db, { user_id: userId, name })
  if (!row) throw badRequest('Invalid key_name provided.')
  return { name: row.name, data: row.public_key }
}

export async function keypairDelete(ctx: Context, userId: string, name: string): Promise<void> {
  await ctx.transaction(async (tx) => {
    const row = await keypairGet(tx, userId, name)
    await keypairs.delete(tx.db, row.id)
    await keypairEvent(tx, row, 'delete')
  })
}

/** A keypair is its user's, and of no project. */
const keypairEvent = (tx: Context, { id }: KeypairRow, action: 'create' | 'delete') =>
  eventAppend(tx, { resourceType: 'keypair', resourceId: id, projectId: null, action, result: 'success' })

/** On a thread of its own: primes take a tenth of a second to find, and the loop is everybody's. */
async function generate(ctx: Context, { type, userId }: NewKeypair): Promise<{ publicKey: string; privateKey: string }> {
  if (type === 'x509') {
    const { certificate, pkcs12 } = await makeCertificate(userId, ctx.clock.nowMs(), ctx.ids.bytes(16))
    return { publicKey: certificate, privateKey: pkcs12 }
  }
  const pair = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 })
  const { n = '', e = '' } = pair.publicKey.export({ format: 'jwk' })
  const publicKey = Buffer.concat([sshString('ssh-rsa'), sshInteger(Buffer.from(e, 'base64url')), sshInteger(Buffer.from(n, 'base64url'))])
  return {
    publicKey: `ssh-rsa ${publicKey.toString('base64')} Generated-by-Nova`,
    privateKey: pair.privateKey.export({ type: 'pkcs1', format: 'pem' }).toString(),
  }
}

/** RFC 4251: a length in four bytes, then the bytes. */
function sshString(value: string | Buffer): Buffer {
  const bytes = Buffer.from(value)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  return Buffer.concat([length, bytes])
}

/** A positive integer never begins with a set bit. */
const sshInteger = (bytes: Buffer): Buffer => sshString((bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.of(0), bytes]) : bytes)

/** MD5 over the key's bytes, in pairs: what Nova shows. */
function fingerprint(publicKey: string): string {
  const [type, encoded] = publicKey.split(/\s+/)
  const bytes = Buffer.from(encoded ?? '', 'base64')
  const named = bytes.length > 4 && bytes.subarray(4, 4 + bytes.readUInt32BE(0)).toString() === type
  if (!named) throw badRequest('Keypair data is invalid: failed to generate fingerprint')
  return createHash('md5')
    .update(bytes)
    .digest('hex')
    .replace(/(..)(?=.)/g, '$1:')
}

/** SHA-1 over the certificate: what Nova shows of x509 keys. */
function certificateFingerprint(pem: string): string {
  try {
    return new X509Certificate(pem).fingerprint.toLowerCase()
  } catch (error) {
    throw badRequest('Keypair data is invalid: failed to generate X509 fingerprint. Error message: the certificate cannot be read', {
      cause: error,
    })
  }
}

// Passcodes that change every 30 seconds (RFC 6238, as authenticator apps make them): six digits from a seed that stands in
// a credential of type totp. One that was used once is used up, with all before it.
import { createHmac } from 'node:crypto'
import type { Context } from '../../platform/context.ts'
import { unauthorized } from '../../platform/errors.ts'
import { blobOpen } from '../credentials.ts'
import { sameText } from '../ec2-signature.ts'
import { credentials } from '../store/delegation-tables.ts'
import { passcodeLast } from '../store/passcodes.ts'
import type { UserRow } from '../store/tables.ts'
import { userFind } from './find.ts'
import { failureNote, isLocked } from './password.ts'
import { expecting, object, reference, type Json } from './request.ts'

const stepMs = 30_000
const digits = 6
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** What is used up when the whole login holds. */
export interface Passcode {
  credentialId: string
  step: number
}

/** The bytes of a base32 text, with or without padding; null when it is none. */
export function base32Decode(text: string): Buffer | null {
  const signs = text.replace(/=+$/, '').toUpperCase()
  const bytes: number[] = []
  let bits = 0
  let value = 0
  for (const sign of signs) {
    const five = alphabet.indexOf(sign)
    if (five === -1) return null
    value = ((value << 5) | five) & 0xfff
    bits += 5
    if (bits >= 8) {
      bits -= 8
      bytes.push((value >> bits) & 0xff)
    }
  }
  return bytes.length === 0 ? null : Buffer.from(bytes)
}

/** The passcode of a step: RFC 4226's truncation of an HMAC-SHA1 of its number. */
export function passcodeOf(seed: Buffer, step: number): string {
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(step))
  const mac = createHmac('sha1', seed).update(counter).digest()
  const offset = (mac.at(-1) ?? 0) & 0xf
  return String((mac.readUInt32BE(offset) & 0x7fffffff) % 10 ** digits).padStart(digits, '0')
}

/** The user whose passcode it is, now or a little while ago, and not used yet. */
export async function byTotp(ctx: Context, proof: Json): Promise<{ user: UserRow; passcode: Passcode }> {
  const given = object(proof['user'], 'user', 'totp')
  const wanted = given['passcode']
  if (typeof wanted !== 'string') throw expecting('passcode', 'user')
  const user = await userFind(ctx.db, reference(given, 'user'))
  if (!user || isLocked(ctx, user)) throw unauthorized()
  const passcode = await matching(ctx, user.id, wanted)
  if (passcode) return { user, passcode }
  await failureNote(ctx, user)
  throw unauthorized()
}

async function matching(ctx: Context, userId: string, wanted: string): Promise<Passcode | null> {
  const now = Math.floor(ctx.clock.nowMs() / stepMs)
  const steps = Array.from({ length: ctx.config.identity.totpPreviousWindows + 1 }, (_, back) => now - back)
  for (const row of await credentials.list(ctx.db, { user_id: userId, type: 'totp' })) {
    const seed = base32Decode(blobOpen(ctx, row))
    const step = seed ? steps.find((each) => sameText(passcodeOf(seed, each), wanted)) : undefined
    if (step !== undefined && step > (await passcodeLast(ctx.db, row.id))) return { credentialId: row.id, step }
  }
  return null
}

// Fernet, the frozen public format: 0x80, seconds in eight bytes, IV, AES-128-CBC, HMAC-SHA-256 over all of it,
// in base64url. A key is 32 bytes: the first half signs, the second encrypts.
import { createCipheriv, createDecipheriv, createHmac, timingSafeEqual } from 'node:crypto'

const version = 0x80
const headerBytes = 1 + 8 + 16
const macBytes = 32
export const fernetKeyBytes = 32
/** no token of ours comes near; longer ones are not worth an HMAC */
const longestText = 65_536

interface Halves {
  signing: Buffer
  encryption: Buffer
}

function halves(key: Buffer): Halves {
  if (key.length !== fernetKeyBytes) throw new Error(`a fernet key has ${fernetKeyBytes} bytes, not ${key.length}`)
  return { signing: key.subarray(0, 16), encryption: key.subarray(16) }
}

/** Seals bytes; `iv` are 16 random ones. Without padding, as Keystone's tokens are. */
export function fernetSeal(plain: Buffer, { key, iv, nowMs }: { key: Buffer; iv: Buffer; nowMs: number }): string {
  const { signing, encryption } = halves(key)
  const head = Buffer.alloc(headerBytes)
  head[0] = version
  head.writeBigUInt64BE(BigInt(Math.floor(nowMs / 1000)), 1)
  iv.copy(head, 9)
  const cipher = createCipheriv('aes-128-cbc', encryption, iv)
  const body = Buffer.concat([head, cipher.update(plain), cipher.final()])
  return Buffer.concat([body, createHmac('sha256', signing).update(body).digest()]).toString('base64url')
}

/** The bytes inside, by whichever of the keys sealed them; null when none did or anything was changed. */
export function fernetOpen(text: string, keys: readonly Buffer[]): Buffer | null {
  if (text.length > longestText || !/^[\w-]+={0,2}$/.test(text)) return null
  const bytes = Buffer.from(text, 'base64url')
  if (bytes.length < headerBytes + 16 + macBytes || (bytes.length - headerBytes - macBytes) % 16 !== 0 || bytes[0] !== version) return null
  const body = bytes.subarray(0, -macBytes)
  const mac = bytes.subarray(-macBytes)
  for (const key of keys) {
    const { signing, encryption } = halves(key)
    if (!timingSafeEqual(createHmac('sha256', signing).update(body).digest(), mac)) continue
    const decipher = createDecipheriv('aes-128-cbc', encryption, body.subarray(9, headerBytes))
    try {
      return Buffer.concat([decipher.update(body.subarray(headerBytes)), decipher.final()])
    } catch {
      return null // signed by us but badly padded: not ours after all
    }
  }
  return null
}

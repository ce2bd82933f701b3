// Encryption at rest: AES-256-CTR by a random key of the blob's own, which is wrapped (AES-256-GCM) by the root key of the data
// directory or by the customer's. A copy or a rename therefore needs no new bytes. As no key is ever used for two
// blobs, the counter is the block's place in the blob, and any part is read without what is before it.
import { createCipheriv, createDecipheriv, createHash } from 'node:crypto'
import type { BlobKey } from '../store/tables.ts'

const blobKeyBytes = 32
const nonceBytes = 12
const tagBytes = 16
const aesBlockBytes = 16

/** The key is not the one that the blob's was wrapped with. */
export class WrongKey extends Error {}

export interface NewKey {
  plain: Buffer
  key: BlobKey
}

export function blobKeyMake(how: BlobKey['how'], wrapping: Buffer, random: (count: number) => Buffer): NewKey {
  const [plain, nonce] = [random(blobKeyBytes), random(nonceBytes)]
  const cipher = createCipheriv('aes-256-gcm', wrapping, nonce)
  const wrapped = Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()])
  return { plain, key: { how, iv: nonce.toString('base64'), wrapped: wrapped.toString('base64') } }
}

export function blobKeyOpen({ iv, wrapped }: BlobKey, wrapping: Buffer): Buffer {
  const bytes = Buffer.from(wrapped, 'base64')
  const cipher = createDecipheriv('aes-256-gcm', wrapping, Buffer.from(iv, 'base64'), { authTagLength: tagBytes })
  cipher.setAuthTag(bytes.subarray(-tagBytes))
  try {
    return Buffer.concat([cipher.update(bytes.subarray(0, -tagBytes)), cipher.final()])
  } catch (error) {
    throw new WrongKey('the key does not open this blob', { cause: error })
  }
}

/** Encrypts or decrypts (it is the same) what lies at `position`, a multiple of 16. */
export function crypt(key: Buffer, bytes: Buffer, position: number): Buffer {
  const counter = Buffer.alloc(aesBlockBytes)
  counter.writeBigUInt64BE(BigInt(position / aesBlockBytes), 8)
  return createCipheriv('aes-256-ctr', key, counter).update(bytes)
}

/** A customer's key may be a text of any length where a door allows it: S3's is 32 bytes and taken as it is. */
export const asWrappingKey = (key: Buffer): Buffer => (key.length === blobKeyBytes ? key : createHash('sha256').update(key).digest())

// The digests that somebody may want of bytes, by one face: hashes of OpenSSL and CRCs. In place; hashing.ts does it in threads.
import { createHash } from 'node:crypto'
import { crcStart, type Running } from './crc.ts'

export type Digest = 'md5' | 'sha1' | 'sha256' | 'sha512' | 'crc32' | 'crc32c' | 'crc64nvme'

/** Raw; CRCs are big-endian. */
export type Digests = Partial<Record<Digest, Buffer>>

export interface Digesting {
  update(bytes: Uint8Array): void
  digest(): Digests
}

export function digestStart(names: readonly Digest[]): Digesting {
  const running = names.map((name) => [name, digestStartOne(name)] as const)
  return {
    update: (bytes) => running.forEach(([, one]) => one.update(bytes)),
    digest: () => Object.fromEntries(running.map(([name, one]) => [name, one.digest()])),
  }
}

export function digestOf(bytes: Uint8Array, names: readonly Digest[]): Digests {
  const digesting = digestStart(names)
  digesting.update(bytes)
  return digesting.digest()
}

function digestStartOne(name: Digest): Running {
  if (name === 'crc32' || name === 'crc32c' || name === 'crc64nvme') return crcStart(name)
  const hash = createHash(name)
  return { update: (bytes) => void hash.update(bytes), digest: () => hash.digest() }
}

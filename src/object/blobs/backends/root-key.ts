// The key that blobs' own keys are wrapped with: 32 random bytes in a file of the data directory that its owner alone reads. Whoever
// loses it loses what was encrypted; it is made with the first blob that asks for it.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { writeDurably } from '../../../platform/durable-file.ts'
import { assert } from '../../../platform/errors.ts'

const keyBytes = 32

export async function rootKeyRead(dataDir: string, random: (count: number) => Buffer): Promise<Buffer> {
  const path = join(dataDir, 'object-key')
  const key = await readFile(path).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  })
  const kept = key ?? random(keyBytes)
  if (!key) await writeDurably(path, kept)
  assert(kept.length === keyBytes, `${path} does not hold ${keyBytes} bytes`)
  return kept
}

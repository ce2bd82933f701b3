// The key that blobs' own keys are wrapped with: 32 random bytes in a file of the data directory that its owner alone reads. Whoever
// loses it loses what was encrypted; it is made with the first blob that asks for it.
import { open, readFile, rename } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { assert } from '../../../platform/errors.ts'

const keyBytes = 32

export async function rootKeyRead(dataDir: string, random: (count: number) => Buffer): Promise<Buffer> {
  const path = join(dataDir, 'object-key')
  const key = await readFile(path).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  })
  const kept = key ?? (await make(path, random(keyBytes)))
  assert(kept.length === keyBytes, `${path} does not hold ${keyBytes} bytes`)
  return kept
}

/** There is the whole key after power loss, or none. */
async function make(path: string, key: Buffer): Promise<Buffer> {
  const file = await open(`${path}.new`, 'w', 0o600)
  try {
    await file.writeFile(key)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(`${path}.new`, path)
  const directory = await open(dirname(path), 'r')
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
  return key
}

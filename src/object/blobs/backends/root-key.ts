// The key that blobs' own keys are wrapped with: 32 random bytes in a file of the data directory that its owner alone reads. Whoever
// loses it loses what was encrypted; it is made with the first blob that asks for it, of several processes' by the first.
import { link, readFile, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { syncDirectory, writeDurably } from '../../../platform/durable-file.ts'
import { assert } from '../../../platform/errors.ts'

const keyBytes = 32

export async function rootKeyRead(dataDir: string, random: (count: number) => Buffer): Promise<Buffer> {
  const path = join(dataDir, 'object-key')
  const key = await readFile(path).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  })
  const kept = key ?? (await keyMake(path, random))
  assert(kept.length === keyBytes, `${path} does not hold ${keyBytes} bytes`)
  return kept
}

/** What a process made that another was ahead of encrypts nothing: all read the same file. */
async function keyMake(path: string, random: (count: number) => Buffer): Promise<Buffer> {
  const own = `${path}.${random(8).toString('hex')}`
  await writeDurably(own, random(keyBytes))
  await link(own, path).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  })
  await unlink(own)
  await syncDirectory(dirname(path))
  return readFile(path)
}

// A file of this machine as a stream: the image that the first `up` brings along. Paths are the operator's, never a user's (attack 18).
import { open } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { readFileRange } from './read.ts'

export async function openLocalFile(path: string): Promise<Readable> {
  const file = await open(path, 'r')
  const { size } = await file.stat()
  return readFileRange(file, { start: 0, end: size, recycle: false })
}

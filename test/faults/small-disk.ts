// A small file system in a file: what fills it leaves the machine's own disk alone. It is seen in the lab only, and ends
// with it.
import { closeSync, mkdirSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { run } from '../e2e/place.ts'

async function must(...words: string[]): Promise<void> {
  const { code, stderr } = await run(words)
  if (code !== 0) throw new Error(`${words.join(' ')}: ${stderr}`)
}

/** Mounts one of so many MiB at the path. */
export async function mountSmallDisk(path: string, mib: number): Promise<void> {
  const file = `${path}.ext4`
  await must('truncate', '--size', `${mib}M`, file)
  // no room kept for root, which is who fills it
  await must('mkfs.ext4', '-q', '-m', '0', '-E', 'lazy_itable_init=1,lazy_journal_init=1', file)
  mkdirSync(path, { recursive: true, mode: 0o711 })
  await must('mount', '-o', 'loop', file, path)
}

/** Fills it to the last block; returns how to make room again. */
export async function fillDisk(path: string): Promise<() => void> {
  const ballast = join(path, 'ballast')
  const { bavail, bsize } = statfsSync(path)
  const most = Math.max(0, bavail * bsize - 4 * 2 ** 20)
  await must('fallocate', '--length', String(most), ballast)
  const fd = openSync(ballast, 'a')
  try {
    for (const bytes of [65_536, 4_096]) writeUntilFull(fd, Buffer.alloc(bytes))
  } finally {
    closeSync(fd)
  }
  return () => rmSync(ballast)
}

function writeUntilFull(fd: number, block: Buffer): void {
  try {
    while (writeSync(fd, block) === block.length);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
  }
}

// A guest's console log: QEMU appends to a file, this keeps the file from growing and reads its end. The file lies
// where the guest's user may write, so it is never followed as a link.
import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { runFiles } from './command-line.ts'
import { lastLines } from './fake-boot-log.ts'

/** what consoleLog gives at most, and what a trim leaves */
const keptBytes = 2 ** 20
/** a file larger than this is trimmed */
const maxBytes = 4 * 2 ** 20

/** The last lines; '' before the first start. */
export async function readConsole(dir: string, lines: number | undefined): Promise<string> {
  return lastLines((await readEnd(dir)).toString('utf8'), lines)
}

async function readEnd(dir: string): Promise<Buffer> {
  const handle = await openLog(dir, constants.O_RDONLY)
  if (!handle) return Buffer.alloc(0)
  try {
    const { size } = await handle.stat()
    const length = Math.min(size, keptBytes)
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, size - length)
    return buffer.subarray(0, bytesRead)
  } finally {
    await handle.close()
  }
}

/** Cuts the log to its end when it has grown too large. QEMU appends, so it goes on behind; bytes of that moment may be lost. */
export async function trimConsole(dir: string): Promise<void> {
  const handle = await openLog(dir, constants.O_RDWR)
  if (!handle) return
  try {
    if ((await handle.stat()).size <= maxBytes) return
    const end = await readEnd(dir)
    await handle.truncate(0)
    await handle.write(end, 0, end.length, 0)
  } finally {
    await handle.close()
  }
}

/** Closes the log to others: an earlier version made it by a looser umask. */
export async function closeConsole(dir: string): Promise<void> {
  const handle = await openLog(dir, constants.O_RDONLY)
  if (!handle) return
  try {
    await handle.chmod(0o600)
  } finally {
    await handle.close()
  }
}

async function openLog(dir: string, flags: number) {
  try {
    return await open(join(dir, runFiles.consoleLog), flags | constants.O_NOFOLLOW)
  } catch (error) {
    if (['ENOENT', 'ELOOP'].includes((error as NodeJS.ErrnoException).code ?? '')) return null
    throw error
  }
}

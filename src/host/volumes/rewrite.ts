// Puts other content into a volume's file. Without snapshots a new file takes the old one's place in one move; with
// snapshots, which live in the file, the content is written over the old. Nobody may have the file open meanwhile.
import { chown, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { Call } from '../../contract/call.ts'
import { diskCopy, diskFacts, refuseOpen, type DiskFile } from '../disk-image.ts'
import { syncDirectory, syncFile } from '../../platform/durable-file.ts'
import type { GuestUser } from '../tools.ts'

export interface Rewrite {
  user: GuestUser | null
  call: Call
  /** makes the new content, of the volume's size, as a qcow2 file at this path */
  fill(path: string): Promise<void>
}

export async function diskRewrite(disk: DiskFile, { user, call, fill }: Rewrite): Promise<void> {
  await refuseOpen(disk, user)
  const cwd = dirname(disk.path)
  const fresh = join(cwd, 'rewrite.qcow2')
  await rm(fresh, { force: true }) // what an interrupted try left
  try {
    await fill(fresh)
    const { uid, gid } = await stat(disk.path)
    if (process.getuid?.() === 0) await chown(fresh, uid, gid)
    const { snapshots } = await diskFacts(disk, user)
    if (snapshots.length > 0) {
      await diskCopy(
        { path: basename(fresh), format: 'qcow2' },
        { path: basename(disk.path), format: disk.format },
        { cwd, user, call, over: true },
      )
      return
    }
    await syncFile(fresh)
    await rename(fresh, disk.path)
    await syncDirectory(cwd)
  } finally {
    await rm(fresh, { force: true })
  }
}

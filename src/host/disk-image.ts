// qemu-img, as far as the host needs it: make, copy, grow, snapshot. The format of every file is always given and
// backing files are never taken from a header that a guest could have written (ATTACKS.md 14, 16).
import { open, rename, rm } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import type { Call } from '../contract/call.ts'
import { fileFailure, type GuestUser, runTool } from './tools.ts'

export type DiskFormat = 'raw' | 'qcow2'

export interface DiskFile {
  path: string
  format: DiskFormat
}

/** An empty file that the user may write, in a directory that may not be the user's. */
export async function emptyFile(path: string, user: GuestUser | null): Promise<void> {
  const handle = await open(path, 'w', 0o600)
  try {
    if (user) await handle.chown(user.uid, user.gid)
  } finally {
    await handle.close()
  }
}

/** Makes an empty disk, or an overlay on a base image; there is never half of one at its path. */
export async function diskCreate(
  disk: DiskFile,
  of: { sizeBytes: number; base?: DiskFile | null; user: GuestUser | null; signal?: AbortSignal | undefined },
): Promise<void> {
  const backing = of.base ? ['-F', of.base.format, '-b', of.base.path] : []
  const part = `${disk.path}.part`
  try {
    await emptyFile(part, of.user)
    const argv = ['qemu-img', 'create', '-q', '-f', disk.format, ...backing, basename(part), String(of.sizeBytes)]
    await runTool(argv, { cwd: dirname(disk.path), user: of.user, signal: of.signal })
    await rename(part, disk.path)
  } catch (error) {
    await rm(part, { force: true })
    throw fileFailure(error)
  }
}

/** A disk for a tool's command line: format and backing file are those given, not those in its header. */
function explicit(disk: DiskFile & { base?: DiskFile | null }): string {
  const file = (path: string) => ({ driver: 'file', filename: path })
  const base = disk.base
    ? { driver: disk.base.format, ...(disk.base.format === 'qcow2' ? { backing: null } : {}), file: file(disk.base.path) }
    : null
  return `json:${JSON.stringify({ driver: disk.format, ...(disk.format === 'qcow2' ? { backing: base } : {}), file: file(disk.path) })}`
}

export interface CopyOptions {
  /** the directory that the paths are relative to */
  cwd: string
  user: GuestUser | null
  call: Call
  /** copy this internal snapshot instead of the present content */
  snapshot?: string
  /** the source may be open in QEMU (only sound for its snapshots, which do not change) */
  share?: boolean
  /** into a disk that is there, of the same size, which keeps its snapshots */
  over?: boolean
}

/** Copies a disk with what it stands on into one standalone file; the target must be a file that the user may write. */
export async function diskCopy(
  from: DiskFile & { base?: DiskFile | null },
  to: DiskFile,
  { cwd, user, call, snapshot, share, over }: CopyOptions,
): Promise<void> {
  const argv = ['qemu-img', 'convert', '-p', ...(share ? ['-U'] : []), ...(over ? ['-n'] : []), '-O', to.format]
  if (snapshot !== undefined) argv.push('-l', `snapshot.name=${snapshot.replaceAll(',', ',,')}`)
  let told = -1
  const onOutput = (text: string) => {
    const percent = Math.floor(Number(/\((\d+\.\d+)\/100%\)\s*$/.exec(text)?.[1] ?? -1))
    if (percent > told + 4 || percent === 100) call.progress?.((told = percent))
  }
  await runTool([...argv, explicit(from), to.path], { cwd, user, signal: call.signal, onOutput })
}

/** Grows a disk that nobody has open. */
export async function diskResize(disk: DiskFile, sizeBytes: number, user: GuestUser | null): Promise<void> {
  await runTool(['qemu-img', 'resize', '-q', '-f', disk.format, basename(disk.path), String(sizeBytes)], { cwd: dirname(disk.path), user })
}

export interface DiskFacts {
  virtualSizeBytes: number
  snapshots: string[]
}

/** Size and snapshots of a disk; reads also what QEMU has open. */
export async function diskFacts(disk: DiskFile, user: GuestUser | null): Promise<DiskFacts> {
  const argv = ['qemu-img', 'info', '-U', '--output=json', explicit({ path: basename(disk.path), format: disk.format })]
  const text = await runTool(argv, { cwd: dirname(disk.path), user })
  const info = JSON.parse(text) as { 'virtual-size': number; snapshots?: { name: string }[] }
  return { virtualSizeBytes: info['virtual-size'], snapshots: (info.snapshots ?? []).map((snapshot) => snapshot.name) }
}

/** Refuses with 'conflict' while a guest runs with the disk. */
export async function refuseOpen(disk: DiskFile, user: GuestUser | null): Promise<void> {
  await runTool(['qemu-img', 'info', '--output=json', explicit({ path: basename(disk.path), format: disk.format })], {
    cwd: dirname(disk.path),
    user,
  })
}

/** Makes (-c), deletes (-d) or applies (-a) an internal snapshot of a disk that nobody has open. */
export async function diskSnapshot(
  disk: DiskFile,
  action: '-c' | '-d' | '-a',
  { name, user }: { name: string; user: GuestUser | null },
): Promise<void> {
  const options = `driver=${disk.format},file.driver=file,file.filename=${basename(disk.path).replaceAll(',', ',,')}`
  await runTool(['qemu-img', 'snapshot', '-q', action, name, '--image-opts', options], { cwd: dirname(disk.path), user })
}

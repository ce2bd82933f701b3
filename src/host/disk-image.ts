// qemu-img, as far as the host needs it: make, copy, grow, snapshot. The format of every file is always given and
// backing files are never taken from a header that a guest could have written (ATTACKS.md 14, 16).
import { rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { Call } from './contract.ts'
import { type GuestUser, runTool } from './tools.ts'

export type DiskFormat = 'raw' | 'qcow2'

export interface DiskFile {
  path: string
  format: DiskFormat
}

/** Makes an empty disk, or an overlay on a base image; there is never half of one at its path. */
export async function diskCreate(disk: DiskFile, of: { sizeBytes: number; base?: DiskFile; user: GuestUser | null; signal?: AbortSignal | undefined }): Promise<void> {
  const backing = of.base ? ['-F', of.base.format, '-b', of.base.path] : []
  const file = basename(disk.path)
  const argv = ['qemu-img', 'create', '-q', '-f', disk.format, ...backing, `${file}.part`, String(of.sizeBytes)]
  const cwd = dirname(disk.path)
  try {
    await runTool(argv, { cwd, user: of.user, signal: of.signal })
    await rename(join(cwd, `${file}.part`), disk.path)
  } catch (error) {
    await rm(join(cwd, `${file}.part`), { force: true })
    throw error
  }
}

export interface CopyOptions {
  cwd: string
  user: GuestUser | null
  call: Call
  /** copy this internal snapshot instead of the present content */
  snapshot?: string
  /** the source may be open in QEMU (only sound for its snapshots, which do not change) */
  share?: boolean
}

/** Copies a disk with its backing chain into one standalone file. */
export async function diskCopy(from: DiskFile, to: DiskFile, { cwd, user, call, snapshot, share }: CopyOptions): Promise<void> {
  const argv = ['qemu-img', 'convert', '-p', ...(share ? ['-U'] : []), '-f', from.format, '-O', to.format]
  if (snapshot !== undefined) argv.push('-l', `snapshot.name=${snapshot}`)
  let told = -1
  const onOutput = (text: string) => {
    const percent = Math.floor(Number(/\((\d+\.\d+)\/100%\)\s*$/.exec(text)?.[1] ?? -1))
    if (percent > told + 4 || percent === 100) call.progress?.((told = percent))
  }
  await runTool([...argv, from.path, to.path], { cwd, user, signal: call.signal, onOutput })
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
  // the file driver alone below the named format: a backing file in the header is not opened
  const node = { driver: disk.format, ...(disk.format === 'qcow2' ? { backing: null } : {}), file: { driver: 'file', filename: basename(disk.path) } }
  const text = await runTool(['qemu-img', 'info', '-U', '--output=json', `json:${JSON.stringify(node)}`], { cwd: dirname(disk.path), user })
  const info = JSON.parse(text) as { 'virtual-size': number; snapshots?: { name: string }[] }
  return { virtualSizeBytes: info['virtual-size'], snapshots: (info.snapshots ?? []).map((snapshot) => snapshot.name) }
}

/** Makes (-c), deletes (-d) or applies (-a) an internal snapshot of a disk that nobody has open. */
export async function diskSnapshot(disk: DiskFile, action: '-c' | '-d' | '-a', { name, user }: { name: string; user: GuestUser | null }): Promise<void> {
  const node = { driver: disk.format, backing: null, file: { driver: 'file', filename: basename(disk.path) } }
  const argv = ['qemu-img', 'snapshot', '-q', action, name, '--image-opts', imageOptions(node)]
  await runTool(argv, { cwd: dirname(disk.path), user })
}

const imageOptions = (node: { driver: string; file: { driver: string; filename: string } }) =>
  `driver=${node.driver},file.driver=${node.file.driver},file.filename=${node.file.filename.replaceAll(',', ',,')}`

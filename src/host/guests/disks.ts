// The files of a guest's disks, made so: overlays on cached images, blank disks, swap, rescue, the config drive.
// Each appears whole or not at all; running it again changes nothing. Only for
// guests without a process: the disks of a running one are QEMU's.
import { open, readdir, rm } from 'node:fs/promises'
import { join, relative } from 'node:path'
import type { GuestSpec } from '../../contract/guests.ts'
import { type Call, HostError } from '../../contract/call.ts'
import { type DiskFile, diskCreate, diskResize, emptyFile } from '../disk-image.ts'
import type { BaseImage } from '../images/local-images.ts'
import { giveFile } from '../guest-users.ts'
import { fileFailure, type GuestUser } from '../tools.ts'
import { isoImage } from './iso9660.ts'
import { guestFiles } from './machine.ts'

const GiB = 2 ** 30
const MiB = 2 ** 20

export interface DisksOf {
  dir: string
  /** image id → base */
  bases: Map<string, BaseImage>
  user: GuestUser | null
  call: Call
}

/** Bytes that the root disk shall have; refuses an image that does not fit. */
export function rootSizeBytes(sizeGib: number, base: BaseImage): number {
  if (sizeGib > 0 && base.virtualSizeBytes > sizeGib * GiB) {
    throw new HostError('bad_image', `the image needs ${base.virtualSizeBytes} bytes, the root disk has ${sizeGib} GiB`)
  }
  return Math.max(base.virtualSizeBytes, sizeGib * GiB)
}

const baseOf = (of: DisksOf, imageId: string): BaseImage => {
  const base = of.bases.get(imageId)
  if (!base) throw new Error(`no base was given for the image ${imageId}`)
  return base
}

const ownDisk = /^(root\.\d+\.qcow2|ephemeral\.qcow2|swap\.raw|rescue\.qcow2|config\.iso|snapshot\..*|.*\.part)$/

/** Makes a guest's own disks its user's, whoever had them; only of a guest without a process. */
export async function giveDisks(dir: string, user: GuestUser | null): Promise<void> {
  for (const file of await readdir(dir)) if (ownDisk.test(file)) await giveFile(join(dir, file), user)
}

/** Makes every disk that the spec names and takes away those that it names no more. */
export async function ensureDisks(spec: GuestSpec, of: DisksOf): Promise<void> {
  const { dir, user } = of
  await giveDisks(dir, user)
  const present = new Set(await readdir(dir))
  const overlay = async (file: string, imageId: string, sizeBytes: number) => {
    const base = baseOf(of, imageId)
    const disk: DiskFile = { path: join(dir, file), format: 'qcow2' }
    if (!present.has(file)) {
      await diskCreate(disk, { sizeBytes, base: { path: relative(dir, base.path), format: base.format }, user, signal: of.call.signal })
    } else if ((await virtualSize(disk.path)) < sizeBytes) await diskResize(disk, sizeBytes, user)
  }
  const wanted = new Set<string>()
  const want = async (file: string, make: () => Promise<void>) => {
    wanted.add(file)
    await make()
  }
  const { root, rescue } = spec
  if (root.kind === 'image') {
    const sizeBytes = rootSizeBytes(root.sizeGib, baseOf(of, root.imageId))
    await want(guestFiles.root(root.epoch), () => overlay(guestFiles.root(root.epoch), root.imageId, sizeBytes))
  }
  if (rescue) await want(guestFiles.rescue, () => overlay(guestFiles.rescue, rescue.imageId, baseOf(of, rescue.imageId).virtualSizeBytes))
  if (spec.ephemeralGib > 0)
    await want(guestFiles.ephemeral, () => ensureBlank(join(dir, guestFiles.ephemeral), spec.ephemeralGib * GiB, { present, user }))
  if (spec.swapMib > 0) await want(guestFiles.swap, () => ensureSwap(join(dir, guestFiles.swap), spec.swapMib * MiB, user))
  if (spec.configDrive)
    await want(guestFiles.configDrive, () => writeConfigDrive(join(dir, guestFiles.configDrive), spec.configDrive ?? {}, user))
  const ours = [...present].filter((file) => ownDisk.test(file))
  for (const file of ours) if (!wanted.has(file)) await rm(join(dir, file), { force: true })
}

async function ensureBlank(
  path: string,
  sizeBytes: number,
  { present, user }: { present: Set<string>; user: GuestUser | null },
): Promise<void> {
  const disk: DiskFile = { path, format: 'qcow2' }
  if (!present.has(guestFiles.ephemeral)) await diskCreate(disk, { sizeBytes, user })
  else if ((await virtualSize(path)) < sizeBytes) await diskResize(disk, sizeBytes, user)
}

/** Swap space with the header that mkswap writes, so that `swapon` takes it as it is; made anew when its size changes. */
async function ensureSwap(path: string, sizeBytes: number, user: GuestUser | null): Promise<void> {
  const handle = await open(path, 'a+', 0o600)
  try {
    if ((await handle.stat()).size === sizeBytes) return
  } finally {
    await handle.close()
  }
  await emptyFile(path, user)
  const page = Buffer.alloc(4096)
  page.writeUInt32LE(1, 1024) // version
  page.writeUInt32LE(sizeBytes / 4096 - 1, 1028) // the last page
  page.write('SWAPSPACE2', 4086, 'latin1')
  const file = await open(path, 'r+')
  try {
    await file.write(page, 0, 4096, 0)
    await file.truncate(sizeBytes)
  } catch (error) {
    throw fileFailure(error)
  } finally {
    await file.close()
  }
}

async function writeConfigDrive(path: string, files: Record<string, string>, user: GuestUser | null): Promise<void> {
  try {
    await emptyFile(path, user)
    const handle = await open(path, 'r+')
    try {
      await handle.writeFile(isoImage('config-2', files))
    } finally {
      await handle.close()
    }
  } catch (error) {
    throw fileFailure(error)
  }
}

/** The size that a qcow2 file's header names. */
export async function virtualSize(path: string): Promise<number> {
  const handle = await open(path, 'r')
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(8), 0, 8, 24)
    if (bytesRead < 8) throw new HostError('failed', 'a disk of the guest is damaged')
    return Number(buffer.readBigUInt64BE())
  } finally {
    await handle.close()
  }
}

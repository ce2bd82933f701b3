// What a volume's disk is filled with, and copies of what it holds.
import { basename, join, relative } from 'node:path'
import { type Call, HostError } from '../../contract/call.ts'
import type { VolumeSource } from '../../contract/volumes.ts'
import { diskCopy, diskCreate, diskFacts, type DiskFile, diskResize, emptyFile } from '../disk-image.ts'
import { giveFile } from '../guest-users.ts'
import type { VolumeDisks } from './volume-disks.ts'
import { nameInFile } from './volume-facts.ts'

const GiB = 2 ** 30

/** The path of a disk as a tool that runs in `from` says it. */
const seenFrom = (from: string, path: string) => relative(from, path)

/** An empty image at `target` that holds the volume's present bytes afterwards. */
export async function copyPresent(disks: VolumeDisks, volumeId: string, of: { target: DiskFile; call: Call }): Promise<void> {
  const { diskOf, toolUser, live } = disks
  const { target, call } = of
  const source = diskOf(volumeId)
  const user = await toolUser(volumeId)
  const { virtualSizeBytes } = await diskFacts(source, user)
  await diskCreate(target, { sizeBytes: virtualSizeBytes, user, signal: call.signal })
  if (await live.use(source.path, (disk) => disk.copyTo(target, call))) return
  const cwd = join(target.path, '..')
  await diskCopy({ ...source, path: seenFrom(cwd, source.path) }, { ...target, path: seenFrom(cwd, target.path) }, { cwd, user, call })
}

/** Makes `target` a disk of this size with what the source holds. */
export async function fill(
  disks: VolumeDisks,
  target: { path: string; format: 'qcow2' },
  of: { sizeGib: number; source: VolumeSource; call: Call },
): Promise<void> {
  const { images, users, mustLoad } = disks
  const { source, call } = of
  const cwd = join(target.path, '..')
  const sizeBytes = of.sizeGib * GiB
  const fits = (bytes: number) => {
    if (bytes > sizeBytes) throw new HostError('bad_image', `the source needs ${bytes} bytes, the volume has ${of.sizeGib} GiB`)
  }
  if (source.kind === 'blank') return diskCreate(target, { sizeBytes, user: users.tools, signal: call.signal })
  if (source.kind === 'image') {
    await images.hold(source.imageId, call, async (base) => {
      fits(base.virtualSizeBytes)
      await emptyFile(target.path, users.tools)
      await diskCopy(
        { path: seenFrom(cwd, base.path), format: base.format },
        { path: basename(target.path), format: 'qcow2' },
        { cwd, user: users.tools, call },
      )
    })
  } else if (source.kind === 'volume') {
    fits((await mustLoad(source.volumeId)).sizeGib * GiB)
    await copyPresent(disks, source.volumeId, { target, call })
  } else await copySnapshot(disks, source, { target, call })
  await giveFile(target.path, users.tools) // no more the user of the guest whose volume was copied
  if ((await diskFacts(target, users.tools)).virtualSizeBytes < sizeBytes) await diskResize(target, sizeBytes, users.tools)
}

async function copySnapshot(
  { diskOf, toolUser, mustLoad }: VolumeDisks,
  source: Extract<VolumeSource, { kind: 'snapshot' }>,
  { target, call }: { target: DiskFile; call: Call },
): Promise<void> {
  const { snapshotIds, names = {} } = await mustLoad(source.volumeId)
  if (!snapshotIds.includes(source.snapshotId))
    throw new HostError('not_found', `the volume ${source.volumeId} has no snapshot ${source.snapshotId}`)
  const cwd = join(target.path, '..')
  const from = diskOf(source.volumeId)
  const user = await toolUser(source.volumeId)
  await emptyFile(target.path, user)
  await diskCopy(
    { ...from, path: seenFrom(cwd, from.path) },
    { path: basename(target.path), format: 'qcow2' },
    { cwd, user, call, snapshot: nameInFile({ names }, source.snapshotId), share: true },
  )
}

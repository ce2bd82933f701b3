// A copy of a guest's root disk, taken while it runs or stands still.
import { createReadStream } from 'node:fs'
import { open, rm } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { type Call, HostError } from '../../contract/call.ts'
import type { Guests } from '../../contract/guests.ts'
import { diskCopy, emptyFile } from '../disk-image.ts'
import { runTool } from '../tools.ts'
import { backupDisk } from './backup.ts'
import { virtualSize } from './disks.ts'
import { guestFiles } from './machine.ts'
import type { QemuContext } from './qemu-context.ts'
import type { GuestState } from './state.ts'

type SnapshotStream = Awaited<ReturnType<Guests['snapshot']>>

/** The root disk as a file of its own, whose name is gone when this returns: nothing can be left over. */
export async function snapshotRoot(
  { engine, images, clock }: QemuContext,
  state: GuestState,
  { id, call }: { id: string; call: Call },
): Promise<SnapshotStream> {
  const { root } = state.spec
  if (root.kind !== 'image') throw new HostError('unsupported', 'the root disk is a volume: take a snapshot of the volume')
  const dir = engine.dirOf(id)
  const rootFile = guestFiles.root(root.epoch)
  const virtualSizeBytes = await virtualSize(join(dir, rootFile))
  const target = { path: 'snapshot.qcow2', format: 'qcow2' as const }
  const path = join(dir, target.path)
  const user = engine.userOf(id)
  try {
    await emptyFile(path, user)
    const guest = engine.live.get(id)
    if (guest) {
      await runTool(['qemu-img', 'create', '-q', '-f', 'qcow2', target.path, String(virtualSizeBytes)], { cwd: dir, user })
      await backupDisk(guest, { deviceId: 'root', target, clock, call })
    } else {
      const base = await images.ensure(root.imageId, call)
      const from = { path: rootFile, format: 'qcow2' as const, base: { path: relative(dir, base.path), format: base.format } }
      await diskCopy(from, target, { cwd: dir, user, call })
    }
    const handle = await open(path, 'r')
    const { size } = await handle.stat()
    call.progress?.(100)
    return { stream: createReadStream('', { fd: handle }), sizeBytes: size, virtualSizeBytes, diskFormat: 'qcow2' as const }
  } finally {
    await rm(path, { force: true })
  }
}

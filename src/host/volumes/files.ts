// Volumes as thin qcow2 files, one directory each: <dataDir>/hypervisor/volumes/<id>/disk.qcow2 beside volume.json. Snapshots are
// internal ones of the file. While a running guest has the file open every change goes through its QEMU (LiveDisks);
// else qemu-img works on it, whose lock makes a mistake about that a 'conflict' and never a damaged disk.
import { createReadStream } from 'node:fs'
import { open, readdir, rm, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { HostError } from '../../contract/call.ts'
import type { VolumeConnection, Volumes } from '../../contract/volumes.ts'
import { diskFacts, diskResize, diskSnapshot } from '../disk-image.ts'
import { giveFile } from '../guest-users.ts'
import { syncDirectory, syncFile } from '../../platform/durable-file.ts'
import { makeDirectory } from '../guests/state.ts'
import { poolFiles } from './pool-files.ts'
import { diskRewrite } from './rewrite.ts'
import { copyPresent, fill } from './volume-content.ts'
import { diskName, factsName, type VolumeDisks, volumeDisks, type VolumeFilesOptions } from './volume-disks.ts'
import { nameInFile, withoutSnapshot } from './volume-facts.ts'

const GiB = 2 ** 30

export async function createVolumeFiles(options: VolumeFilesOptions): Promise<Volumes> {
  const { directory, users } = options
  await makeDirectory(directory)
  const disks = volumeDisks(options)
  const { load, diskOf } = disks
  for (const volumeId of await readdir(directory))
    if ((await load(volumeId))?.attachmentId === null) await giveFile(diskOf(volumeId).path, users.tools)

  return {
    ...lifecycle(disks),
    ...snapshots(disks),
    ...contents(disks),
    ...connections(disks),
    ...poolFiles(disks),
    async list() {
      // beside the volumes' directories lie files that are none of ours
      const ids = (await readdir(directory, { withFileTypes: true }))
        .filter((entry) => entry.isDirectory())
        .map(({ name }) => name)
        .sort()
      const all = await Promise.all(ids.map(async (volumeId) => ({ volumeId, facts: await load(volumeId) })))
      return all.map(({ volumeId, facts }) => ({
        volumeId,
        sizeGib: facts?.sizeGib ?? 0,
        snapshotIds: facts?.snapshotIds ?? [],
        attachmentId: facts?.attachmentId ?? null,
      }))
    },
    async capacity() {
      const { blocks, bavail, bsize } = await statfs(directory)
      return { totalGib: Math.floor((blocks * bsize) / GiB), freeGib: Math.floor((bavail * bsize) / GiB) }
    },
  }
}

function lifecycle(disks: VolumeDisks): Pick<Volumes, 'create' | 'remove' | 'extend'> {
  const { directory, live, dirOf, diskOf, enter, load, mustLoad, save, toolUser } = disks
  return {
    create: ({ volumeId, sizeGib, source }, call) =>
      enter(volumeId, call, async () => {
        if (await load(volumeId)) return
        const dir = dirOf(volumeId)
        await rm(dir, { recursive: true, force: true }) // what an interrupted try left
        try {
          await makeDirectory(dir)
          await fill(disks, { path: join(dir, diskName), format: 'qcow2' }, { sizeGib, source, call })
          await syncFile(join(dir, diskName))
          await save(volumeId, { sizeGib, snapshotIds: [], attachmentId: null })
          await syncDirectory(directory)
        } catch (error) {
          await rm(dir, { recursive: true, force: true })
          throw error
        }
      }),
    remove: (volumeId, call) =>
      enter(volumeId, call, async () => {
        if ((await load(volumeId))?.attachmentId != null) throw new HostError('conflict', `the volume ${volumeId} is in use`)
        await rm(join(dirOf(volumeId), factsName), { force: true }) // first: without its facts it is no volume any more
        await rm(dirOf(volumeId), { recursive: true, force: true })
        await syncDirectory(directory)
      }),
    extend: (volumeId, sizeGib, call) =>
      enter(volumeId, call, async () => {
        const facts = await mustLoad(volumeId)
        if (sizeGib < facts.sizeGib) throw new HostError('conflict', `the volume ${volumeId} has ${facts.sizeGib} GiB and cannot shrink`)
        const disk = diskOf(volumeId)
        const user = await toolUser(volumeId)
        if ((await diskFacts(disk, user)).virtualSizeBytes < sizeGib * GiB) {
          if (!(await live.use(disk.path, (each) => each.resize(sizeGib * GiB)))) await diskResize(disk, sizeGib * GiB, user)
        }
        await save(volumeId, { ...facts, sizeGib })
      }),
  }
}

function snapshots({
  live,
  diskOf,
  enter,
  load,
  mustLoad,
  save,
  toolUser,
}: VolumeDisks): Pick<Volumes, 'snapshot' | 'removeSnapshot' | 'revert'> {
  return {
    snapshot: (volumeId, snapshotId, call) =>
      enter(volumeId, call, async () => {
        const facts = await mustLoad(volumeId)
        if (facts.snapshotIds.includes(snapshotId)) return
        const disk = diskOf(volumeId)
        const user = await toolUser(volumeId)
        if (!(await diskFacts(disk, user)).snapshots.includes(snapshotId)) {
          if (!(await live.use(disk.path, (each) => each.snapshot(snapshotId)))) await diskSnapshot(disk, '-c', { name: snapshotId, user })
        }
        await save(volumeId, { ...facts, snapshotIds: [...facts.snapshotIds, snapshotId] })
      }),
    removeSnapshot: (volumeId, snapshotId, call) =>
      enter(volumeId, call, async () => {
        const facts = await load(volumeId)
        if (!facts) return
        const name = nameInFile(facts, snapshotId)
        const disk = diskOf(volumeId)
        const user = await toolUser(volumeId)
        if ((await diskFacts(disk, user)).snapshots.includes(name)) {
          if (!(await live.use(disk.path, (each) => each.removeSnapshot(name)))) await diskSnapshot(disk, '-d', { name, user })
        }
        await save(volumeId, withoutSnapshot(facts, snapshotId))
      }),
    revert: (volumeId, snapshotId, call) =>
      enter(volumeId, call, async () => {
        const facts = await mustLoad(volumeId)
        const { sizeGib, snapshotIds, attachmentId } = facts
        if (!snapshotIds.includes(snapshotId)) throw new HostError('not_found', `the volume ${volumeId} has no snapshot ${snapshotId}`)
        if (attachmentId !== null) throw new HostError('conflict', `the volume ${volumeId} is in use`)
        const disk = diskOf(volumeId)
        const user = await toolUser(volumeId)
        await diskSnapshot(disk, '-a', { name: nameInFile(facts, snapshotId), user }) // takes the size of then, too
        if ((await diskFacts(disk, user)).virtualSizeBytes < sizeGib * GiB) await diskResize(disk, sizeGib * GiB, user)
      }),
  }
}

function contents(disks: VolumeDisks): Pick<Volumes, 'rewrite' | 'read'> {
  const { dirOf, diskOf, enter, mustLoad, toolUser } = disks
  return {
    rewrite: (volumeId, source, call) =>
      enter(volumeId, call, async () => {
        const { sizeGib } = await mustLoad(volumeId)
        await diskRewrite(diskOf(volumeId), {
          user: await toolUser(volumeId),
          call,
          fill: (target) => fill(disks, { path: target, format: 'qcow2' }, { sizeGib, source, call }),
        })
      }),
    read: (volumeId, diskFormat, call) =>
      enter(volumeId, call, async () => {
        await mustLoad(volumeId)
        const path = join(dirOf(volumeId), 'read.img')
        try {
          await copyPresent(disks, volumeId, { target: { path, format: diskFormat }, call })
          const handle = await open(path, 'r')
          const { size } = await handle.stat()
          return { stream: createReadStream('', { fd: handle }), sizeBytes: size }
        } finally {
          await rm(path, { force: true }) // its bytes live as long as the stream
        }
      }),
  }
}

function connections({ users, diskOf, enter, load, mustLoad, save }: VolumeDisks): Pick<Volumes, 'connect' | 'disconnect'> {
  return {
    connect: (volumeId, call, attachmentId = '') =>
      enter(volumeId, call, async (): Promise<VolumeConnection> => {
        const facts = await mustLoad(volumeId)
        if (facts.attachmentId !== null && facts.attachmentId !== attachmentId)
          throw new HostError('conflict', `the volume ${volumeId} is already connected`)
        if (facts.attachmentId === null) await save(volumeId, { ...facts, attachmentId })
        return { driver: 'file', ...diskOf(volumeId) }
      }),
    disconnect: (volumeId, call, attachmentId = '') =>
      enter(volumeId, call, async () => {
        const facts = await load(volumeId)
        if (!facts || facts.attachmentId !== attachmentId) return
        await giveFile(diskOf(volumeId).path, users.tools)
        await save(volumeId, { ...facts, attachmentId: null })
      }),
  }
}

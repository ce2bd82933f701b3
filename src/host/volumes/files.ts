// Volumes as thin qcow2 files, one directory each: <dataDir>/hypervisor/volumes/<id>/disk.qcow2 beside volume.json. Snapshots are
// internal ones of the file. While a running guest has the file open every change goes through its QEMU (LiveDisks);
// else qemu-img works on it, whose lock makes a mistake about that a 'conflict' and never a damaged disk.
import { createReadStream } from 'node:fs'
import { open, readdir, readFile, rm, statfs } from 'node:fs/promises'
import { basename, join, relative } from 'node:path'
import type { VolumeConnection, Volumes, VolumeSource } from '../../contract/volumes.ts'
import { type Call, HostError } from '../../contract/call.ts'
import { diskCopy, diskCreate, diskFacts, diskResize, diskSnapshot, emptyFile } from '../disk-image.ts'
import { poolFiles } from './pool-files.ts'
import { diskRewrite } from './rewrite.ts'
import type { Gate } from '../gate.ts'
import { makeDirectory, syncDirectory, syncFile, writeDurably } from '../guests/state.ts'
import type { LocalImages } from '../images/local-images.ts'
import type { LiveDisks } from '../live-disks.ts'
import { giveFile, type GuestUsers, ownerOf } from '../guest-users.ts'
import { fileFailure, type GuestUser } from '../tools.ts'
import { type VolumeFacts, nameInFile, withoutSnapshot } from './volume-facts.ts'

export interface VolumeFilesOptions {
  /** <dataDir>/hypervisor/volumes */
  directory: string
  images: LocalImages
  live: LiveDisks
  gate: Gate
  users: GuestUsers
}

const GiB = 2 ** 30
const diskName = 'disk.qcow2'
const factsName = 'volume.json'

export async function createVolumeFiles({ directory, images, live, gate, users }: VolumeFilesOptions): Promise<Volumes> {
  await makeDirectory(directory)
  const dirOf = (volumeId: string) => join(directory, volumeId)
  const diskOf = (volumeId: string) => ({ path: join(dirOf(volumeId), diskName), format: 'qcow2' as const })

  const load = async (volumeId: string): Promise<VolumeFacts | null> => {
    try {
      return JSON.parse(await readFile(join(dirOf(volumeId), factsName), 'utf8')) as VolumeFacts
    } catch (error) {
      if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return null
      throw error
    }
  }
  const mustLoad = async (volumeId: string) => {
    const facts = await load(volumeId)
    if (!facts) throw new HostError('not_found', `the volume ${volumeId} is not on this host`)
    return facts
  }
  const save = (volumeId: string, facts: VolumeFacts) => writeDurably(join(dirOf(volumeId), factsName), JSON.stringify(facts))
  const enter = <T>(volumeId: string, call: Call, work: () => Promise<T>): Promise<T> => {
    if (!/^[0-9A-Za-z][0-9A-Za-z-]{0,63}$/.test(volumeId))
      return Promise.reject(new HostError('not_found', 'a volume has an id that is none'))
    return gate.enter(`volume/${volumeId}`, call, () =>
      work().catch((error) => {
        throw fileFailure(error)
      }),
    )
  }
  /** The path of a disk as a tool that runs in `from` says it. */
  const seenFrom = (from: string, path: string) => relative(from, path)

  /** Tools run as the disk's owner: its guest's user, or the tools' own when no guest has it. */
  const toolUser = (volumeId: string): Promise<GuestUser | null> => ownerOf(diskOf(volumeId).path, users)

  /** An empty image at `target` that holds the volume's present bytes afterwards. */
  const copyPresent = async (volumeId: string, target: { path: string; format: 'raw' | 'qcow2' }, call: Call): Promise<void> => {
    const source = diskOf(volumeId)
    const user = await toolUser(volumeId)
    const { virtualSizeBytes } = await diskFacts(source, user)
    await diskCreate(target, { sizeBytes: virtualSizeBytes, user, signal: call.signal })
    if (await live.use(source.path, (disk) => disk.copyTo(target, call))) return
    const cwd = join(target.path, '..')
    await diskCopy({ ...source, path: seenFrom(cwd, source.path) }, { ...target, path: seenFrom(cwd, target.path) }, { cwd, user, call })
  }

  const fill = async (
    target: { path: string; format: 'qcow2' },
    of: { sizeGib: number; source: VolumeSource; call: Call },
  ): Promise<void> => {
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
    } else {
      const { sizeGib, snapshotIds, names = {} } = await mustLoad(source.volumeId)
      if (source.kind === 'volume') {
        fits(sizeGib * GiB)
        await copyPresent(source.volumeId, target, call)
      } else {
        if (!snapshotIds.includes(source.snapshotId))
          throw new HostError('not_found', `the volume ${source.volumeId} has no snapshot ${source.snapshotId}`)
        const from = diskOf(source.volumeId)
        const user = await toolUser(source.volumeId)
        await emptyFile(target.path, user)
        await diskCopy(
          { ...from, path: seenFrom(cwd, from.path) },
          { path: basename(target.path), format: 'qcow2' },
          { cwd, user, call, snapshot: nameInFile({ names }, source.snapshotId), share: true },
        )
      }
    }
    await giveFile(target.path, users.tools) // no more the user of the guest whose volume was copied
    if ((await diskFacts(target, users.tools)).virtualSizeBytes < sizeBytes) await diskResize(target, sizeBytes, users.tools)
  }

  for (const volumeId of await readdir(directory))
    if ((await load(volumeId))?.attachmentId === null) await giveFile(diskOf(volumeId).path, users.tools)

  return {
    create: ({ volumeId, sizeGib, source }, call) =>
      enter(volumeId, call, async () => {
        if (await load(volumeId)) return
        const dir = dirOf(volumeId)
        await rm(dir, { recursive: true, force: true }) // what an interrupted try left
        try {
          await makeDirectory(dir)
          await fill({ path: join(dir, diskName), format: 'qcow2' }, { sizeGib, source, call })
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
    rewrite: (volumeId, source, call) =>
      enter(volumeId, call, async () => {
        const { sizeGib } = await mustLoad(volumeId)
        await diskRewrite(diskOf(volumeId), {
          user: await toolUser(volumeId),
          call,
          fill: (target) => fill({ path: target, format: 'qcow2' }, { sizeGib, source, call }),
        })
      }),
    read: (volumeId, diskFormat, call) =>
      enter(volumeId, call, async () => {
        await mustLoad(volumeId)
        const path = join(dirOf(volumeId), 'read.img')
        try {
          await copyPresent(volumeId, { path, format: diskFormat }, call)
          const handle = await open(path, 'r')
          const { size } = await handle.stat()
          return { stream: createReadStream('', { fd: handle }), sizeBytes: size }
        } finally {
          await rm(path, { force: true }) // its bytes live as long as the stream
        }
      }),
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
    ...poolFiles({ directory, diskOf, dirOf, enter, load, save, toolUser, tools: users.tools }),
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

// What lies in the pool beside the volumes: disk images that an operator put into <dataDir>/hypervisor/volumes, or that were volumes and
// were unmanaged, and snapshots in volumes' files that are none of ours. They become volumes and snapshots, and back again.
import { lstat, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { basename, join, relative } from 'node:path'
import type { PoolFile, PoolSnapshot, Volumes } from '../../contract/volumes.ts'
import { type Call, HostError } from '../../contract/call.ts'
import { diskCopy, diskFacts, diskResize, type DiskFile, emptyFile, refuseOpen } from '../disk-image.ts'
import { giveFile } from '../guest-users.ts'
import { syncDirectory, syncFile } from '../../platform/durable-file.ts'
import { makeDirectory } from '../guests/state.ts'
import { inspectHeadBytes, inspectImage } from '../../platform/disk-image/inspect.ts'
import { snapshotsInside } from '../../platform/disk-image/qcow2.ts'
import type { VolumeDisks } from './volume-disks.ts'
import { nameInFile, withoutSnapshot } from './volume-facts.ts'

const GiB = 2 ** 30
/** A name that QEMU takes for nothing else: its tools take digits for a snapshot's number. */
const snapshotName = /^[A-Za-z_][\w.:-]{0,254}$|^[0-9a-f]{8}-[0-9a-f-]{27}$/
const rawFormats = ['raw', 'gpt', 'iso']

interface Found {
  path: string
  format: 'raw' | 'qcow2'
  bytes: number
  fault: string | null
}

export function poolFiles(disks: VolumeDisks): Pick<Volumes, 'strangers' | 'adopt' | 'release' | 'adoptSnapshot' | 'releaseSnapshot'> {
  const { directory, dirOf, diskOf, enter, load, save, toolUser } = disks
  const { tools } = disks.users

  const look = async (reference: string): Promise<Found> => {
    const path = join(directory, reference)
    if (!/^[^./][^/\0]{0,254}$/.test(reference) || !(await isFile(path)))
      throw new HostError('not_found', `the pool has no file ${reference}`)
    const { size } = await stat(path)
    const { format, virtualSizeBytes, faults } = inspectImage(await headOf(path))
    if (format === 'qcow2')
      return { path, format, bytes: virtualSizeBytes ?? 0, fault: faults.find((fault) => fault !== snapshotsInside) ?? null }
    if (rawFormats.includes(format)) return { path, format: 'raw', bytes: size, fault: faults[0] ?? (size === 0 ? 'it is empty' : null) }
    return { path, format: 'raw', bytes: virtualSizeBytes ?? size, fault: `volumes are raw or qcow2, this is ${format}` }
  }
  const gibOf = (bytes: number) => Math.max(1, Math.ceil(bytes / GiB))

  /** The file's content as the volume's disk; a file that is copied stays until the volume is whole. */
  const take = async (found: Found, disk: DiskFile, call: Call): Promise<void> => {
    try {
      await move(found, disk, call)
    } catch (error) {
      if (!(await isFile(disk.path))) await rm(join(disk.path, '..'), { recursive: true, force: true })
      throw error
    }
  }

  const move = async (found: Found, disk: DiskFile, call: Call): Promise<void> => {
    await giveFile(found.path, tools)
    await refuseOpen({ path: found.path, format: found.format }, tools)
    if (found.format === 'qcow2') return rename(found.path, disk.path)
    const part = `${disk.path}.part`
    await emptyFile(part, tools)
    const cwd = join(disk.path, '..')
    await diskCopy(
      { path: relative(cwd, found.path), format: 'raw' },
      { path: basename(part), format: 'qcow2' },
      { cwd, user: tools, call },
    )
    await syncFile(part)
    await rename(part, disk.path)
  }

  const snapshotsIn = async (volumeId: string): Promise<PoolSnapshot[]> => {
    const facts = await load(volumeId)
    if (!facts) return []
    const known = new Set(facts.snapshotIds.map((id) => nameInFile(facts, id)))
    const { snapshots } = await diskFacts(diskOf(volumeId), await toolUser(volumeId))
    return snapshots
      .filter((name) => !known.has(name) && snapshotName.test(name))
      .map((name) => ({ volumeId, name, sizeGib: facts.sizeGib }))
  }

  return {
    async strangers() {
      const entries = (await readdir(directory, { withFileTypes: true })).sort((a, b) => (a.name < b.name ? -1 : 1))
      const files: PoolFile[] = []
      for (const { name } of entries.filter((entry) => entry.isFile() && !entry.name.startsWith('.'))) {
        const { bytes, fault } = await look(name)
        files.push({ reference: name, sizeGib: gibOf(bytes), fault })
      }
      const snapshots: PoolSnapshot[] = []
      for (const { name } of entries.filter((entry) => entry.isDirectory())) snapshots.push(...(await snapshotsIn(name)))
      return { files, snapshots }
    },
    adopt: ({ volumeId, reference }, call) =>
      enter(volumeId, call, async () => {
        const disk = diskOf(volumeId)
        let facts = await load(volumeId)
        if (!facts) {
          // a try that was interrupted may have moved the file already
          const found = (await isFile(disk.path)) ? null : await look(reference)
          if (found?.fault) throw new HostError('bad_image', `${reference}: ${found.fault}`)
          await makeDirectory(dirOf(volumeId))
          if (found) await take(found, disk, call)
          const sizeGib = gibOf((await diskFacts(disk, tools)).virtualSizeBytes)
          if ((await diskFacts(disk, tools)).virtualSizeBytes < sizeGib * GiB) await diskResize(disk, sizeGib * GiB, tools)
          facts = { sizeGib, snapshotIds: [], attachmentId: null, ...(found?.format === 'raw' ? { from: reference } : {}) }
          await save(volumeId, facts)
          await syncDirectory(directory)
        }
        if (facts.from !== undefined) {
          await rm(join(directory, facts.from), { force: true })
          await syncDirectory(directory)
          const { from: _copied, ...rest } = facts
          await save(volumeId, rest)
        }
        return { sizeGib: facts.sizeGib }
      }),
    release: (volumeId, reference, call) =>
      enter(volumeId, call, async () => {
        const facts = await load(volumeId)
        const [path, disk] = [join(directory, reference), diskOf(volumeId)]
        if (!facts) {
          // an adoption that failed half way: what it had moved goes back, what it had copied goes away
          if ((await isFile(disk.path)) && !(await isFile(path))) await rename(disk.path, path)
          return rm(dirOf(volumeId), { recursive: true, force: true })
        }
        if (facts.attachmentId !== null) throw new HostError('conflict', `the volume ${volumeId} is in use`)
        if (facts.snapshotIds.length > 0) throw new HostError('conflict', `the volume ${volumeId} has snapshots`)
        if (await isFile(disk.path)) {
          if (facts.from === reference) await rm(path, { force: true })
          if (await isFile(path)) throw new HostError('conflict', `the pool has a file ${reference} already`)
          await refuseOpen(disk, tools)
          await rename(disk.path, path)
          await syncDirectory(directory)
        }
        await rm(dirOf(volumeId), { recursive: true, force: true })
        await syncDirectory(directory)
      }),
    adoptSnapshot: (volumeId, { snapshotId, name }, call) =>
      enter(volumeId, call, async () => {
        const facts = await load(volumeId)
        if (!facts) throw new HostError('not_found', `the volume ${volumeId} is not on this host`)
        if (facts.snapshotIds.includes(snapshotId)) return
        if (!(await snapshotsIn(volumeId)).some((each) => each.name === name))
          throw new HostError('not_found', `the volume ${volumeId} has no snapshot ${name}`)
        await save(volumeId, { ...facts, snapshotIds: [...facts.snapshotIds, snapshotId], names: { ...facts.names, [snapshotId]: name } })
      }),
    releaseSnapshot: (volumeId, snapshotId, call) =>
      enter(volumeId, call, async () => {
        const facts = await load(volumeId)
        if (facts?.snapshotIds.includes(snapshotId)) await save(volumeId, withoutSnapshot(facts, snapshotId))
      }),
  }
}

/** A file itself, not what a link points to. */
async function isFile(path: string): Promise<boolean> {
  try {
    return (await lstat(path)).isFile()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw error
  }
}

async function headOf(path: string): Promise<Buffer> {
  const handle = await open(path, 'r')
  try {
    const head = Buffer.alloc(inspectHeadBytes)
    const { bytesRead } = await handle.read(head, 0, inspectHeadBytes, 0)
    return head.subarray(0, bytesRead)
  } finally {
    await handle.close()
  }
}

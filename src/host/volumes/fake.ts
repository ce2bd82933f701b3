// Fake volumes: the interface over the journal, with sizes, sources, snapshots and the single writer kept as strictly
// as the files of the real driver (files.ts) keep them. Bytes are not kept: reading gives an empty image.
import { Readable } from 'node:stream'
import type { VolumeConnection, Volumes } from '../../contract/volumes.ts'
import type { ImageCache } from '../../contract/images.ts'
import { type Call, HostError } from '../../contract/call.ts'
import { type FakeWorld, forgetTries } from '../fake-world.ts'
import { tinyQcow2 } from '../../platform/disk-image/tiny-qcow2.ts'

interface FakeVolume {
  sizeGib: number
  snapshotIds: string[]
  /** the attachment that writes, null when nobody does */
  attachmentId: string | null
  fate: Record<string, string>
  /** names of snapshots that are not the volume's */
  strange?: string[]
  /** what snapshots are called in the file that were taken over, by id */
  names?: Record<string, string>
}

interface FakePoolFile {
  sizeGib: number
  snapshots: string[]
}

const GiB = 2 ** 30

export function createFakeVolumes(world: FakeWorld, { images, totalGib }: { images: ImageCache; totalGib: number }): Volumes {
  const { journal, gate } = world
  const key = (volumeId: string) => `volume/${volumeId}`
  const poolKey = (reference: string) => `pool/${reference}`
  const load = (volumeId: string) => journal.get<FakeVolume>(key(volumeId))
  const mustLoad = (volumeId: string) => {
    const volume = load(volumeId)
    if (!volume) throw new HostError('not_found', `the volume ${volumeId} is not on this host`)
    return volume
  }
  const mustHold = (volumeId: string, snapshotId: string) => {
    const volume = mustLoad(volumeId)
    if (!volume.snapshotIds.includes(snapshotId)) throw new HostError('not_found', `the volume ${volumeId} has no snapshot ${snapshotId}`)
    return volume
  }
  const save = (volumeId: string, volume: FakeVolume) => journal.put(key(volumeId), volume)
  /** One change of one volume, alone, fenced, and under the fate that it was created with. */
  const change = <T>(volumeId: string, operation: string, call: Call, work: () => T | Promise<T>): Promise<T> =>
    gate.enter(key(volumeId), call, async () => {
      world.reach()
      return world.under({ resource: key(volumeId), operation, fate: load(volumeId)?.fate ?? {}, call }, work)
    })
  const mustHaveSpace = () => {
    if (world.freeGib <= 0) throw new HostError('no_space', 'fake: no space left on device')
  }

  return {
    create: ({ volumeId, sizeGib, source, fate }, call) =>
      gate.enter(key(volumeId), call, async () => {
        world.reach()
        if (load(volumeId)) return
        await world.under({ resource: key(volumeId), operation: 'create', fate, call }, async () => {
          mustHaveSpace()
          if (source.kind === 'volume') mustLoad(source.volumeId)
          if (source.kind === 'snapshot') mustHold(source.volumeId, source.snapshotId)
          if (source.kind === 'image') {
            const base = await images.ensure(source.imageId, call)
            if (base.virtualSizeBytes > sizeGib * GiB) throw new HostError('bad_image', `the image is larger than ${sizeGib} GiB`)
          }
          call.progress?.(100)
          save(volumeId, { sizeGib, snapshotIds: [], attachmentId: null, fate })
        })
      }),
    remove: (volumeId, call) =>
      change(volumeId, 'remove', call, () => {
        if (load(volumeId)?.attachmentId != null) throw new HostError('conflict', `the volume ${volumeId} is in use`)
        journal.put(key(volumeId), undefined)
        forgetTries(journal, key(volumeId))
      }),
    extend: (volumeId, sizeGib, call) =>
      change(volumeId, 'extend', call, () => {
        const volume = mustLoad(volumeId)
        if (sizeGib < volume.sizeGib) throw new HostError('conflict', `the volume ${volumeId} has ${volume.sizeGib} GiB and cannot shrink`)
        if (sizeGib > volume.sizeGib) mustHaveSpace()
        save(volumeId, { ...volume, sizeGib })
      }),
    snapshot: (volumeId, snapshotId, call) =>
      change(volumeId, 'snapshot', call, () => {
        const volume = mustLoad(volumeId)
        if (volume.snapshotIds.includes(snapshotId)) return
        mustHaveSpace()
        // one of that name that was unmanaged is it
        save(volumeId, {
          ...volume,
          snapshotIds: [...volume.snapshotIds, snapshotId],
          strange: (volume.strange ?? []).filter((name) => name !== snapshotId),
        })
      }),
    removeSnapshot: (volumeId, snapshotId, call) =>
      change(volumeId, 'snapshot-remove', call, () => {
        const volume = load(volumeId)
        if (volume) save(volumeId, { ...volume, snapshotIds: volume.snapshotIds.filter((id) => id !== snapshotId) })
      }),
    revert: (volumeId, snapshotId, call) =>
      change(volumeId, 'revert', call, () => {
        if (mustHold(volumeId, snapshotId).attachmentId !== null) throw new HostError('conflict', `the volume ${volumeId} is in use`)
      }),
    rewrite: (volumeId, source, call) =>
      change(volumeId, 'rewrite', call, async () => {
        const { sizeGib } = mustLoad(volumeId)
        mustHaveSpace()
        if (source.kind === 'snapshot') mustHold(source.volumeId, source.snapshotId)
        else if ((await images.ensure(source.imageId, call)).virtualSizeBytes > sizeGib * GiB)
          throw new HostError('bad_image', `the image is larger than ${sizeGib} GiB`)
        call.progress?.(100)
      }),
    read: (volumeId, diskFormat, call) =>
      change(volumeId, 'read', call, () => {
        const { sizeGib } = mustLoad(volumeId)
        // a fake raw image is a short piece of nothing: sizeGib of zeros would only burn time
        const image = diskFormat === 'qcow2' ? tinyQcow2(sizeGib * GiB) : Buffer.alloc(65_536)
        call.progress?.(100)
        return { stream: Readable.from([image]), sizeBytes: image.length }
      }),
    connect: (volumeId, call, attachmentId = '') =>
      change(volumeId, 'connect', call, (): VolumeConnection => {
        const volume = mustLoad(volumeId)
        if (volume.attachmentId !== null && volume.attachmentId !== attachmentId) {
          throw new HostError('conflict', `the volume ${volumeId} is already connected`)
        }
        save(volumeId, { ...volume, attachmentId })
        return { driver: 'fake', path: `fake:${volumeId}`, format: 'qcow2' }
      }),
    disconnect: (volumeId, call, attachmentId = '') =>
      change(volumeId, 'disconnect', call, () => {
        const volume = load(volumeId)
        if (volume && volume.attachmentId === attachmentId) save(volumeId, { ...volume, attachmentId: null })
      }),
    async strangers() {
      world.reach()
      const files = journal
        .keys('pool/')
        .map((each) => ({ reference: each.slice('pool/'.length), sizeGib: journal.get<FakePoolFile>(each)?.sizeGib ?? 0, fault: null }))
      const snapshots = journal.keys('volume/').flatMap((each) => {
        const { strange = [], sizeGib } = journal.get<FakeVolume>(each) ?? { sizeGib: 0 }
        return strange.map((name) => ({ volumeId: each.slice('volume/'.length), name, sizeGib }))
      })
      return { files, snapshots }
    },
    adopt: ({ volumeId, reference, fate }, call) =>
      gate.enter(key(volumeId), call, async () => {
        world.reach()
        const known = load(volumeId)
        if (known) return { sizeGib: known.sizeGib }
        return world.under({ resource: key(volumeId), operation: 'adopt', fate, call }, () => {
          const file = journal.get<FakePoolFile>(poolKey(reference))
          if (!file) throw new HostError('not_found', `the pool has no file ${reference}`)
          journal.put(poolKey(reference), undefined)
          save(volumeId, { sizeGib: file.sizeGib, snapshotIds: [], attachmentId: null, fate, strange: file.snapshots })
          return { sizeGib: file.sizeGib }
        })
      }),
    release: (volumeId, reference, call) =>
      change(volumeId, 'release', call, () => {
        const volume = load(volumeId)
        if (!volume) return
        if (volume.attachmentId !== null) throw new HostError('conflict', `the volume ${volumeId} is in use`)
        if (volume.snapshotIds.length > 0) throw new HostError('conflict', `the volume ${volumeId} has snapshots`)
        if (journal.get(poolKey(reference))) throw new HostError('conflict', `the pool has a file ${reference} already`)
        journal.put(poolKey(reference), { sizeGib: volume.sizeGib, snapshots: volume.strange ?? [] } satisfies FakePoolFile)
        journal.put(key(volumeId), undefined)
        forgetTries(journal, key(volumeId))
      }),
    adoptSnapshot: (volumeId, { snapshotId, name }, call) =>
      change(volumeId, 'snapshot-adopt', call, () => {
        const volume = mustLoad(volumeId)
        if (volume.snapshotIds.includes(snapshotId)) return
        const strange = volume.strange ?? []
        if (!strange.includes(name)) throw new HostError('not_found', `the volume ${volumeId} has no snapshot ${name}`)
        save(volumeId, {
          ...volume,
          snapshotIds: [...volume.snapshotIds, snapshotId],
          strange: strange.filter((each) => each !== name),
          names: { ...volume.names, [snapshotId]: name },
        })
      }),
    releaseSnapshot: (volumeId, snapshotId, call) =>
      change(volumeId, 'snapshot-release', call, () => {
        const volume = load(volumeId)
        if (!volume?.snapshotIds.includes(snapshotId)) return
        const { [snapshotId]: name = snapshotId, ...names } = volume.names ?? {}
        save(volumeId, {
          ...volume,
          snapshotIds: volume.snapshotIds.filter((id) => id !== snapshotId),
          strange: [...(volume.strange ?? []), name],
          names,
        })
      }),
    async list() {
      world.reach()
      return journal.keys('volume/').map((each) => {
        const volumeId = each.slice('volume/'.length)
        const { sizeGib, snapshotIds, attachmentId } = mustLoad(volumeId)
        return { volumeId, sizeGib, snapshotIds, attachmentId }
      })
    },
    async capacity() {
      world.reach()
      const used = journal.keys('volume/').reduce((sum, each) => sum + (journal.get<FakeVolume>(each)?.sizeGib ?? 0), 0)
      return { totalGib, freeGib: Math.max(0, Math.min(totalGib - used, world.freeGib)) }
    },
  }
}

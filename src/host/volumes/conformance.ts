// What every volume driver must do, as tests over the interface. fake.test.ts and files.real.test.ts run it.
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import { describe, test } from 'node:test'
import type { Volumes, VolumeSource } from '../../contract/volumes.ts'
import type { Call } from '../../contract/call.ts'
import { inspectImage } from '../../platform/disk-image/inspect.ts'

export interface VolumesLab {
  readonly volumes: Volumes
  /** an image of less than 1 GiB and more than 1 MiB */
  imageId: string
  /** when the host has asked for the image 'stalled', of which nothing comes */
  asked(): Promise<void>
  /** as long as it waits for that */
  silence(): Promise<void>
  restart(): Promise<void>
  /** puts a disk image of 1.5 GiB into the pool that is no volume; its bytes are 'first' */
  plant(reference: string, format: 'raw' | 'qcow2'): Promise<void>
  /** true when bytes are kept; then `write` and `read` work on the file of a volume that is not connected */
  keepsBytes: boolean
  write(volumeId: string, text: string): Promise<void>
  read(volumeId: string): Promise<string>
  close(): Promise<void>
}

let fence = 0
const call = (): Call => ({ fence: ++fence, requestId: 'req-conformance' })
const GiB = 2 ** 30

export function volumesConformance(driver: string, openLab: () => Promise<VolumesLab>): void {
  const withLab = (name: string, work: (lab: VolumesLab) => Promise<void>) =>
    test(name, async () => {
      const lab = await openLab()
      try {
        await work(lab)
      } finally {
        await lab.close()
      }
    })
  const make = async (lab: VolumesLab, source: VolumeSource = { kind: 'blank' }, sizeGib = 1) => {
    const volumeId = randomUUID()
    await lab.volumes.create({ volumeId, sizeGib, source, fate: {} }, call())
    return volumeId
  }
  const snapshotsOf = async (lab: VolumesLab, volumeId: string) =>
    (await lab.volumes.list()).find((each) => each.volumeId === volumeId)?.snapshotIds

  describe(`${driver} volumes`, () => {
    withLab('a volume is made once, survives a restart and is removed; saying it twice changes nothing', async (lab) => {
      const volumeId = await make(lab)
      await lab.volumes.create({ volumeId, sizeGib: 1, source: { kind: 'blank' }, fate: {} }, call())
      await lab.restart()
      assert.deepEqual(await lab.volumes.list(), [{ volumeId, sizeGib: 1, snapshotIds: [], attachmentId: null }])
      await lab.volumes.remove(volumeId, call())
      await lab.volumes.remove(volumeId, call())
      assert.deepEqual(await lab.volumes.list(), [])
    })

    withLab('one writer: a second attachment is refused until the first is released; the first may ask again', async (lab) => {
      const volumeId = await make(lab)
      const connection = await lab.volumes.connect(volumeId, call(), 'attachment-1')
      await lab.restart()
      assert.equal((await lab.volumes.list())[0]?.attachmentId, 'attachment-1')
      assert.deepEqual(await lab.volumes.connect(volumeId, call(), 'attachment-1'), connection)
      await assert.rejects(lab.volumes.connect(volumeId, call(), 'attachment-2'), { code: 'conflict' })
      await assert.rejects(lab.volumes.remove(volumeId, call()), { code: 'conflict' })
      await lab.volumes.disconnect(volumeId, call(), 'attachment-2')
      await assert.rejects(lab.volumes.connect(volumeId, call(), 'attachment-2'), { code: 'conflict' })
      await lab.volumes.disconnect(volumeId, call(), 'attachment-1')
      await lab.volumes.connect(volumeId, call(), 'attachment-2')
      await lab.volumes.disconnect(volumeId, call(), 'attachment-2')
      await lab.volumes.remove(volumeId, call())
    })

    withLab('an older fence is refused, also after the volume is gone', async (lab) => {
      const old = call()
      const volumeId = await make(lab)
      await assert.rejects(lab.volumes.extend(volumeId, 2, old), { code: 'stale_fence' })
      await lab.volumes.remove(volumeId, call())
      await assert.rejects(lab.volumes.create({ volumeId, sizeGib: 1, source: { kind: 'blank' }, fate: {} }, old), { code: 'stale_fence' })
      assert.deepEqual(await lab.volumes.list(), [])
    })

    withLab('a volume whose image stalls is not made, and its removal gets its turn', async (lab) => {
      const volumeId = randomUUID()
      const made = assert.rejects(
        lab.volumes.create({ volumeId, sizeGib: 1, source: { kind: 'image', imageId: 'stalled' }, fate: {} }, call()),
        { code: 'unreachable' },
      )
      await lab.asked()
      const removed = lab.volumes.remove(volumeId, call())
      await lab.silence()
      await Promise.all([made, removed])
      assert.deepEqual(await lab.volumes.list(), [])
    })

    withLab('a volume grows and never shrinks', async (lab) => {
      const volumeId = await make(lab)
      await lab.volumes.extend(volumeId, 3, call())
      await lab.volumes.extend(volumeId, 3, call())
      await assert.rejects(lab.volumes.extend(volumeId, 2, call()), { code: 'conflict' })
      assert.equal((await lab.volumes.list())[0]?.sizeGib, 3)
      const { stream } = await lab.volumes.read(volumeId, 'qcow2', call())
      assert.equal(inspectImage(await buffer(stream)).virtualSizeBytes, 3 * GiB)
    })

    withLab('a snapshot keeps what the volume held; volumes are made from it, and the volume goes back to it', async (lab) => {
      const volumeId = await make(lab)
      await lab.write(volumeId, 'first')
      await lab.volumes.snapshot(volumeId, 'snapshot-1', call())
      await lab.volumes.snapshot(volumeId, 'snapshot-1', call())
      await lab.write(volumeId, 'second')
      const older = await make(lab, { kind: 'snapshot', volumeId, snapshotId: 'snapshot-1' }, 2)
      const clone = await make(lab, { kind: 'volume', volumeId }, 2)
      await lab.volumes.revert(volumeId, 'snapshot-1', call())
      if (lab.keepsBytes) {
        assert.deepEqual([await lab.read(older), await lab.read(clone), await lab.read(volumeId)], ['first', 'second', 'first'])
      }
      assert.deepEqual(await snapshotsOf(lab, volumeId), ['snapshot-1'])
      await lab.volumes.removeSnapshot(volumeId, 'snapshot-1', call())
      await lab.volumes.removeSnapshot(volumeId, 'snapshot-1', call())
      assert.deepEqual(await snapshotsOf(lab, volumeId), [])
      await assert.rejects(lab.volumes.revert(volumeId, 'snapshot-1', call()), { code: 'not_found' })
    })

    withLab('a volume that has grown since keeps its size when it is reverted to a snapshot', async (lab) => {
      const volumeId = await make(lab)
      await lab.volumes.snapshot(volumeId, 'snapshot-1', call())
      await lab.volumes.extend(volumeId, 2, call())
      await lab.volumes.revert(volumeId, 'snapshot-1', call())
      const { stream } = await lab.volumes.read(volumeId, 'qcow2', call())
      assert.equal(inspectImage(await buffer(stream)).virtualSizeBytes, 2 * GiB)
    })

    withLab('a volume in use is not reverted to a snapshot', async (lab) => {
      const volumeId = await make(lab)
      await lab.volumes.snapshot(volumeId, 'snapshot-1', call())
      await lab.volumes.connect(volumeId, call(), 'attachment-1')
      await assert.rejects(lab.volumes.revert(volumeId, 'snapshot-1', call()), { code: 'conflict' })
    })

    withLab('clients 16 a volume is written anew from an image or a snapshot: size, snapshots and writer stay', async (lab) => {
      const volumeId = await make(lab, { kind: 'blank' }, 2)
      await lab.write(volumeId, 'first')
      await lab.volumes.connect(volumeId, call(), 'attachment-1')
      await lab.volumes.rewrite(volumeId, { kind: 'image', imageId: lab.imageId }, call())
      if (lab.keepsBytes) assert.equal(await lab.read(volumeId), '')
      await lab.write(volumeId, 'second')
      await lab.volumes.snapshot(volumeId, 'snapshot-1', call())
      const other = await make(lab, { kind: 'blank' }, 2)
      for (let twice = 0; twice < 2; twice++) await lab.volumes.rewrite(volumeId, { kind: 'image', imageId: lab.imageId }, call())
      await lab.volumes.rewrite(other, { kind: 'snapshot', volumeId, snapshotId: 'snapshot-1' }, call())
      if (lab.keepsBytes) assert.deepEqual([await lab.read(volumeId), await lab.read(other)], ['', 'second'])
      const known = (await lab.volumes.list()).find((each) => each.volumeId === volumeId)
      assert.deepEqual(known, { volumeId, sizeGib: 2, snapshotIds: ['snapshot-1'], attachmentId: 'attachment-1' })
      const { stream } = await lab.volumes.read(volumeId, 'qcow2', call())
      assert.equal(inspectImage(await buffer(stream)).virtualSizeBytes, 2 * GiB)
      await lab.volumes.disconnect(volumeId, call(), 'attachment-1')
      await lab.volumes.revert(volumeId, 'snapshot-1', call())
      if (lab.keepsBytes) assert.equal(await lab.read(volumeId), 'second')
      await assert.rejects(lab.volumes.rewrite(volumeId, { kind: 'image', imageId: 'no-such-image' }, call()), { code: 'not_found' })
      await assert.rejects(lab.volumes.rewrite('no-such-volume', { kind: 'image', imageId: lab.imageId }, call()), { code: 'not_found' })
      if (lab.keepsBytes) assert.equal(await lab.read(volumeId), 'second', 'what could not begin has changed nothing')
    })

    withLab('a volume is made from an image, and read as one', async (lab) => {
      const volumeId = await make(lab, { kind: 'image', imageId: lab.imageId })
      const { stream, sizeBytes } = await lab.volumes.read(volumeId, 'qcow2', call())
      const image = await buffer(stream)
      assert.equal(image.length, sizeBytes)
      assert.deepEqual(inspectImage(image), { format: 'qcow2', virtualSizeBytes: GiB, faults: [] })
      await assert.rejects(make(lab, { kind: 'image', imageId: 'no-such-image' }), { code: 'not_found' })
      await assert.rejects(make(lab, { kind: 'image', imageId: lab.imageId }, 0), { code: 'bad_image' })
      assert.equal((await lab.volumes.list()).length, 1, 'what failed leaves nothing')
    })

    withLab('clients 16 a file of the pool becomes a volume, and a volume a file; saying it twice changes nothing', async (lab) => {
      assert.deepEqual(await lab.volumes.strangers(), { files: [], snapshots: [] })
      for (const format of ['raw', 'qcow2'] as const) {
        await lab.plant(`old.${format}`, format)
        assert.deepEqual((await lab.volumes.strangers()).files, [{ reference: `old.${format}`, sizeGib: 2, fault: null }])
        assert.deepEqual(await lab.volumes.list(), [], 'a file is no volume')
        await lab.restart()
        const volumeId = randomUUID()
        for (let twice = 0; twice < 2; twice++)
          assert.deepEqual(await lab.volumes.adopt({ volumeId, reference: `old.${format}`, fate: {} }, call()), { sizeGib: 2 })
        assert.deepEqual(await lab.volumes.list(), [{ volumeId, sizeGib: 2, snapshotIds: [], attachmentId: null }])
        assert.deepEqual((await lab.volumes.strangers()).files, [])
        if (lab.keepsBytes) assert.equal(await lab.read(volumeId), 'first')
        await lab.volumes.extend(volumeId, 3, call())
        await lab.volumes.connect(volumeId, call(), 'attachment-1')
        await assert.rejects(lab.volumes.release(volumeId, 'new', call()), { code: 'conflict' })
        await lab.volumes.disconnect(volumeId, call(), 'attachment-1')
        for (let twice = 0; twice < 2; twice++) await lab.volumes.release(volumeId, `new.${format}`, call())
        assert.deepEqual(await lab.volumes.list(), [])
        assert.deepEqual((await lab.volumes.strangers()).files, [{ reference: `new.${format}`, sizeGib: 3, fault: null }])
        const again = randomUUID()
        await lab.volumes.adopt({ volumeId: again, reference: `new.${format}`, fate: {} }, call())
        if (lab.keepsBytes) assert.equal(await lab.read(again), 'first')
        await lab.volumes.remove(again, call())
      }
      for (const reference of ['no-such', '../escape', '.hidden', 'a/b', ''])
        await assert.rejects(lab.volumes.adopt({ volumeId: randomUUID(), reference, fate: {} }, call()), { code: 'not_found' })
      assert.deepEqual(await lab.volumes.list(), [], 'what failed leaves nothing')
    })

    withLab('clients 16 a snapshot is unmanaged and managed again, by another id and in another volume', async (lab) => {
      const volumeId = await make(lab)
      await lab.write(volumeId, 'first')
      await lab.volumes.snapshot(volumeId, 'snapshot-1', call())
      await lab.write(volumeId, 'second')
      await assert.rejects(lab.volumes.release(volumeId, 'file', call()), { code: 'conflict' })
      for (let twice = 0; twice < 2; twice++) await lab.volumes.releaseSnapshot(volumeId, 'snapshot-1', call())
      assert.deepEqual(await snapshotsOf(lab, volumeId), [])
      assert.deepEqual((await lab.volumes.strangers()).snapshots, [{ volumeId, name: 'snapshot-1', sizeGib: 1 }])
      await lab.volumes.release(volumeId, 'file', call())
      const other = randomUUID()
      await lab.volumes.adopt({ volumeId: other, reference: 'file', fate: {} }, call())
      await assert.rejects(lab.volumes.adoptSnapshot(other, { snapshotId: 'snapshot-2', name: 'no-such' }, call()), { code: 'not_found' })
      for (let twice = 0; twice < 2; twice++)
        await lab.volumes.adoptSnapshot(other, { snapshotId: 'snapshot-2', name: 'snapshot-1' }, call())
      assert.deepEqual(await snapshotsOf(lab, other), ['snapshot-2'])
      assert.deepEqual((await lab.volumes.strangers()).snapshots, [])
      const copy = await make(lab, { kind: 'snapshot', volumeId: other, snapshotId: 'snapshot-2' })
      await lab.volumes.revert(other, 'snapshot-2', call())
      if (lab.keepsBytes) assert.deepEqual([await lab.read(copy), await lab.read(other)], ['first', 'first'])
      await lab.volumes.removeSnapshot(other, 'snapshot-2', call())
      assert.deepEqual((await lab.volumes.strangers()).snapshots, [])
      assert.deepEqual(await snapshotsOf(lab, other), [])
    })

    withLab('a volume that is not here is not found', async (lab) => {
      await assert.rejects(lab.volumes.connect('no-such-volume', call()), { code: 'not_found' })
      await assert.rejects(lab.volumes.extend('no-such-volume', 1, call()), { code: 'not_found' })
      await assert.rejects(lab.volumes.snapshot('no-such-volume', 's', call()), { code: 'not_found' })
      await assert.rejects(make(lab, { kind: 'volume', volumeId: 'no-such-volume' }), { code: 'not_found' })
      await lab.volumes.disconnect('no-such-volume', call())
      await lab.volumes.removeSnapshot('no-such-volume', 's', call())
    })

    withLab('capacity is told in GiB', async (lab) => {
      const { totalGib, freeGib } = await lab.volumes.capacity()
      assert.ok(totalGib > 0 && freeGib >= 0 && freeGib <= totalGib)
    })
  })
}

// What every hypervisor driver must do, as tests over the interface. fake.test.ts runs it in milliseconds,
// qemu.real.test.ts with processes. A driver brings a lab: itself, and the few things that only it can play.
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import { describe, test } from 'node:test'
import type { GuestReport, Guests, GuestSpec } from '../../contract/guests.ts'
import type { Volumes } from '../../contract/volumes.ts'
import type { Call } from '../../contract/call.ts'
import { inspectImage } from '../../platform/disk-image/inspect.ts'

export interface GuestsLab {
  /** the driver of the present control process */
  readonly guests: Guests
  readonly volumes: Volumes
  /** an image of less than 1 GiB that boots, and one that `images` does not hold */
  imageId: string
  missingImageId: string
  /** the control process dies without a word and the next one takes over */
  restart(): Promise<void>
  /** the guest's process dies */
  kill(id: string): Promise<void>
  /** what lets the lab log in to a guest */
  configDrive(id: string): Record<string, string>
  /** somebody types `poweroff` in the guest, which was made with that config drive */
  shutDownFromInside(id: string): Promise<void>
  /** resolves when the guest's system listens: to the power button, to hot-plug */
  booted(id: string): Promise<void>
  /** how large the guest, which was made with that config drive, finds the disk that its spec calls by this name */
  seenGib(id: string, device: string): Promise<number>
  /** runs the clock until it is so */
  until(what: string, condition: () => Promise<boolean>): Promise<void>
  /** everything of guests that is still there: processes, files, taps, groups */
  leftovers(): Promise<string[]>
  close(): Promise<void>
}

let fence = 0
const call = (more: Partial<Call> = {}): Call => ({ fence: ++fence, requestId: 'req-conformance', ...more })

/** A small server; each test its own. */
export function aSpec(lab: Pick<GuestsLab, 'imageId'>, more: Partial<GuestSpec> = {}): GuestSpec {
  return {
    id: randomUUID(),
    generation: 1,
    name: 'guest',
    projectId: 'project',
    vcpus: 1,
    ramMib: 128,
    root: { kind: 'image', imageId: lab.imageId, sizeGib: 1, epoch: 0 },
    ephemeralGib: 0,
    swapMib: 0,
    volumes: [],
    ports: [],
    configDrive: null,
    power: 'stopped',
    rescue: null,
    properties: {},
    fate: {},
    ...more,
  }
}

const aPort = (n: number) => ({ portId: randomUUID(), mac: `fa:16:3e:00:00:0${n}`, mtuBytes: 1450 })

export function guestsConformance(driver: string, openLab: () => Promise<GuestsLab>): void {
  const withLab = (name: string, work: (lab: GuestsLab) => Promise<void>) =>
    test(name, { timeout: 150_000 }, async () => {
      const lab = await openLab()
      try {
        await work(lab)
        for (const { id } of await lab.guests.list()) await lab.guests.remove(id, call())
        assert.deepEqual(await lab.leftovers(), [], 'nothing is left')
      } finally {
        for (const { id } of await lab.guests.list()) await lab.guests.remove(id, call())
        await lab.close()
      }
    })
  const power = async (lab: GuestsLab, id: string) => (await lab.guests.observe(id)).power

  describe(`${driver} guests`, () => {
    withLab('a guest is made, started, paused, continued and removed; saying it twice changes nothing', async (lab) => {
      const spec = aSpec(lab, {
        power: 'running',
        ports: [aPort(1)],
        ephemeralGib: 1,
        swapMib: 16,
        configDrive: { 'openstack/latest/meta_data.json': '{}' },
      })
      const first = await lab.guests.apply(spec, call())
      assert.deepEqual([first.power, first.generation, first.fault], ['running', 1, null])
      const again = await lab.guests.apply(spec, call())
      assert.deepEqual(again, first)
      for (const [n, state] of (['paused', 'paused', 'running'] as const).entries()) {
        const report = await lab.guests.apply({ ...spec, power: state, generation: 2 + n }, call())
        assert.deepEqual([report.power, report.pid], [state, first.pid])
      }
      assert.deepEqual(
        (await lab.guests.list()).map(({ id }) => id),
        [spec.id],
      )
      await lab.guests.remove(spec.id, call())
      await lab.guests.remove(spec.id, call())
      assert.equal(await power(lab, spec.id), 'absent')
    })

    withLab('a guest outlives the control process, which finds it again', async (lab) => {
      const spec = aSpec(lab, { power: 'running' })
      const stopped = aSpec(lab)
      const before = await lab.guests.apply(spec, call())
      await lab.guests.apply(stopped, call())
      await lab.restart()
      assert.deepEqual(await lab.guests.observe(spec.id), before)
      assert.equal(await power(lab, stopped.id), 'stopped')
      const after = await lab.guests.apply({ ...spec, generation: 2, power: 'paused' }, call())
      assert.deepEqual([after.power, after.pid], ['paused', before.pid])
    })

    withLab('an older fence is refused, also after a restart and after the guest is gone', async (lab) => {
      const spec = aSpec(lab)
      const old = call()
      await lab.guests.apply(spec, call())
      await assert.rejects(lab.guests.apply(spec, old), { code: 'stale_fence' })
      await lab.restart()
      await assert.rejects(lab.guests.remove(spec.id, old), { code: 'stale_fence' })
      await lab.guests.remove(spec.id, call())
      await assert.rejects(lab.guests.apply(spec, old), { code: 'stale_fence' })
      assert.equal(await power(lab, spec.id), 'absent')
    })

    withLab('an older generation is refused', async (lab) => {
      const spec = aSpec(lab, { generation: 5 })
      await lab.guests.apply(spec, call())
      await assert.rejects(lab.guests.apply({ ...spec, generation: 4 }, call()), { code: 'stale_fence' })
    })

    withLab('a guest whose process dies is crashed, those who watch hear of it, and it can be started again', async (lab) => {
      const spec = aSpec(lab, { power: 'running' })
      await lab.guests.apply(spec, call())
      const heard: GuestReport[] = []
      const stop = lab.guests.watch((report) => heard.push(report))
      await lab.kill(spec.id)
      await lab.until('the crash is told', async () => heard.length > 0)
      assert.deepEqual(
        heard.map(({ id, power }) => [id, power]),
        [[spec.id, 'crashed']],
      )
      assert.equal(await power(lab, spec.id), 'crashed')
      stop()
      assert.equal((await lab.guests.apply({ ...spec, generation: 2 }, call())).power, 'running')
      await lab.kill(spec.id)
      await lab.until('the second crash is seen', async () => (await power(lab, spec.id)) === 'crashed')
      assert.equal(heard.length, 1)
    })

    withLab('suspending keeps the memory and ends the process, over a restart too; resuming goes on', async (lab) => {
      const spec = aSpec(lab, { power: 'running' })
      await lab.guests.apply(spec, call())
      const asleep = await lab.guests.apply({ ...spec, generation: 2, power: 'suspended' }, call())
      assert.deepEqual([asleep.power, asleep.pid], ['suspended', null])
      await lab.restart()
      assert.equal(await power(lab, spec.id), 'suspended')
      assert.equal((await lab.guests.apply({ ...spec, generation: 3, power: 'running' }, call())).power, 'running')
    })

    withLab('a guest that does not run cannot be suspended, diagnosed or interrupted', async (lab) => {
      const spec = aSpec(lab)
      await lab.guests.apply(spec, call())
      await assert.rejects(lab.guests.apply({ ...spec, generation: 2, power: 'suspended' }, call()), { code: 'conflict' })
      await assert.rejects(lab.guests.diagnostics(spec.id), { code: 'conflict' })
      await assert.rejects(lab.guests.injectNmi(spec.id, call()), { code: 'conflict' })
      await assert.rejects(lab.guests.consoleSocket(spec.id, 'vnc'), { code: 'conflict' })
    })

    withLab('a guest that is not here is not found', async (lab) => {
      const spec = aSpec(lab)
      await assert.rejects(lab.guests.reboot(spec, 'hard', call()), { code: 'not_found' })
      await assert.rejects(lab.guests.snapshot(spec.id, call()), { code: 'not_found' })
      await assert.rejects(lab.guests.consoleLog(spec.id), { code: 'not_found' })
      assert.deepEqual(await lab.guests.observe(spec.id), {
        id: spec.id,
        generation: 0,
        power: 'absent',
        pid: null,
        fault: null,
        made: null,
      })
    })

    withLab('an image that does not exist, or that the root disk is too small for, makes no guest', async (lab) => {
      const spec = aSpec(lab, { power: 'running' })
      const root = { ...spec.root, imageId: lab.missingImageId } as GuestSpec['root']
      await assert.rejects(lab.guests.apply({ ...spec, root }, call()), { code: 'not_found' })
      await lab.guests.remove(spec.id, call())
      assert.equal(await power(lab, spec.id), 'absent')
    })

    withLab('a call that is cancelled stops and leaves what the next one can finish', async (lab) => {
      const spec = aSpec(lab, { power: 'running' })
      await assert.rejects(lab.guests.apply(spec, call({ signal: AbortSignal.abort(new Error('lease lost')) })), /lease lost/)
      assert.equal((await lab.guests.apply(spec, call())).power, 'running')
    })

    withLab('the snapshot of a stopped guest is a standalone image of its size', async (lab) => {
      const spec = aSpec(lab)
      await lab.guests.apply(spec, call())
      const { stream, sizeBytes, virtualSizeBytes, diskFormat } = await lab.guests.snapshot(spec.id, call())
      const image = await buffer(stream)
      assert.equal(image.length, sizeBytes)
      assert.deepEqual([diskFormat, inspectImage(image)], ['qcow2', { format: 'qcow2', virtualSizeBytes, faults: [] }])
      assert.equal(virtualSizeBytes, 2 ** 30)
    })

    withLab('a running guest: snapshot, hot-plug, reboot, shutdown', async (lab) => {
      const volumeId = randomUUID()
      await lab.volumes.create({ volumeId, sizeGib: 1, source: { kind: 'blank' }, fate: {} }, call())
      const connection = await lab.volumes.connect(volumeId, call())
      const base = aSpec(lab, { power: 'running', ports: [aPort(1)] })
      const spec = { ...base, configDrive: lab.configDrive(base.id) }
      let generation = 1
      const next = (more: Partial<GuestSpec>) => ({ ...spec, ...more, generation: ++generation })
      await lab.guests.apply(spec, call())
      await lab.booted(spec.id)

      const told: number[] = []
      const { stream, sizeBytes } = await lab.guests.snapshot(spec.id, call({ progress: (percent) => told.push(percent) }))
      const image = await buffer(stream)
      assert.deepEqual([image.length, inspectImage(image).faults, told.at(-1)], [sizeBytes, [], 100])

      const volume = { volumeId, device: 'vdb', sizeGib: 1, connection, readOnly: false }
      const plugged = { volumes: [volume], ports: [...spec.ports, aPort(2)] }
      await lab.guests.apply(next(plugged), call())
      const diagnostics = await lab.guests.diagnostics(spec.id)
      assert.deepEqual([diagnostics.disks.length, diagnostics.nics.length], [2, 2])
      for (const [sizeGib, meanwhile] of [
        [2, 'running'],
        [3, 'suspended'],
      ] as const) {
        await lab.guests.apply(next({ ...plugged, power: meanwhile }), call())
        await lab.volumes.extend(volumeId, sizeGib, call())
        await lab.guests.apply(next({ ...plugged, volumes: [{ ...volume, sizeGib }] }), call())
        assert.equal(await lab.seenGib(spec.id, 'vdb'), sizeGib, `a volume that grew while the guest was ${meanwhile}`)
      }
      const { pid } = await lab.guests.observe(spec.id)
      await lab.volumes.snapshot(volumeId, 'snapshot-1', call())
      const detached = await lab.guests.apply(next({ volumes: [], ports: [] }), call())
      assert.equal(detached.pid, pid)
      assert.deepEqual([(await lab.guests.diagnostics(spec.id)).disks.length, (await lab.guests.diagnostics(spec.id)).nics.length], [1, 0])
      await lab.volumes.disconnect(volumeId, call())

      await lab.guests.injectNmi(spec.id, call())
      assert.equal((await lab.guests.reboot(next({}), 'hard', call())).power, 'running')
      await lab.booted(spec.id)
      const lines = (await lab.guests.consoleLog(spec.id)).split('\n').length
      assert.ok(lines > 5)
      assert.equal((await lab.guests.consoleLog(spec.id, 3)).trimEnd().split('\n').length, 3)

      const heard: string[] = []
      lab.guests.watch((report) => heard.push(report.power))
      await lab.shutDownFromInside(spec.id)
      await lab.until('the shutdown is told', async () => heard.length > 0)
      assert.deepEqual([heard, await power(lab, spec.id)], [['stopped'], 'stopped'])

      await lab.guests.apply(next({ power: 'running' }), call())
      await lab.booted(spec.id)
      assert.equal((await lab.guests.apply(next({ power: 'stopped' }), call())).power, 'stopped')
      assert.deepEqual(heard, ['stopped'], 'what was asked for is no news')
      await lab.volumes.remove(volumeId, call())
    })

    withLab('rebuild and rescue start the guest from another disk, resize grows the root disk', async (lab) => {
      const spec = aSpec(lab, { power: 'running' })
      const { root } = spec as GuestSpec & { root: { kind: 'image' } }
      const first = await lab.guests.apply(spec, call())
      const rebuilt = await lab.guests.apply({ ...spec, generation: 2, root: { ...root, epoch: 1 } }, call())
      assert.equal(rebuilt.power, 'running')
      if (first.pid !== null) assert.notEqual(rebuilt.pid, first.pid)
      const rescued = await lab.guests.apply(
        { ...spec, generation: 3, root: { ...root, epoch: 1 }, rescue: { imageId: lab.imageId } },
        call(),
      )
      assert.equal(rescued.power, 'running')
      assert.equal((await lab.guests.diagnostics(spec.id)).disks.length, first.pid === null ? 1 : 2)
      await lab.guests.apply({ ...spec, generation: 4, root: { ...root, epoch: 1 } }, call())
      await lab.guests.apply({ ...spec, generation: 5, root: { ...root, epoch: 1, sizeGib: 2 }, vcpus: 2 }, call())
      const { stream, virtualSizeBytes } = await lab.guests.snapshot(spec.id, call())
      stream.destroy()
      assert.equal(virtualSizeBytes, 2 ** 31)
      const resized = { ...spec, root: { ...root, epoch: 1, sizeGib: 2 }, vcpus: 2, ramMib: 192 }
      await lab.guests.reboot({ ...resized, generation: 6 }, 'hard', call())
      const { cpuTimesNs, memoryMib } = await lab.guests.diagnostics(spec.id)
      assert.deepEqual([cpuTimesNs.length, memoryMib.maximum], [2, 192])
    })
  })
}

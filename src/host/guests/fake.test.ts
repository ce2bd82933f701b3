// The fake hypervisor: the conformance suite, then the fates that only it knows. No test waits for real time.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { silentLog } from '../../platform/log.ts'
import type { GuestReport } from '../../contract/guests.ts'
import type { Call } from '../../contract/call.ts'
import { assembleFakeHost } from '../fake-host.ts'
import { imageSourceOf, openFakeLab } from '../../../test/support/fake-lab.ts'
import { tinyQcow2 } from '../../platform/disk-image/tiny-qcow2.ts'
import { createTestClock } from '../../../test/support/test-clock.ts'
import { aSpec, guestsConformance } from './conformance.ts'

guestsConformance('fake', async () => {
  const lab = openFakeLab()
  return {
    get guests() {
      return lab.host.guests
    },
    get volumes() {
      return lab.host.volumes
    },
    imageId: lab.imageId,
    missingImageId: 'image-2',
    restart: lab.restart,
    kill: async (id) => lab.host.guests.crash(id),
    configDrive: () => ({}),
    shutDownFromInside: async (id) => lab.host.guests.shutdownFromInside(id),
    booted: async () => undefined,
    seenGib: async (id, device) => lab.host.guests.specOf(id).volumes.find((volume) => volume.device === device)?.sizeGib ?? 0,
    until: async (what, condition) => assert.ok(await condition(), what),
    leftovers: async () => (await lab.host.network.list()).taps,
    close: () => lab.host.close(),
  }
})

let fence = 0
const call = (more: Partial<Call> = {}): Call => ({ fence: ++fence, requestId: 'req', ...more })

describe('fates of fake guests', () => {
  const fated = (fate: Record<string, string>) => {
    const lab = openFakeLab()
    const spec = aSpec(lab, { power: 'running', fate })
    return {
      lab,
      spec,
      apply: () => lab.host.guests.apply(spec, call()),
      power: async () => (await lab.host.guests.observe(spec.id)).power,
    }
  }

  test('spawn=slow takes its time on the clock', async () => {
    const { lab, apply, power } = fated({ spawn: 'slow:500' })
    let done = false
    const applied = apply().then(() => (done = true))
    await lab.clock.advance(499)
    assert.deepEqual([done, await power()], [false, 'absent'])
    await lab.clock.advance(1)
    await applied
    assert.equal(await power(), 'running')
  })

  test('spawn=slow:100-300 draws from the luck that was given', async () => {
    const { lab, apply, power } = fated({ spawn: 'slow:100-300' })
    const applied = apply()
    await lab.clock.advance(199)
    assert.equal(await power(), 'absent')
    await lab.clock.advance(1)
    await applied
  })

  test('spawn=fail fails every time, with its message; the guest can be removed', async () => {
    const { lab, spec, apply } = fated({ spawn: 'fail:out of luck' })
    for (let n = 0; n < 2; n++) await assert.rejects(apply(), { code: 'failed', message: 'out of luck' })
    await lab.host.guests.remove(spec.id, call())
    assert.deepEqual(await lab.host.guests.list(), [])
  })

  test('spawn=fail-once fails once, also over a restart', async () => {
    const { lab, apply, power } = fated({ spawn: 'fail-once' })
    await assert.rejects(apply(), { code: 'failed' })
    await lab.restart()
    await apply()
    assert.equal(await power(), 'running')
  })

  test('spawn=error:<code> and no-space fail as a host would', async () => {
    await assert.rejects(fated({ spawn: 'no-space' }).apply(), { code: 'no_space' })
    await assert.rejects(fated({ spawn: 'error:unreachable:gone' }).apply(), { code: 'unreachable', message: 'gone' })
  })

  test('spawn=lost does the work and loses the answer, once', async () => {
    const { apply, power } = fated({ spawn: 'lost' })
    await assert.rejects(apply(), { code: 'unreachable' })
    assert.equal(await power(), 'running')
    await apply()
  })

  test('spawn=hang answers when its caller gives up', async () => {
    const { lab, spec } = fated({ spawn: 'hang' })
    const giveUp = new AbortController()
    const applied = assert.rejects(lab.host.guests.apply(spec, call({ signal: giveUp.signal })), /enough/)
    await lab.clock.advance(3_600_000)
    giveUp.abort(new Error('enough'))
    await applied
  })

  test('spawn=crash:<ms> ends the guest later, over a restart too, and tells it', async () => {
    const { lab, spec, apply, power } = fated({ spawn: 'crash:5000' })
    await apply()
    await lab.restart()
    const heard: GuestReport[] = []
    lab.host.guests.watch((report) => heard.push(report))
    await lab.clock.advance(4_999)
    assert.equal(await power(), 'running')
    await lab.clock.advance(1)
    assert.deepEqual(
      heard.map(({ id, power }) => [id, power]),
      [[spec.id, 'crashed']],
    )
  })

  test('power=fail leaves a running guest that cannot be stopped', async () => {
    const { lab, spec, apply, power } = fated({ power: 'fail' })
    await apply()
    await assert.rejects(lab.host.guests.apply({ ...spec, generation: 2, power: 'stopped' }, call()), { code: 'failed' })
    assert.equal(await power(), 'running')
  })

  test('power=fail does not keep a guest that has crashed from being changed where it lies', async () => {
    const { lab, spec, apply } = fated({ power: 'fail' })
    await apply()
    lab.host.guests.crash(spec.id)
    assert.equal(
      (await lab.host.guests.apply({ ...spec, generation: 2, power: 'stopped', vcpus: spec.vcpus + 1 }, call())).power,
      'stopped',
    )
    await assert.rejects(lab.host.guests.apply({ ...spec, generation: 3 }, call()), { code: 'failed' }, 'nor can it be started')
  })

  test('acpi=ignored makes stopping wait for the whole time-out', async () => {
    const { lab, spec, apply, power } = fated({ acpi: 'ignored' })
    await apply()
    const stopped = lab.host.guests.apply({ ...spec, generation: 2, power: 'stopped' }, call())
    await lab.clock.advance(59_999)
    assert.equal(await power(), 'running')
    await lab.clock.advance(1)
    assert.equal((await stopped).power, 'stopped')
  })

  test('host=dies takes the host away with its guests; it comes back without them running', async () => {
    const { lab, apply, power } = fated({ host: 'dies:60000' })
    const other = aSpec(lab, { power: 'running' })
    await lab.host.guests.apply(other, call())
    await assert.rejects(apply(), { code: 'unreachable' })
    await assert.rejects(lab.host.guests.list(), { code: 'unreachable' })
    await lab.clock.advance(60_000)
    assert.deepEqual([await power(), (await lab.host.guests.observe(other.id)).power], ['absent', 'crashed'])
  })

  test('host=dies without a time lasts until the next process', async () => {
    const { lab, apply, power } = fated({ host: 'dies' })
    await assert.rejects(apply(), { code: 'unreachable' })
    await lab.clock.advance(10_000_000)
    await assert.rejects(power(), { code: 'unreachable' })
    await lab.restart()
    assert.equal(await power(), 'absent')
  })

  test('host=partition hides the host while its guests run on', async () => {
    const { lab, apply } = fated({ host: 'partition:1000' })
    const other = aSpec(lab, { power: 'running' })
    await lab.host.guests.apply(other, call())
    await assert.rejects(apply(), { code: 'unreachable' })
    await lab.clock.advance(1_000)
    assert.equal((await lab.host.guests.observe(other.id)).power, 'running')
  })

  test('a fate that is not known is said, not ignored', async () => {
    await assert.rejects(fated({ spawn: 'explode' }).apply(), /'explode' is not known/)
  })

  test('a full disk refuses new guests', async () => {
    const { lab, apply } = fated({})
    lab.host.world.freeGib = 0
    await assert.rejects(apply(), { code: 'no_space' })
  })

  test('the console says that it is fake', async () => {
    const { lab, spec, apply } = fated({})
    await apply()
    assert.match(await lab.host.guests.consoleLog(spec.id), /this guest is fake: nothing runs here[^]*login: $/m)
  })

  test('what the world remembers survives the process, in a file', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'fake-'))
    const open = () =>
      assembleFakeHost({
        name: 'h',
        clock: createTestClock(),
        ids: { fraction: () => 0 },
        log: silentLog,
        images: imageSourceOf('image-1', tinyQcow2(2 ** 20)),
        dataDir,
      })
    const spec = aSpec({ imageId: 'image-1' }, { power: 'running' })
    await open().guests.apply(spec, call()) // never closed: killed
    const next = open()
    assert.equal((await next.guests.observe(spec.id)).power, 'running')
    await next.close()
    rmSync(dataDir, { recursive: true })
  })
})

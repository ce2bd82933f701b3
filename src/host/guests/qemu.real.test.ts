// The QEMU driver with real processes: the conformance suite, then what only a real guest can show. Runs itself again
// in a network namespace of its own.
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { describe, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import {
  cannotBeReal,
  imageFileSource,
  inOwnNamespace,
  labImage,
  openRealLab,
  type RealLab,
  typeInGuest,
} from '../../../test/support/real-lab.ts'
import { aSpec, guestsConformance } from './conformance.ts'

const imageId = 'image-1'
const call = (fence = ++fences) => ({ fence, requestId: 'req-test' })
let fences = 1_000_000

if (labImage !== undefined) {
  const source = imageFileSource(imageId, labImage)

  const until = async (what: string, condition: () => Promise<boolean>) => {
    for (let tries = 0; tries < 600; tries++) {
      if (await condition()) return
      await wait(100)
    }
    assert.fail(`${what}: not within a minute`)
  }
  /** how often the guest has said that it is ready */
  const readies = async (lab: RealLab, id: string) => (await lab.guests.consoleLog(id)).match(/ready host=/g)?.length ?? 0
  const seen = new Map<string, number>()
  const booted = async (lab: RealLab, id: string) => {
    await until('the guest is ready', async () => (await readies(lab, id)) > (seen.get(id) ?? 0))
    seen.set(id, await readies(lab, id))
  }
  const configDrive = (id: string, userData = '') => ({
    'openstack/latest/meta_data.json': JSON.stringify({ uuid: id, hostname: 'lab-guest', admin_pass: 'lab-password' }),
    ...(userData === '' ? {} : { 'openstack/latest/user_data': userData }),
  })

  guestsConformance('QEMU', async () => {
    const lab = await openRealLab({ imageId, source })
    return {
      get guests() {
        return lab.guests
      },
      get volumes() {
        return lab.volumes
      },
      imageId,
      missingImageId: 'image-2',
      restart: lab.restart,
      kill: lab.kill,
      configDrive: (id) => configDrive(id),
      async shutDownFromInside(id) {
        await typeInGuest(await lab.guests.consoleSocket(id, 'serial'), 'poweroff')
      },
      booted: (id) => booted(lab, id),
      async seenGib(id, device) {
        const sectors = await typeInGuest(await lab.guests.consoleSocket(id, 'serial'), `cat /sys/block/${device}/size`)
        return (Number(sectors) * 512) / 2 ** 30
      },
      until,
      leftovers: lab.leftovers,
      close: lab.close,
    }
  })

  describe('a guest that really runs', () => {
    test('a process that hangs is told, is never doubled, and a hard reboot replaces it', { timeout: 150_000 }, async () => {
      const lab = await openRealLab({ imageId, source })
      try {
        const spec = aSpec({ imageId }, { power: 'running' })
        const { pid } = await lab.guests.apply(spec, call())
        assert.ok(pid !== null)
        process.kill(pid, 'SIGSTOP')
        await lab.restart()
        const report = await lab.guests.observe(spec.id)
        assert.deepEqual([report.power, report.pid, report.fault], ['running', pid, 'the process of the guest does not answer'])
        await assert.rejects(lab.guests.apply({ ...spec, generation: 2 }, call()), { code: 'unreachable' })
        const rebooted = await lab.guests.reboot({ ...spec, generation: 3 }, 'hard', call())
        assert.deepEqual([rebooted.power, rebooted.pid === pid, rebooted.fault], ['running', false, null])
        await lab.guests.remove(spec.id, call())
        assert.deepEqual(await lab.leftovers(), [])
      } finally {
        for (const { id } of await lab.guests.list()) await lab.guests.remove(id, call())
        await lab.close()
      }
    })

    test(
      'first use 5 a guest that is stopped for its rescue, or after it, is asked first: what it had not yet written is on its disk',
      { timeout: 150_000 },
      async () => {
        const lab = await openRealLab({ imageId, source })
        try {
          const base = aSpec({ imageId }, { power: 'running' })
          const spec = { ...base, configDrive: configDrive(base.id) }
          let generation = 1
          const apply = (more: Partial<typeof spec>) => lab.guests.apply({ ...spec, ...more, generation: ++generation }, call())
          const inGuest = async (line: string) => typeInGuest(await lab.guests.consoleSocket(spec.id, 'serial'), line)
          await lab.guests.apply(spec, call())
          await booted(lab, spec.id)
          await inGuest('echo unsynced >/root/unsynced')
          const rescue = { rescue: { imageId } }
          await apply({ ...rescue, power: 'stopped' })
          await apply({ ...rescue, power: 'running' })
          await booted(lab, spec.id)
          await apply({ power: 'stopped' })
          await apply({ power: 'running' })
          await booted(lab, spec.id)
          assert.equal(await inGuest('cat /root/unsynced'), 'unsynced')
        } finally {
          for (const { id } of await lab.guests.list()) await lab.guests.remove(id, call())
          await lab.close()
        }
      },
    )

    test(
      'first use 18 first use 21: it starts whatever its timer does, and has what others test guests with',
      { timeout: 150_000 },
      async () => {
        const lab = await openRealLab({ imageId, source })
        try {
          const base = aSpec({ imageId }, { power: 'running' })
          const spec = { ...base, configDrive: configDrive(base.id) }
          await lab.guests.apply(spec, call())
          await booted(lab, spec.id)
          const inGuest = async (line: string) => typeInGuest(await lab.guests.consoleSocket(spec.id, 'serial'), line)
          assert.match(await inGuest('cat /proc/cmdline'), /no_timer_check/)
          assert.match(
            await inGuest('lsblk'),
            /^NAME +MAJ:MIN +RM +SIZE +RO +TYPE +MOUNTPOINT\n[\s\S]*^vda +\d+:\d+ +0 +\S+ +0 +disk\n\|-vda1 .* part\n\|-vda2 .* part +\/$/m,
          )
          assert.match(await inGuest('lsblk -lb -o NAME,SIZE -n /dev/vda | head -n 1'), /^vda +\d{7,}$/)
          const serve = (reply: string) => `(printf '${reply}' | nc -l -p 8099 >/tmp/asked &) ; sleep 1`
          await inGuest(serve('HTTP/1.0 200 OK\\r\\n\\r\\nhello'))
          assert.equal(await inGuest('curl -sf -H \'X-A: b\' http://127.0.0.1:8099/one?two; echo " $?"'), 'hello 0')
          assert.match(await inGuest("tr -d '\\r' </tmp/asked"), /^GET \/one\?two HTTP\/1\.0\nHost: 127\.0\.0\.1:8099\n[\s\S]*X-A: b$/m)
          await inGuest(serve('HTTP/1.0 200 OK\\r\\n\\r\\nhello'))
          assert.equal(await inGuest('wget -qO- http://127.0.0.1:8099/'), 'hello')
          await inGuest(serve('HTTP/1.0 404 Not Found\\r\\n\\r\\nno'))
          assert.equal(await inGuest('curl -sf http://127.0.0.1:8099/; echo $?'), '22')
          await inGuest('echo kept >/tmp/kept; sync')
          await lab.guests.apply({ ...spec, power: 'stopped', generation: 2 }, call())
          await lab.guests.apply({ ...spec, generation: 3 }, call())
          await booted(lab, spec.id)
          assert.equal(await inGuest('cat /tmp/kept'), 'kept')
          await lab.guests.remove(spec.id, call())
        } finally {
          await lab.close()
        }
      },
    )

    test(
      'first use 19: unprivileged and confined; memory, disks and volumes keep what was written, and the clock is right after a pause',
      { timeout: 150_000 },
      async () => {
        const lab = await openRealLab({ imageId, source })
        try {
          const volumeId = randomUUID()
          const base = aSpec({ imageId }, { power: 'running' })
          const spec = { ...base, configDrive: configDrive(base.id, '#!/bin/sh\necho user data was here\n') }
          let generation = 1
          const apply = (more: Partial<typeof spec>) => lab.guests.apply({ ...spec, ...more, generation: ++generation }, call())
          const { pid } = await lab.guests.apply(spec, call())
          await booted(lab, spec.id)
          await until('user data ran', async () => (await lab.guests.consoleLog(spec.id)).includes('user data was here'))

          const status = readFileSync(`/proc/${pid}/status`, 'utf8')
          for (const line of [
            /^Uid:\t1879000\d+\t/m,
            /^CapEff:\t0000000000000000$/m,
            /^CapBnd:\t0000000000000000$/m,
            /^NoNewPrivs:\t1$/m,
            /^Seccomp:\t2$/m,
          ])
            assert.match(status, line)

          const inGuest = async (line: string) => typeInGuest(await lab.guests.consoleSocket(spec.id, 'serial'), line)
          await inGuest('echo kept >/run/memory; echo kept >/root/disk; sync')
          await apply({ power: 'suspended' })
          await lab.restart()
          await wait(4000) // what the guest's clock will lack
          await apply({ power: 'running' })
          assert.equal(await inGuest('cat /run/memory'), 'kept')
          const behind = async () => Math.round(Date.now() / 1000) - Number(await inGuest('date +%s'))
          await until('first use 19: the clock to be right again', async () => Math.abs(await behind()) <= 2)

          await lab.volumes.create({ volumeId, sizeGib: 1, source: { kind: 'blank' }, fate: {} }, call())
          const volumes = [
            { volumeId, device: 'vdb', sizeGib: 1, connection: await lab.volumes.connect(volumeId, call()), readOnly: false },
          ]
          await apply({ volumes })
          assert.match(
            await inGuest('for i in 1 2 3 4 5; do [ -b /dev/vdb ] && break; sleep 1; done; cat /sys/block/vdb/serial; echo'),
            new RegExp(volumeId.slice(0, 20)),
          )
          await inGuest('echo on the volume | dd of=/dev/vdb conv=fsync 2>/dev/null')
          await lab.volumes.extend(volumeId, 2, call())
          assert.equal(
            await inGuest(
              'for i in 1 2 3 4 5; do [ $(cat /sys/block/vdb/size) = 4194304 ] && break; sleep 1; done; cat /sys/block/vdb/size',
            ),
            '4194304',
          )
          await apply({ volumes: [] })
          assert.match(await inGuest('ls /dev/vdb 2>&1'), /No such file/)
          await apply({ volumes })
          assert.equal(
            await inGuest('for i in 1 2 3 4 5; do [ -b /dev/vdb ] && break; sleep 1; done; head -c 13 /dev/vdb'),
            'on the volume',
          )

          const vnc = await new Promise<string>((resolve, reject) => {
            lab.guests.consoleSocket(spec.id, 'vnc').then((path) => {
              const socket = connect(path).once('error', reject)
              socket.once('data', (banner) => (resolve(banner.toString()), socket.destroy()))
            }, reject)
          })
          assert.equal(vnc, 'RFB 003.008\n')

          const diagnostics = await lab.guests.diagnostics(spec.id)
          assert.ok((diagnostics.cpuTimesNs[0] ?? 0) > 1e7)
          assert.ok((diagnostics.disks[1]?.readBytes ?? 0) >= 512)
          await lab.guests.reboot({ ...spec, volumes, generation: ++generation }, 'soft', call())
          await booted(lab, spec.id)
          assert.equal(await inGuest('cat /root/disk; head -c 13 /dev/vdb'), 'kept\non the volume')
          await lab.guests.remove(spec.id, call())
          assert.deepEqual(await lab.leftovers(), [])
        } finally {
          for (const { id } of await lab.guests.list()) await lab.guests.remove(id, call())
          await lab.close()
        }
      },
    )
  })
} else {
  const skip = cannotBeReal()
  test('QEMU guests, in a network namespace of their own', { skip, timeout: 280_000 }, async () => {
    const { ok, report } = await inOwnNamespace(import.meta.filename)
    assert.ok(ok, report)
  })
}

// A spec as a machine and a machine as QEMU's arguments.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { GuestSpec } from '../../contract/guests.ts'
import { chooseAccelerator } from './accelerator.ts'
import { commandLine } from './command-line.ts'
import { atHome, freePort, type Machine, type MachineFacts, planMachine, portCount } from './machine.ts'

const id = '6a1f5d1e-1111-4222-8333-444455556666'
const volume = (n: number, device: string) => ({
  volumeId: `${n}${n}${n}${n}${n}${n}${n}${n}-aaaa-4bbb-8ccc-ddddeeeeffff`,
  device,
  sizeGib: 1,
  connection: { driver: 'file' as const, path: `/data/volumes/${n}/disk.qcow2`, format: 'qcow2' as const },
  readOnly: false,
})
const spec: GuestSpec = {
  id,
  generation: 1,
  name: 'a, name with=odd "letters"',
  projectId: 'p',
  vcpus: 2,
  ramMib: 256,
  root: { kind: 'image', imageId: 'image-1', sizeGib: 1, epoch: 3 },
  ephemeralGib: 1,
  swapMib: 64,
  volumes: [volume(2, 'vdc'), volume(1, 'vdb')],
  ports: [{ portId: 'aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee', mac: 'fa:16:3e:00:00:01', mtuBytes: 1450 }],
  configDrive: { 'openstack/latest/meta_data.json': '{}' },
  power: 'running',
  rescue: null,
  properties: {},
  fate: {},
}
const facts: MachineFacts = {
  guestDir: `/data/guests/${id}`,
  type: 'pc-q35-7.2',
  accelerator: 'tcg',
  taps: new Map([['aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee', 'tapaaaaaaaa-bb']]),
  bases: new Map([
    ['image-1', { path: '/data/images/image-1.qcow2', format: 'qcow2' }],
    ['image-2', { path: '/data/images/image-2.raw', format: 'raw' }],
  ]),
}
const argumentsOf = (machine: Machine, option: string) => {
  const argv = commandLine(machine, { start: 'run' })
  return argv.flatMap((argument, n) => (argv[n - 1] === option ? [argument] : []))
}
const nodes = (machine: Machine) => argumentsOf(machine, '-blockdev').map((text) => JSON.parse(text) as Record<string, unknown>)
const devices = (machine: Machine) =>
  argumentsOf(machine, '-device')
    .filter((text) => text.startsWith('{'))
    .map((text) => JSON.parse(text) as Record<string, unknown>)

describe("a guest's machine", () => {
  test('disks come in the order of their names, each in a port of its own', () => {
    const machine = planMachine(spec, facts)
    assert.deepEqual(
      machine.disks.map((disk) => disk.id),
      ['root', 'ephemeral', 'swap', 'vol-11111111aaaa4bbb8ccc', 'vol-22222222aaaa4bbb8ccc'],
    )
    const ports = [...machine.disks, ...machine.nics].map((device) => device.port)
    assert.equal(new Set(ports).size, ports.length)
  })

  test('rescue boots its own disk and shows the root disk second', () => {
    const machine = planMachine({ ...spec, rescue: { imageId: 'image-2' } }, facts)
    assert.deepEqual(
      machine.disks.slice(0, 2).map(({ id, boots, base }) => ({ id, boots, base: base?.path })),
      [
        { id: 'rescue', boots: true, base: '../../images/image-2.raw' },
        { id: 'root', boots: false, base: '../../images/image-1.qcow2' },
      ],
    )
  })

  test('boots from a volume when the root is one', () => {
    const root = {
      kind: 'volume' as const,
      volumeId: volume(9, 'vda').volumeId,
      device: 'vda',
      sizeGib: 1,
      connection: volume(9, 'vda').connection,
    }
    const machine = planMachine({ ...spec, root }, facts)
    assert.deepEqual([machine.disks[0]?.id, machine.disks[0]?.boots], ['vol-99999999aaaa4bbb8ccc', true])
  })

  test('a free port is found until there is none', () => {
    const machine = planMachine({ ...spec, volumes: [] }, facts)
    assert.equal(freePort(machine), 5)
    const full = {
      ...machine,
      disks: Array.from({ length: portCount }, (_, n) => ({ ...(machine.disks[0] as Machine['disks'][number]), port: n + 1 })),
    }
    assert.throws(() => freePort(full), { code: 'unsupported' })
  })
})

describe("QEMU's command line", () => {
  const machine = planMachine(spec, facts)

  test('every disk has its format given and its backing file named or forbidden (attack-14, attack-16)', () => {
    const [root, ...others] = nodes(machine)
    assert.deepEqual(root, {
      'node-name': 'n-root',
      driver: 'qcow2',
      'read-only': false,
      discard: 'unmap',
      backing: { driver: 'qcow2', 'read-only': true, backing: null, file: { driver: 'file', filename: '../../images/image-1.qcow2' } },
      file: { driver: 'file', filename: 'root.3.qcow2' },
    })
    for (const node of others) assert.ok(node['driver'] === 'raw' ? !('backing' in node) : node['backing'] === null, JSON.stringify(node))
  })

  test('a volume is known in the guest by the first twenty characters of its id', () => {
    const device = devices(machine).find(({ id }) => id === 'vol-11111111aaaa4bbb8ccc')
    assert.equal(device?.['serial'], '11111111-aaaa-4bbb-8')
    assert.ok(String(device?.['drive']).length <= 31)
  })

  test('nothing that a user typed stands on it', () => {
    assert.ok(!commandLine(machine, { start: 'run' }).join(' ').includes('odd'))
  })

  test('no default devices, the sandbox on, the tap without scripts, cloud-init can tell that it is OpenStack', () => {
    const line = commandLine(machine, { start: 'run' }).join(' ')
    assert.match(line, /-nodefaults/)
    assert.match(line, /-sandbox on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny/)
    assert.match(line, /-netdev tap,id=n-nic-aaaaaaaabbbb4ccc8ddd,ifname=tapaaaaaaaa-bb,script=no,downscript=no/)
    assert.match(line, /product=OpenStack Nova/)
    assert.match(line, /"host_mtu":1450/)
  })

  test('sockets are relative, so that no data directory is too long for them', () => {
    const sockets =
      commandLine(machine, { start: 'run' })
        .join(' ')
        .match(/(?:path=|unix:)[^, ]+/g) ?? []
    assert.deepEqual(sockets, ['path=run/serial', 'unix:run/vnc', 'path=run/qmp'])
  })

  test('starts halted or waiting for a memory when asked', () => {
    assert.ok(commandLine(machine, { start: 'halted' }).includes('-S'))
    assert.deepEqual(commandLine(machine, { start: 'incoming' }).slice(-2), ['-incoming', 'defer'])
  })
})

describe('the choice of an accelerator', () => {
  test('a KVM device without hardware support behind it is not used', () => {
    assert.equal(chooseAccelerator({ kvmDevice: true, kvmModule: false, cpuFlags: ['sse2'] }), 'tcg')
    assert.equal(chooseAccelerator({ kvmDevice: true, kvmModule: false, cpuFlags: ['vmx'] }), 'kvm')
    assert.equal(chooseAccelerator({ kvmDevice: true, kvmModule: true, cpuFlags: [] }), 'kvm')
    assert.equal(chooseAccelerator({ kvmDevice: false, kvmModule: true, cpuFlags: ['svm'] }), 'tcg')
  })
  test('the operator knows better', () =>
    assert.equal(chooseAccelerator({ kvmDevice: true, kvmModule: false, cpuFlags: [] }, 'kvm'), 'kvm'))
})

test('first use 1: a volume is where the directory is now, whatever control knows of it from before a move', () => {
  const connection = { driver: 'file' as const, path: '/before/volumes/v1/disk.qcow2', format: 'qcow2' as const }
  const attached = { volumeId: 'v1', device: 'vdb', sizeGib: 1, connection, readOnly: false }
  const home = atHome(
    { ...spec, volumes: [attached], root: { kind: 'volume', volumeId: 'v1', device: 'vda', sizeGib: 1, connection } },
    '/now/hypervisor/volumes',
  )
  assert.equal(home.volumes[0]?.connection.path, '/now/hypervisor/volumes/v1/disk.qcow2')
  assert.equal(home.root.kind === 'volume' && home.root.connection.path, '/now/hypervisor/volumes/v1/disk.qcow2')
})

// Makes a running guest's disks and cards those of its spec. What is really plugged is asked of QEMU, not remembered:
// a control process may have died between plugging and writing it down. Each step may be run again.
import type { Clock } from '../../platform/clock.ts'
import type { GuestSpec } from '../../contract/guests.ts'
import { HostError } from '../../contract/call.ts'
import { blockNode, diskDevice, nicDevice } from './command-line.ts'
import type { LiveGuest } from './engine.ts'
import { type Disk, freePort, type Machine, type Nic, nicDeviceId, nicOf, nodeName, volumeDeviceId, volumeDisk } from './machine.ts'
import { QmpError } from './qmp.ts'

export interface HotPlugOf {
  guestDir: string
  clock: Clock
  /** makes the port's tap with its filters and names it */
  ensureTap: (port: GuestSpec['ports'][number]) => Promise<string>
  removeTap: (portId: string) => Promise<void>
  /** the guest's user may open the disk */
  giveDisk: (disk: Disk) => Promise<void>
  /** how long a guest may take to release a device */
  unplugTimeoutMs: number
  check: () => void
  /** writes the machine down after each step */
  save: (machine: Machine) => Promise<void>
}

const GiB = 2 ** 30

/** Plugs, unplugs and resizes until the guest has what the spec names. Returns the machine as it is then. */
export async function hotPlug(guest: LiveGuest, before: Machine, spec: GuestSpec, of: HotPlugOf): Promise<Machine> {
  let machine = await asPlugged(guest, before, spec, of)
  const step = async (next: Machine) => {
    machine = next
    await of.save(machine)
    of.check()
  }
  const root = spec.root.kind === 'volume' ? [spec.root.volumeId] : []
  const volumes = new Set([...spec.volumes.map((volume) => volume.volumeId), ...root].map(volumeDeviceId))
  const ports = new Set(spec.ports.map((port) => nicDeviceId(port.portId)))

  for (const disk of machine.disks.filter((each) => each.id.startsWith('vol-') && !volumes.has(each.id))) {
    await unplugDisk(guest, disk.id, of)
    await step({ ...machine, disks: machine.disks.filter((each) => each.id !== disk.id) })
  }
  for (const nic of machine.nics.filter((each) => !ports.has(each.id))) {
    await unplugNic(guest, nic.id, of)
    if (nic.portId !== '') await of.removeTap(nic.portId)
    await step({ ...machine, nics: machine.nics.filter((each) => each.id !== nic.id) })
  }
  for (const volume of spec.volumes) {
    if (machine.disks.some((each) => each.id === volumeDeviceId(volume.volumeId))) continue
    const disk = volumeDisk(volume, freePort(machine), of.guestDir)
    await of.giveDisk(disk)
    await plugDisk(guest, disk)
    await step({ ...machine, disks: [...machine.disks, disk] })
  }
  for (const port of spec.ports) {
    if (machine.nics.some((each) => each.id === nicDeviceId(port.portId))) continue
    const nic = nicOf(port, { port: freePort(machine), tap: await of.ensureTap(port) })
    await plugNic(guest, nic)
    await step({ ...machine, nics: [...machine.nics, nic] })
  }
  for (const { volumeId, sizeGib } of [...spec.volumes, ...(spec.root.kind === 'volume' ? [spec.root] : [])]) {
    const disk = machine.disks.find((each) => each.id === volumeDeviceId(volumeId))
    if (!disk || disk.readOnly || (disk.sizeGib ?? 0) >= sizeGib) continue
    await tellSize(guest, disk, sizeGib)
    await step({ ...machine, disks: machine.disks.map((each) => (each.id === disk.id ? { ...each, sizeGib } : each)) })
  }
  return machine
}

/** The guest hears of the size of a volume that grew, also when the file has it already: it may have slept meanwhile. */
async function tellSize({ qmp }: LiveGuest, disk: Disk, sizeGib: number): Promise<void> {
  const node = (await qmp.execute('query-named-block-nodes', { flat: true })).find((each) => each['node-name'] === nodeName(disk.id))
  const size = Math.max(sizeGib * GiB, node?.image['virtual-size'] ?? 0)
  await qmp.execute('block_resize', { 'node-name': nodeName(disk.id), size }).catch((error: unknown) => {
    throw translate(error)
  })
}

/** The remembered machine, mended by what QEMU says is plugged. */
async function asPlugged({ qmp }: LiveGuest, machine: Machine, spec: GuestSpec, { guestDir }: HotPlugOf): Promise<Machine> {
  const devices = (await qmp.execute('qom-list', { path: '/machine/peripheral' })).map((device) => device.name)
  const plugged = new Set(devices)
  const disks = machine.disks.filter((disk) => plugged.has(disk.id))
  const nics = machine.nics.filter((nic) => plugged.has(nic.id))
  const known = new Set([...disks, ...nics].map((device) => device.id))
  for (const id of devices.filter((each) => /^(vol|nic)-/.test(each) && !known.has(each))) {
    const bus = String(await qmp.execute('qom-get', { path: `/machine/peripheral/${id}`, property: 'parent_bus' }))
    const port = Number(/rp(\d+)$/.exec(bus)?.[1] ?? 0)
    const volume = spec.volumes.find((each) => volumeDeviceId(each.volumeId) === id)
    const card = spec.ports.find((each) => nicDeviceId(each.portId) === id)
    if (volume) disks.push(volumeDisk({ ...volume, sizeGib: 0 }, port, guestDir))
    else if (card) nics.push(nicOf(card, { port, tap: '' }))
    else if (id.startsWith('vol-'))
      disks.push({ id, path: '', format: 'qcow2', base: null, serial: null, readOnly: false, port, boots: false })
    else nics.push({ id, portId: '', mac: '', mtuBytes: 0, tap: '', port })
  }
  return { ...machine, disks, nics }
}

async function plugDisk({ qmp }: LiveGuest, disk: Disk): Promise<void> {
  await ignoring(/Duplicate nodes/, qmp.execute('blockdev-add', blockNode(disk)))
  try {
    await qmp.execute('device_add', diskDevice(disk))
  } catch (error) {
    await ignoring(/./, qmp.execute('blockdev-del', { 'node-name': nodeName(disk.id) }))
    throw translate(error)
  }
}

async function plugNic({ qmp }: LiveGuest, nic: Nic): Promise<void> {
  const netdev = { type: 'tap', id: nodeName(nic.id), ifname: nic.tap, script: 'no', downscript: 'no' }
  await ignoring(/Duplicate ID/, qmp.execute('netdev_add', netdev))
  try {
    await qmp.execute('device_add', nicDevice(nic))
  } catch (error) {
    await ignoring(/./, qmp.execute('netdev_del', { id: nodeName(nic.id) }))
    throw translate(error)
  }
}

async function unplugDisk(guest: LiveGuest, id: string, of: HotPlugOf): Promise<void> {
  await unplugDevice(guest, id, of)
  await ignoring(/Failed to find node/, guest.qmp.execute('blockdev-del', { 'node-name': nodeName(id) }))
}

async function unplugNic(guest: LiveGuest, id: string, of: HotPlugOf): Promise<void> {
  await unplugDevice(guest, id, of)
  await ignoring(/not found/, guest.qmp.execute('netdev_del', { id: nodeName(id) }))
}

/** The guest must release it: it is asked again every few seconds, since a guest that boots does not listen. */
async function unplugDevice({ qmp, runState }: LiveGuest, id: string, { clock, unplugTimeoutMs, check }: HotPlugOf): Promise<void> {
  if (runState !== 'running') throw new HostError('conflict', `a guest that is ${runState} cannot release a device`)
  const untilMs = clock.nowMs() + unplugTimeoutMs
  for (let leftMs = unplugTimeoutMs; leftMs > 0; leftMs = untilMs - clock.nowMs()) {
    check()
    const deleted = qmp.nextEvent('DEVICE_DELETED', { fits: ({ device }) => device === id, timeoutMs: Math.min(6_000, leftMs) })
    try {
      await qmp.execute('device_del', { id })
    } catch (error) {
      if (error instanceof QmpError && error.errorClass === 'DeviceNotFound') return
      // "already in the process of unplug": the first request still stands
      if (!(error instanceof QmpError && /already in the process of unplug/.test(error.message))) throw translate(error)
    }
    if (await deleted) return
    const devices = await qmp.execute('qom-list', { path: '/machine/peripheral' })
    if (!devices.some((device) => device.name === id)) return
  }
  throw new HostError('failed', `the guest did not release ${id} within ${Math.round(unplugTimeoutMs / 1000)} s`)
}

/** Runs a command whose named refusal means that it was done already. */
async function ignoring(refusal: RegExp, command: Promise<unknown>): Promise<void> {
  try {
    await command
  } catch (error) {
    if (!(error instanceof QmpError && refusal.test(error.message))) throw translate(error)
  }
}

const translate = (error: unknown): unknown => {
  if (!(error instanceof QmpError)) return error
  const isLocked = /Failed to get .*lock/.test(error.message)
  return new HostError(isLocked ? 'conflict' : 'failed', error.message, { cause: error })
}

// The machine that a guest's spec asks for, as data: which disk and which card sits in which PCI Express port. Pure:
// the same input gives the same machine. command-line.ts turns it into QEMU's words, hot-plug.ts changes it.
import { basename, dirname, join, relative } from 'node:path'
import type { GuestSpec, GuestVolume } from '../../contract/guests.ts'
import type { VolumeConnection } from '../../contract/volumes.ts'
import { HostError } from '../../contract/call.ts'
import type { DiskFile, DiskFormat } from '../disk-image.ts'
import type { Accelerator } from './accelerator.ts'

/** Every root port is made at start: q35 plugs nothing without a free one. Eight more cost a guest 0.4 s of its boot under emulation. */
export const portCount = 16

export interface Disk {
  /** QEMU's id of the device; its block node is `n-<id>` */
  id: string
  /** relative to the guest's directory, which is QEMU's own */
  path: string
  format: DiskFormat
  /** what the file stands on; null: nothing, whatever its header says */
  base: { path: string; format: DiskFormat } | null
  serial: string | null
  readOnly: boolean
  port: number
  boots: boolean
  /** of a volume: which, and how large it was when the guest was told last */
  volumeId?: string
  sizeGib?: number
}

export interface Nic {
  id: string
  portId: string
  mac: string
  mtuBytes: number
  tap: string
  port: number
}

export interface Machine {
  id: string
  /** 'pc-q35-7.2': pinned, so that a suspended guest wakes up on the same one */
  type: string
  accelerator: Accelerator
  vcpus: number
  ramMib: number
  disks: Disk[]
  nics: Nic[]
  configDrive: string | null
}

const shortId = (id: string) => id.replaceAll('-', '').slice(0, 20)
export const volumeDeviceId = (volumeId: string): string => `vol-${shortId(volumeId)}`
export const nicDeviceId = (portId: string): string => `nic-${shortId(portId)}`
export const nodeName = (deviceId: string): string => `n-${deviceId}`

/** Files of a guest's own, in its directory. */
export const guestFiles = {
  root: (epoch: number) => `root.${epoch}.qcow2`,
  ephemeral: 'ephemeral.qcow2',
  swap: 'swap.raw',
  rescue: 'rescue.qcow2',
  configDrive: 'config.iso',
}

export interface MachineFacts {
  guestDir: string
  type: string
  accelerator: Accelerator
  /** port id → tap */
  taps: Map<string, string>
  /** image id → its file in the cache, for the root disk and the rescue disk */
  bases: Map<string, DiskFile>
}

/** The machine for a cold start: the boot disk in the first port, cards next, then disks in the order of their names. */
export function planMachine(spec: GuestSpec, facts: MachineFacts): Machine {
  let port = 0
  const take = () => {
    if (++port > portCount) throw new HostError('unsupported', `a guest has ${portCount} places for disks and ports`)
    return port
  }
  const own = (id: string, path: string, more: Partial<Disk> = {}): Disk => ({
    id,
    path,
    format: 'qcow2',
    base: null,
    serial: null,
    readOnly: false,
    boots: false,
    ...more,
    port: take(),
  })
  const overlay = (imageId: string): Partial<Disk> => {
    const base = facts.bases.get(imageId)
    if (!base) throw new Error(`no base was given for the image ${imageId}`)
    return { base: { path: relative(facts.guestDir, base.path), format: base.format } }
  }

  const disks: Disk[] = []
  if (spec.rescue) disks.push(own('rescue', guestFiles.rescue, { ...overlay(spec.rescue.imageId), boots: true }))
  const boots = !spec.rescue
  if (spec.root.kind === 'image') disks.push(own('root', guestFiles.root(spec.root.epoch), { ...overlay(spec.root.imageId), boots }))
  else disks.push({ ...volumeDisk({ ...spec.root, readOnly: false }, take(), facts.guestDir), boots })
  const nics = spec.ports.map((each) => nicOf(each, { port: take(), tap: facts.taps.get(each.portId) ?? '' }))
  if (spec.ephemeralGib > 0) disks.push(own('ephemeral', guestFiles.ephemeral))
  if (spec.swapMib > 0) disks.push(own('swap', guestFiles.swap, { format: 'raw' }))
  const volumes = [...spec.volumes].sort((a, b) => a.device.length - b.device.length || (a.device < b.device ? -1 : 1))
  for (const volume of volumes) disks.push(volumeDisk(volume, take(), facts.guestDir))

  return {
    id: spec.id,
    type: facts.type,
    accelerator: facts.accelerator,
    vcpus: spec.vcpus,
    ramMib: spec.ramMib,
    disks,
    nics,
    configDrive: spec.configDrive ? guestFiles.configDrive : null,
  }
}

/** The spec with its volumes where they lie now: what control knows of their paths is from before the directory was moved. */
export function atHome(spec: GuestSpec, volumesDir: string): GuestSpec {
  const here = (connection: VolumeConnection): VolumeConnection =>
    connection.driver === 'file'
      ? { ...connection, path: join(volumesDir, basename(dirname(connection.path)), basename(connection.path)) }
      : connection
  const root = spec.root.kind === 'volume' ? { ...spec.root, connection: here(spec.root.connection) } : spec.root
  return { ...spec, root, volumes: spec.volumes.map((volume) => ({ ...volume, connection: here(volume.connection) })) }
}

/** A volume as the guest's disk; its serial is how the guest knows it. */
export function volumeDisk(volume: GuestVolume, port: number, guestDir: string): Disk {
  const { volumeId, sizeGib, readOnly } = volume
  const { path, format, driver } = volume.connection
  if (driver !== 'file') throw new HostError('unsupported', `this host cannot attach a volume by '${driver}'`)
  const id = volumeDeviceId(volumeId)
  return {
    id,
    path: relative(guestDir, path),
    format,
    base: null,
    serial: volumeId.slice(0, 20),
    readOnly,
    port,
    boots: false,
    volumeId,
    sizeGib,
  }
}

export function nicOf(of: { portId: string; mac: string; mtuBytes: number }, place: { port: number; tap: string }): Nic {
  return { id: nicDeviceId(of.portId), portId: of.portId, mac: of.mac, mtuBytes: of.mtuBytes, tap: place.tap, port: place.port }
}

/** The lowest port that nothing sits in. */
export function freePort(machine: Machine): number {
  const used = new Set([...machine.disks, ...machine.nics].map((device) => device.port))
  for (let port = 1; port <= portCount; port++) if (!used.has(port)) return port
  throw new HostError('unsupported', `all ${portCount} places of the guest are taken`)
}

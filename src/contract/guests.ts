// What control asks of a host's guests, and what the host reports of them.
import type { Readable } from 'node:stream'
import type { Call } from './call.ts'
import type { VolumeConnection } from './volumes.ts'

/** The power states of Nova that a host can hold a guest in. */
export type GuestPower = 'running' | 'stopped' | 'paused' | 'suspended'

export interface GuestSpec {
  /** the server's id */
  id: string
  /** rises with every change that control makes to the spec */
  generation: number
  name: string
  projectId: string
  vcpus: number
  ramMib: number
  root: GuestRoot
  /** blank extra disks from the flavor */
  ephemeralGib: number
  swapMib: number
  /** attached volumes without the root volume */
  volumes: GuestVolume[]
  ports: GuestPort[]
  /** path → content of the config drive; null when the server has none */
  configDrive: Record<string, string> | null
  power: GuestPower
  /** boots this image instead, with the root disk as second disk (Nova's rescue); null normally */
  rescue: { imageId: string } | null
  /** flavor extra specs and image properties that a driver may understand (hw:…, hw_…) */
  properties: Record<string, string>
  /** server metadata and flavor extra specs named `fake:…`, without that prefix; only the fake driver reads them */
  fate: Record<string, string>
}

export type GuestRoot =
  /** a copy-on-write overlay over the cached image; `epoch` rises when the root disk must be made anew (rebuild) */
  | { kind: 'image'; imageId: string; sizeGib: number; epoch: number }
  | { kind: 'volume'; volumeId: string; device: string; sizeGib: number; connection: VolumeConnection }

export interface GuestVolume {
  volumeId: string
  /** 'vdb', 'vdc', …: the name that the API shows; the virtio serial is the volume's id (its first 20 characters) */
  device: string
  /** a running guest is told when it grows; it never shrinks */
  sizeGib: number
  connection: VolumeConnection
  readOnly: boolean
}

export interface GuestPort {
  portId: string
  mac: string
  mtuBytes: number
}

/** The tap of a port, both sides of the line compute it: `tap` + the first 11 characters of the port's id. */
export const tapName = (portId: string): string => `tap${portId.slice(0, 11)}`

export interface GuestReport {
  id: string
  /** the generation of the spec that was applied last, 0 when unknown */
  generation: number
  /** 'crashed': the process is gone though nobody asked for it; 'absent': no trace of the guest here */
  power: GuestPower | 'crashed' | 'absent'
  pid: number | null
  /** what could not be done, for a user to read */
  fault: string | null
  /** it did not end by itself: its host was shut down under it, or lost its power */
  endedWithHost?: boolean
  /** what it has now; of a guest that does not run, what it will be started with; null: there is none, or it was never finished */
  made: { volumeIds: string[]; portIds: string[]; imageIds: string[] } | null
}

export interface GuestDiagnostics {
  uptimeSeconds: number
  cpuTimesNs: number[]
  memoryMib: { maximum: number; used: number }
  disks: { readBytes: number; readRequests: number; writeBytes: number; writeRequests: number; errors: number }[]
  nics: {
    mac: string
    rxBytes: number
    txBytes: number
    rxPackets: number
    txPackets: number
    rxDrop: number
    txDrop: number
    rxErrors: number
    txErrors: number
  }[]
  driver: string
  hypervisor: string
}

export interface Guests {
  /** Makes the guest as the spec says: disks, devices (hot-plugged when it runs), power. Resolves when it is so. */
  apply(spec: GuestSpec, call: Call): Promise<GuestReport>
  /** Ends the guest and deletes its disks. Fine when there is none. */
  remove(id: string, call: Call): Promise<void>
  /** soft: ACPI or ctrl-alt-del and wait for it; hard: reset with devices made anew from the spec */
  reboot(spec: GuestSpec, kind: 'soft' | 'hard', call: Call): Promise<GuestReport>
  /** A standalone qcow2 of the root disk, consistent at one moment, also of a running guest. */
  snapshot(id: string, call: Call): Promise<{ stream: Readable; sizeBytes: number; virtualSizeBytes: number; diskFormat: 'qcow2' }>
  /** the last lines of the console log; lines undefined: all that is kept (at most 1 MiB) */
  consoleLog(id: string, lines?: number): Promise<string>
  /** where the guest's RFB (VNC) or serial console listens on this host: a UNIX socket's path */
  consoleSocket(id: string, kind: 'vnc' | 'serial'): Promise<string>
  diagnostics(id: string): Promise<GuestDiagnostics>
  injectNmi(id: string, call: Call): Promise<void>
  observe(id: string): Promise<GuestReport>
  /** every guest that this host holds, explained by a row or not */
  list(): Promise<GuestReport[]>
  /** Calls back when a guest changes state by itself (crash, shutdown from inside). Returns how to stop. */
  watch(onChange: (report: GuestReport) => void): () => void
}

// What control asks of a host and what the host reports: types, and no code but what tells them apart. Both sides of the line
// import this file; the drivers behind it live in host/guests, host/network, host/volumes and host/images,
// each as a real and a `fake` one that pass the same conformance suite.
//
// Every call is idempotent and says the state that is wanted ("make it so"); a caller that does not know
// whether a call arrived calls again. A call carries a fence: a host remembers the highest fence it has
// seen for a resource and refuses an older one with HostError 'stale_fence'.
import type { Readable } from 'node:stream'
import type { VolumeConnection, VolumePool, Volumes } from './contract-volumes.ts'
import type { DiskImageFormat } from './images/inspect.ts'

/** What goes along with every call that changes something. */
export interface Call {
  /** the fencing token of the work item on whose behalf this is; rises with every claim, whole cloud over */
  fence: number
  requestId: string
  /** percent 0..100, and of what; may be called often, one in two seconds is kept */
  progress?: (percent: number, what?: string) => void
  /** aborts when the work item lost its lease or was cancelled */
  signal?: AbortSignal
}

/** For whoever stands between control and a host, and treats what changes something otherwise. */
export const isCall = (argument: unknown): argument is Call =>
  typeof argument === 'object' && argument !== null && 'fence' in argument && 'requestId' in argument

/** Failures a host names. Anything else that a driver throws is a bug or an outside failure: retryable. */
export type HostErrorCode =
  | 'stale_fence' // an older owner's call: give up, somebody else has the resource
  | 'not_found' // the guest, volume, … does not exist on this host
  | 'conflict' // the state does not allow it (a volume in use, a guest that is not running)
  | 'no_space' // the disk is full
  | 'bad_image' // the image is not what it says, or points outside itself
  | 'unsupported' // this host cannot do it
  | 'unreachable' // the host did not answer: the outcome is unknown, observe and call again
  | 'failed' // the engine said no; the message says what
export class HostError extends Error {
  code: HostErrorCode
  constructor(code: HostErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'HostError'
    this.code = code
  }
}

// ---- guests -----------------------------------------------------------------------------------------

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

// ---- images -----------------------------------------------------------------------------------------

/** Where a host gets an image that it does not hold yet: control's image store. */
export interface ImageSource {
  /** rejects with HostError 'not_found' when there is no such active image; `virtualSizeBytes`: of the disk in it, as control found it */
  open(imageId: string): Promise<{
    stream: Readable
    sizeBytes: number
    diskFormat: DiskImageFormat
    hashAlgorithm: string
    hashValue: string
    virtualSizeBytes?: number | null
  }>
}

export interface ImageCache {
  /** Path of the verified, inspected base image in the cache, fetched (and converted, when it is neither raw nor qcow2) when it is missing (once, however many ask). */
  ensure(imageId: string, call: Call): Promise<{ path: string; format: 'raw' | 'qcow2'; virtualSizeBytes: number }>
  /** what it holds, and for how long nobody has asked for it */
  list(): Promise<{ imageId: string; idleMs: number }[]>
  /** Forgets these images, but those that a disk stands on or is about to: which are left. */
  forget(imageIds: string[]): Promise<string[]>
}

export type { PoolFile, PoolSnapshot, VolumeConnection, VolumePool, Volumes, VolumeSource } from './contract-volumes.ts'

// ---- network ----------------------------------------------------------------------------------------

export type SegmentType = 'local' | 'flat' | 'vlan' | 'vxlan' | 'gre'

/** Everything that this host's agents must make so; what is not named goes away. */
export interface HostNetworkSpec {
  generation: number
  networks: NetworkSpec[]
  ports: PortSpec[]
  securityGroups: SecurityGroupSpec[]
  dhcp: DhcpSpec[]
  routers: RouterSpec[]
}

export interface NetworkSpec {
  id: string
  type: SegmentType
  physicalNetwork: string | null
  segmentationId: number | null
  mtuBytes: number
  /** tunnel end points of the other hosts on this network, and which MAC lives behind which */
  tunnelPeers: { address: string; macs: string[] }[]
  /** addresses that the machine itself takes on a flat network (the gateways of `public`), with prefix length: makes it reachable from here */
  hostAddresses: string[]
}

/** A guest's port on this host. Router and DHCP ports stand in RouterSpec and DhcpSpec. */
export interface PortSpec {
  id: string
  networkId: string
  mac: string
  adminStateUp: boolean
  /** false: neither security groups nor anti-spoofing */
  portSecurityEnabled: boolean
  fixedIps: string[]
  allowedAddressPairs: { ip: string; mac: string }[]
  securityGroupIds: string[]
}

export interface SecurityGroupSpec {
  id: string
  rules: SecurityGroupRuleSpec[]
}

export interface SecurityGroupRuleSpec {
  direction: 'ingress' | 'egress'
  ethertype: 'IPv4' | 'IPv6'
  /** 'tcp', 'udp', 'icmp', 'icmpv6', another name that Neutron knows, a number as text, or null for any */
  protocol: string | null
  /** ports; for icmp the type and code */
  portRangeMin: number | null
  portRangeMax: number | null
  /** CIDRs that the remote side must be in, remote groups already resolved to addresses; null: anyone */
  remoteCidrs: string[] | null
}

export interface DhcpSpec {
  networkId: string
  /** the DHCP port: its address is where the server listens; its namespace is `qdhcp-<network id>` */
  portId: string
  mac: string
  domain: string
  subnets: DhcpSubnetSpec[]
  leases: { portId: string; mac: string; ips: string[]; hostname: string; options: { name: string; value: string; ipVersion: 4 | 6 }[] }[]
  /** answer 169.254.169.254 here too (networks without a router) */
  metadata: boolean
}

export interface DhcpSubnetSpec {
  id: string
  cidr: string
  ipVersion: 4 | 6
  /** this server's own address in the subnet */
  serverIp: string
  gatewayIp: string | null
  enableDhcp: boolean
  ipv6Mode: 'slaac' | 'dhcpv6-stateful' | 'dhcpv6-stateless' | null
  dnsNameservers: string[]
  hostRoutes: { destination: string; nexthop: string }[]
  mtuBytes: number
}

/** A router: a namespace `qrouter-<id>`. */
export interface RouterSpec {
  id: string
  adminStateUp: boolean
  interfaces: RouterPortSpec[]
  gateway: (RouterPortSpec & { enableSnat: boolean; gatewayIps: string[] }) | null
  floatingIps: { id: string; floatingIp: string; fixedIp: string }[]
  routes: { destination: string; nexthop: string }[]
}

export interface RouterPortSpec {
  portId: string
  networkId: string
  mac: string
  /** with prefix length: 10.0.0.1/24 */
  addresses: string[]
  /** announce this prefix to guests (SLAAC or stateless), per address */
  ipv6RaMode: 'slaac' | 'dhcpv6-stateful' | 'dhcpv6-stateless' | null
}

export interface HostNetworkReport {
  generation: number
  /** ports whose wiring and filters stand; a port without a tap yet is 'down' with the reason */
  ports: Record<string, { state: 'up' | 'down'; reason: string | null }>
  routers: Record<string, { state: 'up' | 'down'; reason: string | null }>
  dhcp: Record<string, { state: 'up' | 'down'; reason: string | null }>
}

export interface NetworkDifference {
  kind: 'bridge' | 'tap' | 'namespace' | 'process' | 'rules'
  /** the device's or namespace's name, a process's id */
  name: string
  state: 'missing' | 'unexplained'
}

export interface HostNetwork {
  /** Makes the host's networks as the spec says, batched, and takes away what it does not name. Calls are serialised; the newest spec wins. */
  apply(spec: HostNetworkSpec, call: Call): Promise<HostNetworkReport>
  /** Makes what it was told last once more where something of it is lost, and says how it is; null when it knows of nothing (it was started anew). */
  again(): Promise<HostNetworkReport | null>
  /**
   * A guest's tap with its filters in place before its first packet; also called by Guests.apply before the guest starts.
   * `generation`: every later spec names the port, as its caller has it; without it, the newest that this host was told. What
   * comes late, after a later one without the port, is refused with 'stale_fence', and such a spec takes the tap away.
   * `owner`: the only user who may open it; nobody has it open then.
   */
  ensureTap(port: GuestPort, generation?: number, owner?: { uid: number; gid: number }): Promise<string>
  removeTap(portId: string): Promise<void>
  /** Calls back when something that stood is gone (a tap, a daemon), or back: the next apply makes it anew, or says how it is. Returns how to stop. */
  watch(onChange: () => void): () => void
  /** How what really exists differs from what the spec asks for, guests' missing taps aside; changes nothing. */
  compare(spec: HostNetworkSpec): Promise<NetworkDifference[]>
  /** what really exists: for the clean-slate checks */
  list(): Promise<{ bridges: string[]; taps: string[]; namespaces: string[]; processes: number[]; tables: string[] }>
}

/** Answers a guest's request to 169.254.169.254; control knows who it is by where it came from. */
export interface MetadataSource {
  get(
    from: { networkId: string | null; routerId: string | null; address: string },
    path: string,
    headers: Record<string, string>,
  ): Promise<{ status: number; contentType: string; body: string }>
}

// ---- the host ---------------------------------------------------------------------------------------

export interface HostInventory {
  hostname: string
  vcpus: number
  ramMib: number
  /** of the file system with the guests' disks */
  diskGib: number
  /** what others than guests' disks take of it: no server can have that */
  diskReservedGib: number
  /** what can still be written to it */
  diskFreeGib: number
  hypervisorType: 'QEMU' | 'fake'
  hypervisorVersion: number
  cpuInfo: {
    arch: string
    model: string
    vendor: string
    topology: { cells: number; sockets: number; cores: number; threads: number }
    features: string[]
  }
  accelerator: 'kvm' | 'tcg' | 'fake'
  hostIp: string
  uptimeSeconds: number
  /** processes that run or want to: of the last minute, five and fifteen */
  loadAverage: number[]
  /** placement traits that hold here: COMPUTE_…, HW_… */
  traits: string[]
  /** segment types that this machine can make */
  segmentTypes: SegmentType[]
  /** builds that may run at once */
  buildLimit: number
}

/** What a host says with each heartbeat: one answer for all who want to know how it is. */
export interface HostReport extends HostInventory {
  volumePool: VolumePool
}

export interface Host {
  name: string
  inventory(): Promise<HostReport>
  guests: Guests
  images: ImageCache
  volumes: Volumes
  network: HostNetwork
  /** stops listening and timers; guests and network daemons go on */
  close(): Promise<void>
}

// What the parts of the real driver share: options, memory of the last pass, and the agents that hold resources.
import type { Clock } from '../../platform/clock.ts'
import type { Log } from '../../platform/log.ts'
import type { HostNetworkReport, HostNetworkSpec, MetadataSource, RouterSpec } from '../../contract/network.ts'
import type { Daemons } from './dhcp/dnsmasq.ts'
import type { DnsRelay } from './dns/relay.ts'
import type { FilterInput } from './filters/input.ts'
import type { MetadataAgent } from './metadata/agent.ts'
import type { Registry } from './registry.ts'
import type { SegmentOptions } from './segments/segment.ts'

export interface RealNetworkOptions {
  /** where the driver remembers what it must (numbers that it gave, namespaces that it made) */
  dataDir: string
  metadata: MetadataSource
  clock: Clock
  log: Log
  /** whom the taps belong to: the user that QEMU runs as */
  tapOwner?: { uid: number; gid: number }
  /** physical network → device */
  bridgeMappings?: Record<string, string>
  /** this machine's end of VXLAN tunnels */
  tunnelAddress?: string | null
  vxlanPort?: number
  /** guests of reachable networks get out through this machine: forwarding and masquerading; on by default */
  egress?: boolean
  /** whom guests' dnsmasq asks for names that it does not know: the resolvers of this file. Default: /etc/resolv.conf */
  resolvConf?: string
  /** where daemons' files lie; others must be able to traverse it. Default: /run/stackling/<instance> */
  runDir?: string
}

export interface Agents {
  options: RealNetworkOptions & { segments: SegmentOptions }
  registry: Registry
  daemons: Daemons
  metadata: MetadataAgent
  dns: DnsRelay
  runDir: string
  log: Log
  memory: Memory
  background: (work: Promise<void>) => void
}

/** What the last pass left, so that the next one does only what changed. Empty after a start: then all is looked at. */
export interface Memory {
  /** the spec that stands, after sanity() */
  spec: HostNetworkSpec | null
  /** of the spec that stands completely; empty: look again */
  digest: string
  passedAtMs: number
  report: HostNetworkReport | null
  filters: FilterInput | null
  rules: string
  /** namespace → what it was made from, and which namespace of that name */
  namespaces: Map<string, { key: string; inode: number }>
  routers: Map<string, RouterSpec>
  forwardingTables: Map<string, string>
  /** devices that must be there, and those that must not be there yet, for the cheap check */
  present: Set<string>
  missing: Set<string>
  /** of the missing: taps that stood once and that nobody took away */
  lost: Set<string>
  daemonsWanted: Set<string>
  /** namespaces in which metadata is answered */
  listening: Set<string>
  /** taps whose port no spec has named yet → the generation after which one must */
  unclaimed: Map<string, number>
}

export const emptyMemory = (): Memory => ({
  spec: null,
  digest: '',
  passedAtMs: 0,
  report: null,
  filters: null,
  rules: '',
  namespaces: new Map(),
  routers: new Map(),
  forwardingTables: new Map(),
  present: new Set(),
  missing: new Set(),
  lost: new Set(),
  daemonsWanted: new Set(),
  listening: new Set(),
  unclaimed: new Map(),
})

// What a network stands on between hosts: one interface for all five segment types. A segment says whether this
// machine can make it and which device links a network's bridge with its likes elsewhere.
import type { NetworkSpec, SegmentType } from '../../../contract/network.ts'

export interface SegmentOptions {
  /** physical network → the device of this machine that it is; one that is not named is a bridge by itself */
  bridgeMappings: Record<string, string>
  /** this machine's end of tunnels; null: no tunnels */
  tunnelAddress: string | null
  vxlanPort: number
}

/** The device that joins a network's bridge to the world outside. */
export type Uplink =
  /** a device that the machine has and keeps */
  | { kind: 'existing'; name: string }
  /** one that we make: the words after `ip link add NAME mtu N`, and what its forwarding table holds */
  | { kind: 'made'; name: string; words: string; peers: { address: string; macs: string[] }[] }

export interface Segment {
  type: SegmentType
  /** null when this machine can make such segments, else why not */
  probe(options: SegmentOptions): Promise<string | null>
  /** null when the network needs nothing beyond its bridge on this host */
  uplink(network: NetworkSpec, options: SegmentOptions): Uplink | null
}

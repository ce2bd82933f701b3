// From the spec to the devices that should be here: bridges, ends of router and DHCP ports, guests' taps, uplinks.
// Pure; what cannot be wired is left out and named in `faults`.
import type { HostNetworkSpec, NetworkSpec } from '../../../contract/network.ts'
import { bridgeMac, bridgeName, dhcpDevice, dhcpNamespace, gatewayDevice, routerDevice, routerNamespace, tapName } from '../names.ts'
import { segments } from '../segments/index.ts'
import type { SegmentOptions, Uplink } from '../segments/segment.ts'

export interface WantedBridge {
  networkId: string
  name: string
  mac: string
  mtuBytes: number
  addresses: string[]
}

export interface WantedSlave {
  name: string
  bridge: string
  mtuBytes: number
  /** how it is made when it is missing; null: somebody else makes it (QEMU's tap, a device of the machine) */
  make: null | { kind: 'veth'; peer: string; namespace: string; mac: string } | { kind: 'words'; words: string }
  /** the port that it is, for reports; null for uplinks */
  portId: string | null
}

export interface WantedLinks {
  bridges: WantedBridge[]
  slaves: WantedSlave[]
  /** devices that are ours to keep but must pass nothing: taps of switched-off ports */
  closed: string[]
  uplinks: { networkId: string; uplink: Uplink }[]
  /** by network id: why it cannot be made here */
  faults: Map<string, string>
}

/** What the spec asks of this host's layer 2. */
export function wantedLinks(spec: HostNetworkSpec, options: SegmentOptions): WantedLinks {
  const wanted: WantedLinks = { bridges: [], slaves: [], closed: [], uplinks: [], faults: new Map() }
  const networks = new Map(spec.networks.map((network) => [network.id, network]))
  for (const network of spec.networks) addNetwork(wanted, network, options)
  const slave = (networkId: string, portId: string, make: WantedSlave['make']) => {
    const network = networks.get(networkId)
    if (!network || wanted.faults.has(networkId)) return
    wanted.slaves.push({ name: tapName(portId), bridge: bridgeName(networkId), mtuBytes: network.mtuBytes, make, portId })
  }
  for (const port of spec.ports) {
    if (port.adminStateUp) slave(port.networkId, port.id, null)
    else wanted.closed.push(tapName(port.id))
  }
  for (const dhcp of spec.dhcp) {
    slave(dhcp.networkId, dhcp.portId, {
      kind: 'veth',
      peer: dhcpDevice(dhcp.portId),
      namespace: dhcpNamespace(dhcp.networkId),
      mac: dhcp.mac,
    })
  }
  for (const router of spec.routers.filter((candidate) => candidate.adminStateUp)) {
    const namespace = routerNamespace(router.id)
    for (const port of router.interfaces)
      slave(port.networkId, port.portId, { kind: 'veth', peer: routerDevice(port.portId), namespace, mac: port.mac })
    const gateway = router.gateway
    if (gateway)
      slave(gateway.networkId, gateway.portId, { kind: 'veth', peer: gatewayDevice(gateway.portId), namespace, mac: gateway.mac })
  }
  return wanted
}

function addNetwork(wanted: WantedLinks, network: NetworkSpec, options: SegmentOptions): void {
  try {
    const uplink = segments[network.type].uplink(network, options)
    const bridge = bridgeName(network.id)
    wanted.bridges.push({
      networkId: network.id,
      name: bridge,
      mac: bridgeMac(network.id),
      mtuBytes: network.mtuBytes,
      addresses: network.hostAddresses,
    })
    if (!uplink) return
    wanted.uplinks.push({ networkId: network.id, uplink })
    const make: WantedSlave['make'] = uplink.kind === 'made' ? { kind: 'words', words: uplink.words } : null
    wanted.slaves.push({ name: uplink.name, bridge, mtuBytes: network.mtuBytes, make, portId: null })
  } catch (error) {
    wanted.faults.set(network.id, (error as Error).message)
  }
}

// Specs for tests, in few words: networks, ports and groups with sensible defaults. Ids come from names, so that a
// test's names are readable in devices and rules. Tests only.
import { createHash } from 'node:crypto'
import type {
  DhcpSpec,
  HostNetworkSpec,
  NetworkSpec,
  PortSpec,
  RouterSpec,
  SecurityGroupRuleSpec,
  SecurityGroupSpec,
} from '../../../src/contract/network.ts'
import type { Call } from '../../../src/contract/call.ts'

/** An id that looks like one, the same for the same name. */
export function idOf(name: string): string {
  const hex = createHash('sha256').update(name).digest('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

export const macOf = (name: string): string =>
  `fa:16:3e:${createHash('sha256').update(name).digest('hex').slice(0, 6).match(/../g)?.join(':')}`

let fence = 0
export const call = (): Call => ({ fence: ++fence, requestId: 'req-test' })

export const network = (name: string, more: Partial<NetworkSpec> = {}): NetworkSpec => ({
  id: idOf(name),
  type: 'vxlan',
  physicalNetwork: null,
  segmentationId: 7,
  mtuBytes: 1450,
  tunnelPeers: [],
  hostAddresses: [],
  ...more,
})

export const port = (name: string, networkName: string, more: Partial<PortSpec> = {}): PortSpec => ({
  id: idOf(name),
  networkId: idOf(networkName),
  mac: macOf(name),
  adminStateUp: true,
  portSecurityEnabled: true,
  fixedIps: [],
  allowedAddressPairs: [],
  securityGroupIds: [idOf('default')],
  ...more,
})

export const rule = (more: Partial<SecurityGroupRuleSpec>): SecurityGroupRuleSpec => ({
  direction: 'ingress',
  ethertype: 'IPv4',
  protocol: null,
  portRangeMin: null,
  portRangeMax: null,
  remoteCidrs: null,
  ...more,
})

/** What Neutron gives every group: everything may go out. */
export const allOut: SecurityGroupRuleSpec[] = [rule({ direction: 'egress' }), rule({ direction: 'egress', ethertype: 'IPv6' })]

export const group = (name: string, rules: SecurityGroupRuleSpec[]): SecurityGroupSpec => ({ id: idOf(name), rules: [...allOut, ...rules] })

export const dhcp = (networkName: string, more: Partial<DhcpSpec> = {}): DhcpSpec => ({
  networkId: idOf(networkName),
  portId: idOf(`dhcp ${networkName}`),
  mac: macOf(`dhcp ${networkName}`),
  domain: 'openstacklocal',
  subnets: [],
  leases: [],
  metadata: false,
  ...more,
})

export const router = (name: string, more: Partial<RouterSpec> = {}): RouterSpec => ({
  id: idOf(name),
  adminStateUp: true,
  interfaces: [],
  gateway: null,
  floatingIps: [],
  routes: [],
  ...more,
})

export const routerPort = (name: string, networkName: string, addresses: string[]): RouterSpec['interfaces'][number] => ({
  portId: idOf(name),
  networkId: idOf(networkName),
  mac: macOf(name),
  addresses,
  ipv6RaMode: null,
})

let generation = 0
export const spec = (more: Partial<HostNetworkSpec>): HostNetworkSpec => ({
  generation: ++generation,
  networks: [],
  ports: [],
  securityGroups: [],
  dhcp: [],
  routers: [],
  ...more,
})

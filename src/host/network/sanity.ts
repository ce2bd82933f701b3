// The door for specs: ids, MACs and addresses become names, commands and rules, so what is not clean is left out
// and reported by its id, and the rest of the host goes on. Control validates too; this is the second lock.
import type { HostNetworkSpec, PortSpec, RouterPortSpec } from '../../contract/network.ts'
import { isAddress, parsePrefix } from './addresses.ts'
import { isMac, isSafeId, tapName } from './names.ts'

export interface SaneSpec {
  spec: HostNetworkSpec
  /** id of a port, router or (for DHCP) network → what is wrong with it */
  faults: Map<string, string>
}

/** The spec without what must not reach the kernel. */
export function saneSpec(spec: HostNetworkSpec): SaneSpec {
  const faults = new Map<string, string>()
  const networks = spec.networks.filter(
    (network) => isSafeId(network.id) && network.hostAddresses.every(isPrefix) && isMtu(network.mtuBytes),
  )
  const known = new Set(networks.map((network) => network.id))
  const pass = <T>(list: T[], idOf: (item: T) => string, problem: (item: T) => string | null) =>
    list.filter((item) => {
      const fault = problem(item)
      if (fault !== null) faults.set(idOf(item), fault)
      return fault === null
    })
  const groups = spec.securityGroups.filter((group) => isSafeId(group.id))
  const inRange = (value: number | null) => value === null || (Number.isInteger(value) && value >= -1 && value <= 65_535)
  return {
    faults,
    spec: {
      ...spec,
      networks,
      ports: distinct(
        pass(
          spec.ports,
          (port) => port.id,
          (port) => portFault(port, known),
        ),
        faults,
      ),
      securityGroups: groups.map((group) => ({
        ...group,
        rules: group.rules
          .filter((rule) => inRange(rule.portRangeMin) && inRange(rule.portRangeMax))
          .map((rule) => ({ ...rule, portRangeMin: anyPort(rule.portRangeMin), portRangeMax: anyPort(rule.portRangeMax) })),
      })),
      dhcp: pass(
        spec.dhcp,
        (dhcp) => dhcp.networkId,
        (dhcp) => {
          if (!known.has(dhcp.networkId)) return 'its network is not on this host'
          if (!isSafeId(dhcp.portId) || !isMac(dhcp.mac)) return 'its port has no usable id or MAC'
          if (!dhcp.subnets.every((subnet) => isSafeId(subnet.id) && isPrefix(subnet.cidr) && isAddress(subnet.serverIp)))
            return 'a subnet is malformed'
          return null
        },
      ).map((dhcp) => ({
        ...dhcp,
        leases: dhcp.leases.filter((lease) => isSafeId(lease.portId) && isMac(lease.mac) && lease.ips.every(isAddress)),
      })),
      routers: pass(
        spec.routers,
        (router) => router.id,
        (router) => {
          const ports: RouterPortSpec[] = [...router.interfaces, ...(router.gateway ? [router.gateway] : [])]
          if (!isSafeId(router.id)) return 'its id is not usable'
          if (!ports.every((port) => isSafeId(port.portId) && isMac(port.mac) && port.addresses.every(isPrefix)))
            return 'a port of it is malformed'
          if (!ports.every((port) => known.has(port.networkId))) return 'one of its networks is not on this host'
          return null
        },
      ).map((router) => ({
        ...router,
        floatingIps: router.floatingIps.filter((entry) => isAddress(entry.floatingIp) && isAddress(entry.fixedIp)),
        routes: router.routes.filter((route) => isPrefix(route.destination) && isAddress(route.nexthop)),
      })),
    },
  }
}

/** Two ports whose ids begin alike would share a device: the first has it. */
function distinct(ports: PortSpec[], faults: Map<string, string>): PortSpec[] {
  const taps = new Set<string>()
  return ports.filter((port) => {
    const isNew = !taps.has(tapName(port.id))
    taps.add(tapName(port.id))
    if (!isNew) faults.set(port.id, 'another port here has the same device name')
    return isNew
  })
}

const isPrefix = (text: string) => parsePrefix(text) !== null
const isMtu = (bytes: number) => Number.isInteger(bytes) && bytes >= 68 && bytes <= 65_535
/** Neutron stores -1 for "any" in some old ICMP rules. */
const anyPort = (value: number | null) => (value === -1 ? null : value)

function portFault(port: PortSpec, known: Set<string>): string | null {
  if (!isSafeId(port.id)) return 'its id is not usable'
  if (!known.has(port.networkId)) return 'its network is not on this host'
  if (!isMac(port.mac)) return 'its MAC is malformed'
  if (!port.fixedIps.every(isAddress)) return 'an address is malformed'
  if (!port.allowedAddressPairs.every((pair) => isPrefix(pair.ip) && (pair.mac === '' || isMac(pair.mac))))
    return 'an allowed address pair is malformed'
  return null
}

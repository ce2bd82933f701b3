// IPv6 router advertisements of a router: a dnsmasq in its namespace that only announces prefixes, without DNS and
// without giving addresses (the router's rules keep DHCPv6 requests from it).
import type { RouterPortSpec, RouterSpec } from '../../../contract/network.ts'
import { addressOf, canonical, isIpv6, parsePrefix } from '../addresses.ts'
import { commonConfig } from '../dhcp/config.ts'
import { routerDevice } from '../names.ts'

/** The configuration, or null when the router announces nothing. */
export function advertiseConfig(router: RouterSpec, directory: string, mtuOf: (networkId: string) => number | undefined): string | null {
  const announced = router.interfaces.filter((port) => port.ipv6RaMode !== null && port.addresses.some(isIpv6))
  if (announced.length === 0) return null
  const lines = [...commonConfig(directory), 'port=0', 'enable-ra', ...announced.flatMap((port) => portLines(port, mtuOf(port.networkId)))]
  return lines.map((line) => `${line}\n`).join('')
}

const words = { slaac: 'ra-only', 'dhcpv6-stateless': 'ra-stateless', 'dhcpv6-stateful': 'static' }

function portLines(port: RouterPortSpec, mtuBytes: number | undefined): string[] {
  const device = routerDevice(port.portId)
  const mtu = mtuBytes === undefined ? '' : `mtu:${mtuBytes},`
  const prefixes = port.addresses.filter(isIpv6)
  return [
    `interface=${device}`,
    `ra-param=${device},${mtu}30,1800`,
    ...prefixes.map((address) => {
      const length = parsePrefix(address)?.length ?? 64
      return `dhcp-range=${addressOf(canonical(address))},${words[port.ipv6RaMode ?? 'slaac']},${length}`
    }),
  ]
}

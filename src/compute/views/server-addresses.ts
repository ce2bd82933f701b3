// A server's addresses as the API shows them: by the network's name, fixed ones before floating ones.
import type { ServerPort } from '../../network/index.ts'

export interface AddressView {
  version: 4 | 6
  addr: string
  'OS-EXT-IPS:type'?: 'fixed' | 'floating'
  'OS-EXT-IPS-MAC:mac_addr'?: string
}

/** `extended` adds the type and the MAC, which updates before 2.75 and /ips do not show. */
export function addressesView(ports: ServerPort[], extended: boolean): Record<string, AddressView[]> {
  const networks: Record<string, { fixed: AddressView[]; floating: AddressView[] }> = {}
  for (const port of ports) {
    const network = (networks[port.networkName] ??= { fixed: [], floating: [] })
    for (const { ipAddress } of port.fixedIps) network.fixed.push(address(ipAddress, 'fixed', extended ? port.mac : null))
    for (const floating of port.floatingIps) network.floating.push(address(floating.address, 'floating', extended ? port.mac : null))
  }
  const views: Record<string, AddressView[]> = {}
  for (const name in networks) {
    const network = networks[name]
    if (network) views[name] = network.floating.length === 0 ? network.fixed : [...network.fixed, ...network.floating]
  }
  return views
}

function address(addr: string, type: 'fixed' | 'floating', mac: string | null): AddressView {
  const version = addr.includes(':') ? 6 : 4
  return mac === null ? { version, addr } : { version, addr, 'OS-EXT-IPS:type': type, 'OS-EXT-IPS-MAC:mac_addr': mac }
}

// A server's addresses as the API shows them: by the network's name, fixed ones before floating ones.
import type { ServerPort } from '../../../network/index.ts'

export interface AddressView {
  version: 4 | 6
  addr: string
  'OS-EXT-IPS:type'?: 'fixed' | 'floating'
  'OS-EXT-IPS-MAC:mac_addr'?: string
}

/** `extended` adds the type and the MAC, which updates before 2.75 and /ips do not show. */
export function addressesView(ports: ServerPort[], extended: boolean): Record<string, AddressView[]> {
  // users name networks: `__proto__` is a name like any other
  const networks = new Map<string, { fixed: AddressView[]; floating: AddressView[] }>()
  for (const port of ports) {
    let network = networks.get(port.networkName)
    if (!network) networks.set(port.networkName, (network = { fixed: [], floating: [] }))
    for (const { ipAddress } of port.fixedIps) network.fixed.push(address(ipAddress, 'fixed', extended ? port.mac : null))
    for (const floating of port.floatingIps) network.floating.push(address(floating.address, 'floating', extended ? port.mac : null))
  }
  return Object.fromEntries(
    [...networks].map(([name, { fixed, floating }]) => [name, floating.length === 0 ? fixed : [...fixed, ...floating]]),
  )
}

function address(addr: string, type: 'fixed' | 'floating', mac: string | null): AddressView {
  const version = addr.includes(':') ? 6 : 4
  return mac === null ? { version, addr } : { version, addr, 'OS-EXT-IPS:type': type, 'OS-EXT-IPS-MAC:mac_addr': mac }
}

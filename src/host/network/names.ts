// The names of everything that the network driver makes, computed from ids so that both sides of a crash agree.
// Linux allows 15 characters for a device: a prefix and the first 11 of the id, as Neutron's agents do.
import { tapName } from '../../contract/guests.ts'

const short = (id: string) => id.slice(0, 11)

export const bridgeName = (networkId: string): string => `brq${short(networkId)}`
export const vxlanName = (networkId: string): string => `vx-${short(networkId)}`
export const routerNamespace = (routerId: string): string => `qrouter-${routerId}`
export const dhcpNamespace = (networkId: string): string => `qdhcp-${networkId}`
/** The end of a router's port inside its namespace; the other end is the port's tap name. */
export const routerDevice = (portId: string): string => `qr-${short(portId)}`
export const gatewayDevice = (portId: string): string => `qg-${short(portId)}`
export const dhcpDevice = (portId: string): string => `ns-${short(portId)}`
export { tapName }

/** Where `ip netns` keeps a namespace. */
export const namespacePath = (name: string): string => `/run/netns/${name}`

/** The mark on every device that is ours: several clouds on one machine leave each other's things alone. */
export const aliasOf = (instance: string): string => `stackling:${instance}`
export const tableName = (instance: string): string => `stackling_${instance}`

/** The bridge's own MAC, locally administered, so that it stays the same whatever ports come and go. */
export function bridgeMac(networkId: string): string {
  const hex = networkId.replaceAll('-', '').slice(0, 10).padEnd(10, '0')
  return `02:${hex.match(/../g)?.join(':')}`
}

/** Ids go into file names, rule text and command input: nothing but these characters may pass. */
export const isSafeId = (id: string): boolean => /^[0-9a-zA-Z][0-9a-zA-Z_-]{0,63}$/.test(id)
export const isMac = (mac: string): boolean => /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i.test(mac)

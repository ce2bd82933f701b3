// From what a pass found to the report that control reads: up, or down with a reason that a user may read. Pure;
// the fake network reports in the same words.
import type { HostNetworkReport, HostNetworkSpec } from '../../contract/network.ts'
import type { WantedLinks } from './l2/wanted.ts'
import { bridgeName, tapName } from './names.ts'

export interface Findings {
  wanted: Pick<WantedLinks, 'faults' | 'uplinks'>
  /** devices that are not there */
  missing: Set<string>
  /** of these: taps that stood once */
  lost?: Set<string>
  /** device → what went wrong with it */
  broken: Map<string, string>
  /** id of a port, router or DHCP network → what went wrong with it */
  faults: Map<string, string>
}

export const noTapYet = 'its guest has no tap yet'
/** The guest holds the tap by a descriptor, which dies with it: only a new QEMU, or a new card, opens another one. */
export const tapLost = 'the tap of its guest is gone: a hard reboot of the server makes it anew'
export const switchedOff = 'its admin state is down'

type State = HostNetworkReport['ports'][string]

export function stateOf(reason: string | null | undefined): State {
  return reason === null || reason === undefined ? { state: 'up', reason: null } : { state: 'down', reason }
}

export function reportOf(spec: HostNetworkSpec, { wanted, missing, lost, broken, faults }: Findings): HostNetworkReport {
  const uplinks = new Map(wanted.uplinks.map((entry) => [entry.networkId, entry.uplink.name]))
  const networkFault = (networkId: string) => {
    const uplink = uplinks.get(networkId)
    const lost = uplink !== undefined && missing.has(uplink) ? `the device ${uplink} is not there` : undefined
    return (
      wanted.faults.get(networkId) ?? broken.get(bridgeName(networkId)) ?? (uplink === undefined ? undefined : broken.get(uplink)) ?? lost
    )
  }
  const portFault = (id: string, networkId: string) => networkFault(networkId) ?? broken.get(tapName(id))
  const ports = spec.ports.map((port): [string, State] => {
    const tap = missing.has(tapName(port.id)) ? (lost?.has(tapName(port.id)) ? tapLost : noTapYet) : undefined
    const admin = port.adminStateUp ? undefined : switchedOff
    return [port.id, stateOf(faults.get(port.id) ?? admin ?? portFault(port.id, port.networkId) ?? tap)]
  })
  const routers = spec.routers.map((router): [string, State] => {
    const own = [...router.interfaces, ...(router.gateway ? [router.gateway] : [])]
    const port = own.map((entry) => portFault(entry.portId, entry.networkId)).find((fault) => fault !== undefined)
    return [router.id, stateOf(faults.get(router.id) ?? (router.adminStateUp ? port : switchedOff))]
  })
  const dhcp = spec.dhcp.map((entry): [string, State] => [
    entry.networkId,
    stateOf(faults.get(entry.networkId) ?? portFault(entry.portId, entry.networkId)),
  ])
  return {
    generation: spec.generation,
    ports: Object.fromEntries(ports),
    routers: Object.fromEntries(routers),
    dhcp: Object.fromEntries(dhcp),
  }
}

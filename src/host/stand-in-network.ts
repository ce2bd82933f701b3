// Until host/network/index.ts is there: a network that says yes.
import type { HostNetwork, HostNetworkSpec } from './contract.ts'
import { tapName } from './contract.ts'

export function standInNetwork(): HostNetwork {
  const taps = new Set<string>()
  const up = (ids: string[]) => Object.fromEntries(ids.map((id) => [id, { state: 'up' as const, reason: null }]))
  return {
    async apply(spec: HostNetworkSpec) {
      return {
        generation: spec.generation,
        ports: up(spec.ports.map((port) => port.id)),
        routers: up(spec.routers.map((router) => router.id)),
        dhcp: up(spec.dhcp.map((dhcp) => dhcp.networkId)),
      }
    },
    async ensureTap(port) {
      taps.add(tapName(port.portId))
      return tapName(port.portId)
    },
    async removeTap(portId) {
      taps.delete(tapName(portId))
    },
    list: async () => ({ bridges: [], taps: [...taps], namespaces: [], processes: [], tables: [] }),
  }
}

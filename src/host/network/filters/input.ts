// What the filters of a host are computed from: types only.
import type { PortSpec, SecurityGroupSpec } from '../../../contract/network.ts'

export interface FilterInput {
  table: string
  networks: FilterNetwork[]
  /** filtered ports only: those without port security pass untouched */
  ports: FilterPort[]
  securityGroups: SecurityGroupSpec[]
  /** taps that must pass nothing: no row explains them yet, or their port is switched off */
  blocked: string[]
  /** let guests of reachable networks out through this machine, behind its own address */
  masquerade: boolean
}

export interface FilterNetwork {
  bridge: string
  /** conntrack zone; 0 where the machine itself takes part in the network */
  zone: number
  /** the machine's own addresses on the network, with prefix length; empty: the machine is not reachable there */
  hostAddresses: string[]
}

export interface FilterPort {
  spec: PortSpec
  bridge: string
  /** the port's number in packet marks, 1..65535 */
  mark: number
}

// What a filter of the scheduler is: one idea, pure, asked about one host at a time. All facts are gathered before.
import type { InventoryUse } from '../../hosts/facts.ts'
import type { ScheduleRequest } from '../scheduler.ts'

/** A compute host as the scheduler sees it. */
export interface HostState {
  /** the service's host name */
  name: string
  nodeId: string
  /** the hypervisor's host name */
  hostname: string
  disabled: boolean
  /** its service was seen lately and is not forced down */
  alive: boolean
  arch: string
  hypervisorType: string
  hypervisorVersion: number
  /** of every aggregate that it is in, the metadata */
  aggregates: Record<string, string>[]
  zone: string
  /** resource class → what is there and what is used; only when placement has it as candidate */
  inventories: Record<string, InventoryUse>
  /** servers on it; counted only when somebody asks for it */
  servers: number
}

export interface Group {
  policy: 'affinity' | 'anti-affinity' | 'soft-affinity' | 'soft-anti-affinity'
  maxServersPerHost: number
  /** host → members on it, without the server itself */
  members: Map<string, number>
}

export interface Question {
  request: ScheduleRequest
  group: Group | null
  /** for the hints same_host and different_host: server's id → its host */
  hostsOfServers: Map<string, string | null>
}

export interface Filter {
  /** the name that operators know from Nova */
  name: string
  passes(host: HostState, question: Question): boolean
}

// What a filter of the scheduler is: one idea, pure, asked about one host at a time. All facts are gathered before.
import type { HostState } from '../host-state.ts'
import type { ScheduleRequest } from '../scheduler.ts'

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

// Chooses a host for a server: placement's candidates, then the filters (filters/, one idea each), then the
// weighers; the decision is kept as an event. In the transaction of the server's row, together with the claim.
import type { Context } from '../platform/context.ts'

export interface ScheduleFlavor {
  vcpus: number
  ramMib: number
  rootGib: number
  ephemeralGib: number
  swapMib: number
  extraSpecs: Record<string, string>
}

export interface ScheduleRequest {
  serverId: string
  projectId: string
  userId: string
  /** whose allocation it becomes: the server's id */
  consumerId: string
  flavor: ScheduleFlavor
  image: { id: string; properties: Record<string, string> } | null
  /** the root disk is a volume: no DISK_GB for it */
  bootFromVolume: boolean
  availabilityZone: string | null
  /** a host asked for by name (az:host, migrate to host); skips the filters only when `forced` */
  host?: string | null
  forced?: boolean
  /** hosts that must not be chosen (the one a migration leaves) */
  ignoreHosts?: string[]
  /** os:scheduler_hints */
  hints?: Record<string, unknown>
  /** the server group that the server is or becomes a member of */
  groupId?: string | null
}

export interface FilterCount {
  filter: string
  left: number
  removed: string[]
}

export interface Decision {
  /** null: no valid host */
  host: string | null
  node: string | null
  hostId: string | null
  /** of the chosen host; null when it is the default one */
  availabilityZone: string | null
  /** what a user reads: 'No valid host was found. …'; '' when one was */
  reason: string
  filters: FilterCount[]
}

/** Decides and claims the allocation; writes the decision's event. Never throws for want of a host: see `reason`. */
export async function schedule(_tx: Context, _request: ScheduleRequest): Promise<Decision> {
  throw new Error('not yet')
}

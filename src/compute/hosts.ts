// Compute hosts as control knows them: the service's and the node's record, kept fresh by the heartbeat, and
// their inventories in placement.
import type { Context } from '../platform/context.ts'

/** At start, before the listener: every connected host has its records, inventories and traits. */
export async function computeHostsStart(_ctx: Context): Promise<void> {
  throw new Error('not yet')
}

// Wakes the reconcilers of the hosts that a change concerns, in the transaction of the change.
import type { Context } from '../../platform/context.ts'
import { hostsUnknown } from './known-hosts.ts'
import { hostsOfGroups, hostsOfNetworks } from './store.ts'

/** The reconcilers' names stand here, so that logic can wake them without importing them. */
export const hostNetworkWork = { name: 'host-network' } as const
export const hostNetworkWatchWork = { name: 'host-network-watch' } as const

/** Wakes only hosts that are known: a user may bind a port to any name. */
export async function wakeHosts(tx: Context, hosts: Iterable<string>): Promise<void> {
  const names = new Set(hosts)
  names.delete('')
  const unknown = await hostsUnknown(tx, [...names])
  await tx.work.signalEach(
    tx,
    hostNetworkWork,
    [...names].filter((name) => !unknown.has(name)),
  )
}

/** Hosts with a port, a router or DHCP on one of the networks. */
export async function wakeNetwork(tx: Context, networkIds: string[]): Promise<void> {
  await wakeHosts(tx, await hostsOfNetworks(tx.db, networkIds))
}

/** Hosts with a port in one of the groups, or in a group whose rules name one of them. */
export async function wakeGroups(tx: Context, groupIds: string[]): Promise<void> {
  if (groupIds.length > 0) await wakeHosts(tx, await hostsOfGroups(tx.db, groupIds))
}

// Compares a host's networks with the rows: bridges, taps, namespaces, DHCP servers, rules. The host itself works out what a
// spec asks for; this check only reads.
import type { Host } from '../../contract/host.ts'
import type { NetworkDifference } from '../../contract/network.ts'
import type { Context } from '../../platform/context.ts'
import type { Check, Finding, Repair } from '../../platform/fsck/check.ts'
import { hostNetworkReconciler, hostSpecNow } from '../host/network.reconciler.ts'
import { hostNetworkWatch } from '../host/network-watch.reconciler.ts'

export const hostNetworkCheck: Check = { name: 'host-network', invariant: 4, findOnHost: find }

const kinds: Record<NetworkDifference['kind'], string> = {
  bridge: 'bridge',
  tap: 'device',
  namespace: 'namespace',
  process: 'daemon',
  rules: 'rules',
}

async function* find(ctx: Context, host: Host): AsyncGenerator<Finding> {
  const spec = await hostSpecNow(ctx, host)
  for (const { kind, name, state } of await host.network.compare(spec)) {
    const message =
      state === 'missing' ? `the ${kinds[kind]} ${name} is missing` : `the ${kinds[kind]} ${name} is there, and no row explains it`
    const { type, id } = ownerOf(name)
    yield {
      resourceType: type,
      resourceId: id,
      host: host.name,
      message,
      reconcilers: [`${hostNetworkReconciler.name}/${host.name}`, `${hostNetworkWatch.name}/`],
      repair: roundRepair(host.name),
    }
  }
}

/** Names hold whole ids where Linux lets them. */
function ownerOf(name: string): { type: string; id: string } {
  if (name.startsWith('qrouter-')) return { type: 'router', id: name.slice('qrouter-'.length) }
  if (name.startsWith('qdhcp-')) return { type: 'network', id: name.slice('qdhcp-'.length) }
  return { type: 'network', id: name }
}

/** The next round checks everything, creates what is missing and removes what no row explains. */
const roundRepair = (host: string): Repair => ({
  words: "have the host's network made as the rows say",
  run: ({ ctx }) => ctx.work.signal(ctx, hostNetworkReconciler, host),
})

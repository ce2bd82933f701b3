// Tells every host once a minute again what it was told last, so that what was lost there (a tap, a daemon, a table of
// rules) comes back; no rows are read for it. A host that answers otherwise than before, that somebody told something
// newer, or whose rows were not read for a while gets a whole round of host-network.ts.
import { HostError, type Host } from '../../host/contract.ts'
import type { Context } from '../../platform/context.ts'
import { askHosts } from '../../platform/hosts.ts'
import { reconciler, type Reconciler } from '../../platform/work/definition.ts'
import { agentsBeat } from '../agents.ts'
import { hostNetworkWatchWork, wakeHosts } from '../wake.ts'
import { toldHosts } from './host-network.ts'

/** Every change of rows wakes its hosts; this is the bound for one that forgot to. */
const believedMs = 1_800_000

export const hostNetworkWatch: Reconciler = reconciler({
  name: hostNetworkWatchWork.name,
  everyMs: 60_000,
  async run({ ctx }) {
    const answers = await askHosts(ctx, ctx.hosts.names(), (host) => standsAsTold(ctx, host))
    const wanting = ctx.hosts.names().filter((name) => answers.get(name) !== true)
    await ctx.transaction(async (tx) => {
      await wakeHosts(tx, wanting)
      await agentsBeat(tx, [...answers.keys()])
    })
  },
})

/** Tells it again. A host that was told something newer refuses the generation, as it refuses everything that is late. */
async function standsAsTold(ctx: Context, host: Host): Promise<boolean> {
  const told = toldHosts(ctx).get(host)
  if (!told || ctx.clock.nowMs() - told.atMs >= believedMs) return false
  toldHosts(ctx).delete(host)
  const report = await host.network.apply(told.spec, { fence: told.spec.generation, requestId: ctx.requestId }).catch((error: unknown) => {
    if (error instanceof HostError && error.code === 'stale_fence') return null
    throw error
  })
  if (JSON.stringify(report) !== told.report) return false
  // a round that ran meanwhile knows better
  if (!toldHosts(ctx).has(host)) toldHosts(ctx).set(host, told)
  return true
}

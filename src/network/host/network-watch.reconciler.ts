// Has every host make once a minute again what it was told last, so that what was lost there (a tap, a daemon, a table of
// rules) comes back; no rows are read for it. A host that knows nothing, or something else than the newest that was made for
// it, that says otherwise than the rows have it, or whose rows were not read for a while gets a whole round of network.reconciler.ts.
// One that does not answer is asked again in a minute.
import type { HostNetworkReport } from '../../contract/network.ts'
import { askHosts } from '../../platform/hosts.ts'
import { reconciler, type Reconciler } from '../../platform/work/definition.ts'
import { agentsHeartbeat } from '../agents/agents.ts'
import { hostNetworksFetch } from './store.ts'
import type { HostNetworkRow } from '../store/tables.ts'
import { hostNetworkWatchWork, wakeHosts } from './wake.ts'
import { digestOf } from './network.reconciler.ts'

/** Every change of rows wakes its hosts; this is the bound for one that forgot to. */
const believedMs = 7_200_000

export const hostNetworkWatch: Reconciler = reconciler({
  name: hostNetworkWatchWork.name,
  everyMs: 60_000,
  async run({ ctx }) {
    const names = ctx.hosts.names()
    const answers = await askHosts(ctx, names, (host) => host.network.again())
    await ctx.transaction(async (tx) => {
      const told = await hostNetworksFetch(tx.db)
      const oldestMs = tx.clock.nowMs() - believedMs
      await wakeHosts(
        tx,
        [...answers].flatMap(([name, report]) => (standsAsTold(told.get(name), report, oldestMs) ? [] : [name])),
      )
      await agentsHeartbeat(tx, [...answers.keys()])
    })
  },
})

const standsAsTold = (row: HostNetworkRow | undefined, report: HostNetworkReport | null, oldestMs: number): boolean =>
  row !== undefined && report?.generation === row.generation && digestOf(report) === row.report_digest && row.read_at > oldestMs

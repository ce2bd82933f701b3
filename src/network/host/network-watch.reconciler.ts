// Once a minute every host applies its last spec again, so that what was lost there (a tap, a daemon, a table of rules) comes
// back; this reads no rows of networks. A host gets a whole round of network.reconciler.ts when it has no spec or an old one,
// when its report differs from the one that the rows have taken in, or when its rows were not read for a while. A host that does
// not answer is asked again in a minute.
import type { HostNetworkReport } from '../../contract/network.ts'
import { askHosts } from '../../platform/hosts.ts'
import { reconciler, type Reconciler } from '../../platform/work/definition.ts'
import { agentsHeartbeat } from '../agents/agents.ts'
import { hostNetworksFetch } from './store.ts'
import type { HostNetworkRow } from '../store/tables.ts'
import { hostNetworkWatchWork, wakeHosts } from './wake.ts'
import { digestOf } from './network.reconciler.ts'

/** Every change of rows wakes its hosts. Should one forget to, the host's rows are read again after this long. */
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

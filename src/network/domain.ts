// How the network domain is wired into the cloud: its service, policy, migrations, work and checks. Only server/domains.ts imports it.
import type { Domain } from '../platform/api/operation.ts'
import { migrationsIn } from '../platform/store/migrations-in.ts'
import { agentsEnsure } from './agents/agents.ts'
import { hostsWatch } from './host/watch.ts'
import { networkPolicy, networkScopes } from './policy.ts'
import { networkService } from './routes/service.ts'
import { hostNetworkCheck } from './checks/host-network.ts'
import { networksOrphansCheck } from './checks/orphans.ts'
import { networkRowsCheck } from './checks/rows.ts'
import { hostNetworkReconciler } from './host/network.reconciler.ts'
import { hostNetworkWatch } from './host/network-watch.reconciler.ts'
import { columns } from './store/tables.ts'
import { resourcesCalled } from './store/called.ts'
import { facts } from './store/facts.ts'

export const networkDomain: Domain = {
  name: 'network',
  migrations: migrationsIn(import.meta.dirname),
  columns,
  facts,
  policy: networkPolicy,
  policyScopes: networkScopes,
  services: [networkService],
  work: [hostNetworkReconciler, hostNetworkWatch],
  checks: [hostNetworkCheck, networkRowsCheck, networksOrphansCheck],
  resourcesCalled: ({ db }, word) => resourcesCalled(db, word),
  async start(ctx) {
    await ctx.transaction((tx) => agentsEnsure(tx, tx.hosts.names()))
    hostsWatch(ctx)
  },
}

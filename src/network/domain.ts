// How the network domain is wired into the cloud: its service, policy, migrations, work and checks. Only server/domains.ts imports it.
import type { Domain } from '../platform/api/operation.ts'
import { agentsEnsure } from './agents/agents.ts'
import { hostsWatch } from './host/watch.ts'
import { networkPolicy, networkScopes } from './policy.ts'
import { networkService } from './routes/service.ts'
import { network } from './store/migrations/0001-network.ts'
import { routers } from './store/migrations/0002-routers.ts'
import { portsByNetwork } from './store/migrations/0003-ports-by-network.ts'
import { toldHosts } from './store/migrations/0004-told-hosts.ts'
import { referringIndexes } from './store/migrations/0005-referring-indexes.ts'
import { givenUp } from './store/migrations/0006-given-up.ts'
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
  migrations: {
    '0001-network': network,
    '0002-routers': routers,
    '0003-ports-by-network': portsByNetwork,
    '0004-told-hosts': toldHosts,
    '0005-referring-indexes': referringIndexes,
    '0006-given-up': givenUp,
  },
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

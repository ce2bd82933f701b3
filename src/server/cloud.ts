// Wires a cloud together from its parts: platform, domains, hosts, listener. `main` gives it the machine's clock
// and ids, tests and the simulation their own.
import type { Host } from '../contract/host.ts'
import type { Authenticate } from '../platform/api/dispatch.ts'
import { createListener, type Listener } from '../platform/api/listener.ts'
import { basePolicy } from '../platform/api/base-policy.ts'
import { Policy } from '../platform/api/policy.ts'
import type { Clock } from '../platform/clock.ts'
import type { Config } from '../platform/config.ts'
import { Context, type Platform } from '../platform/context.ts'
import { defined } from '../platform/defined.ts'
import { afterDurable } from '../platform/durable-host.ts'
import { timelineBaseline } from '../platform/events/fold.ts'
import { HostRegistry } from '../platform/hosts.ts'
import type { Ids } from '../platform/ids.ts'
import type { Log } from '../platform/log.ts'
import { migrate } from '../platform/store/migrate.ts'
import type { Store } from '../platform/store/store.ts'
import { Engine } from '../platform/work/engine.ts'
import { createWorkQueue } from '../platform/work/queue.ts'
import { createConsoleProxy } from '../compute/index.ts'
import { domains, facts, migrationLists, ownMigrationLists } from './domains.ts'
import { openapiService } from './openapi.ts'
import { loadPolicyFiles } from './policy-files.ts'

export interface CloudParts {
  config: Config
  store: Store
  /** opens a domain's own store of this name */
  openOwn(name: string): Promise<Store>
  clock: Clock
  ids: Ids
  log: Log
  authenticate: Authenticate
  /** this process's name among several on one store */
  worker: string
  /** no other process uses the store */
  exclusive: boolean
  concurrency: number
  /** how long a claim of work lasts without a sign of life */
  leaseMs?: number
}

export interface Cloud {
  platform: Platform
  app: Listener
  engine: Engine
  /** a context of the cloud itself, for work that no user asked for */
  systemContext(): Context
  /** makes rows that must exist, starts the watches and the work engine */
  start(hosts: Host[]): Promise<void>
  stop(): Promise<void>
}

const domainNames = domains.map(({ name }) => name)

/** What domains allow when no operator says otherwise: the same for all clouds of a process. */
let ownPolicy: Policy | undefined

function readOwnPolicy(): Policy {
  const policy = new Policy()
  policy.load(basePolicy)
  for (const domain of domains) {
    policy.load(basePolicy, domain.name)
    policy.load(domain.policy, domain.name, domain.policyScopes)
  }
  return policy
}

/** The domains' own stores, by name, migrated. */
async function openStores({ openOwn }: CloudParts): Promise<Map<string, Store>> {
  const stores = new Map<string, Store>()
  for (const [name, lists] of ownMigrationLists) {
    const store = await openOwn(name)
    stores.set(name, store)
    await migrate(store, lists, name)
  }
  return stores
}

/** Every API, and the guests' consoles. */
function listenerOf(platform: Platform, authenticate: Authenticate): Listener {
  const app = createListener(platform, {
    services: [...platform.services, openapiService(platform.services)],
    doors: domains.flatMap((domain) => domain.doors ?? []),
    authenticate,
  })
  const consoles = createConsoleProxy(platform)
  // `Upgrade: h2c`, which some clients offer with their first request, is answered as if it were not there
  Object.assign(app.server, { shouldUpgradeCallback: consoles.isFor })
  app.server.on('upgrade', consoles.open)
  return app
}

/** Migrates the stores and builds the cloud; nothing runs and nothing listens yet. */
export async function createCloud(parts: CloudParts): Promise<Cloud> {
  const { config, store, clock, ids, log } = parts
  await migrate(store, migrationLists)
  store.declareFacts(facts)
  const stores = await openStores(parts)
  const policy = new Policy((ownPolicy ??= readOwnPolicy()))
  loadPolicyFiles(policy, domainNames, { dataDir: config.dataDir, log })
  const hosts = new HostRegistry()
  const services = domains.flatMap((domain) => domain.services)
  const platform: Platform = {
    config,
    store,
    stores,
    clock,
    ids,
    log,
    policy,
    hosts,
    work: createWorkQueue(() => engine.wake()),
    exclusive: parts.exclusive,
    services,
    caches: new Map(),
  }
  const engine = new Engine(
    platform,
    domains.flatMap(({ work }) => work),
    {
      worker: parts.worker,
      concurrency: parts.concurrency,
      exclusive: parts.exclusive,
      ...defined({ leaseMs: parts.leaseMs }),
    },
  )
  const app = listenerOf(platform, parts.authenticate)
  const systemContext = () => Context.ofCloud(platform, 'the first start, and what runs by itself')
  return {
    platform,
    app,
    engine,
    systemContext,
    async start(connected) {
      for (const host of connected) hosts.add(afterDurable(host, store))
      await timelineBaseline(systemContext(), facts)
      for (const domain of domains) await domain.start?.(systemContext())
      await engine.start()
      await engine.ensureReconcilers(systemContext())
    },
    async stop() {
      await app.close()
      await engine.stop()
      for (const domain of [...domains].reverse()) await domain.stop?.(systemContext())
      for (const host of hosts.names()) await hosts.find(host)?.close()
      for (const own of stores.values()) await own.close()
      await store.close()
    },
  }
}

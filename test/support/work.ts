// A work engine on a bare store, for tests of the engine itself: no domain, no API.
import { Policy } from '../../src/platform/api/policy.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { defaultConfig } from '../../src/platform/config.ts'
import { Context, type Platform } from '../../src/platform/context.ts'
import { eventMigrations } from '../../src/platform/events.ts'
import { HostRegistry } from '../../src/platform/hosts.ts'
import { systemIds } from '../../src/platform/ids.ts'
import { silentLog } from '../../src/platform/log.ts'
import { migrate } from '../../src/platform/store/migrate.ts'
import type { Store } from '../../src/platform/store/store.ts'
import type { WorkDefinition } from '../../src/platform/work/definition.ts'
import { Engine } from '../../src/platform/work/engine.ts'
import { itemFetch, workMigrations } from '../../src/platform/work/items.ts'
import { createWorkQueue } from '../../src/platform/work/queue.ts'
import { until } from './until.ts'

export async function setUp(store: Store, definitions: WorkDefinition[], worker = 'w1') {
  await migrate(store, [
    { domain: 'work', migrations: workMigrations },
    { domain: 'events', migrations: eventMigrations },
  ])
  const platform: Platform = {
    config: { ...defaultConfig, dataDir: '', publicUrl: '' },
    store,
    clock: systemClock,
    ids: systemIds,
    log: silentLog,
    policy: new Policy(),
    hosts: new HostRegistry(),
    work: createWorkQueue(() => engine.wake()),
    exclusive: true,
    services: [],
    stores: new Map(),
    caches: new Map(),
  }
  const engine = new Engine(platform, definitions, { worker, concurrency: 4, exclusive: true })
  const ctx = Context.ofCloud(platform, 'a test', 'req-test')
  return { engine, ctx, platform }
}

export const settled = (ctx: Context, id: string) => until(async () => (await itemFetch(ctx.db, id)) === undefined)

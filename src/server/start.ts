// Starts a cloud on this machine: data directory, store, host, domains, listener, and at the first start what a
// new cloud holds. Returns when every API answers.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Host } from '../contract/host.ts'
import { authenticate } from '../identity/index.ts'
import { imageSource } from '../image/index.ts'
import { hostsKnown, metadataSource } from '../compute/index.ts'
import { createFakeHost, createRealHost } from '../host/index.ts'
import { systemClock } from '../platform/clock.ts'
import type { Config } from '../platform/config.ts'
import { defined } from '../platform/defined.ts'
import { systemIds } from '../platform/ids.ts'
import { createLog } from '../platform/log.ts'
import { loopFigures, watchLoop } from '../platform/loop-watch.ts'
import { databaseClock, postgresNowMs } from '../platform/store/database-clock.ts'
import { openPostgres } from '../platform/store/postgres.ts'
import { openBulkStore, openSqliteStore } from '../platform/store/sqlite.ts'
import { createStore, type Store } from '../platform/store/store.ts'
import { bootstrap } from './bootstrap.ts'
import { writeClientFiles } from './client-files.ts'
import { createCloud, type Cloud } from './cloud.ts'
import { closeDataDir } from './data-modes.ts'
import { databaseClaim } from './database-claim.ts'
import { hostName } from './host-name.ts'
import { makeOperatorKey, withOperatorKey } from './operator-key.ts'
import { hasSecrets, readSecrets } from './secrets.ts'
import { startImage, type StartedImage } from './start-image.ts'
import { watchStrayErrors } from './stray-errors.ts'

export interface StartOptions {
  config: Config
  /** how this machine is called: the host's name in a new data directory */
  hostname: string
  /** a file, or 1 for standard output */
  logTo: string | number
  /** tells a person what goes on during a long first start */
  progress(message: string): void
  /** a host that this process reaches, in place of the machine it runs on */
  host?: Host
  /** how long a claim of work lasts without a sign of life */
  leaseMs?: number
}

export interface RunningCloud {
  cloud: Cloud
  cloudsYaml: string
  image: Omit<StartedImage, 'stop'>
  /** the log goes on in a file of its name, whatever became of the old one */
  reopenLog(): void
  /** stops control; guests and network daemons go on */
  close(): Promise<void>
}

const workConcurrency = 32

export async function startCloud(options: StartOptions): Promise<RunningCloud> {
  const { config } = options
  mkdirSync(config.dataDir, { recursive: true, mode: 0o700 })
  closeDataDir(config.dataDir)
  const log = createLog({ level: config.logLevel, destination: options.logTo })
  const unwatch = watchStrayErrors(log)
  const isOld = hasSecrets(config.dataDir)
  const secrets = readSecrets(config.dataDir, systemIds)
  const store = await openStore(config)
  const shared = config.databaseUrl === undefined ? null : await databaseClock({ read: () => postgresNowMs(store), own: systemClock, log })
  const cloud = await createCloud({
    config,
    store,
    openOwn: (name) => openOwn(config, name),
    clock: shared ?? systemClock,
    ids: systemIds,
    log,
    authenticate: withOperatorKey(authenticate, makeOperatorKey(config.dataDir, systemIds)),
    worker: `${options.hostname}-${process.pid}`,
    exclusive: config.databaseUrl === undefined,
    concurrency: workConcurrency,
    ...defined({ leaseMs: options.leaseMs }),
  })
  if (config.databaseUrl !== undefined) {
    const claim = { dataDir: config.dataDir, machine: options.hostname, isNew: !isOld, ids: systemIds }
    await databaseClaim(store, claim).catch(async (error: unknown) => {
      await store.close()
      throw error
    })
  }
  const unwatchLoop = watchLoop(log, loopFigures(cloud.platform.caches))
  const host = options.host ?? (await openHost(cloud, { machine: options.hostname, isOld }))
  await cloud.app.listen(config.listen)
  await cloud.start([host])
  await bootstrap(cloud.systemContext(), { secrets, progress: (message) => options.progress(message) })
  const cloudsYaml = writeClientFiles(config, secrets)
  const image = await startImage(cloud)
  log.info({ listen: config.listen, drivers: config.drivers, dataDir: config.dataDir }, 'the cloud is up')
  return {
    cloud,
    cloudsYaml,
    image,
    reopenLog: () => log.reopen(),
    async close() {
      await image.stop()
      shared?.stop()
      await cloud.stop()
      unwatchLoop()
      unwatch()
      log.info({}, 'the cloud is down')
      log.flush()
    },
  }
}

/** The machine as the host that this data directory is. */
async function openHost(cloud: Cloud, { machine, isOld }: { machine: string; isOld: boolean }): Promise<Host> {
  const { platform } = cloud
  const { config, log } = platform
  const isShared = config.databaseUrl !== undefined
  const name = await hostName({ dataDir: config.dataDir, machine, isOld, isShared, known: () => hostsKnown(cloud.systemContext()) })
  const options = {
    name,
    dataDir: config.dataDir,
    clock: systemClock,
    ids: systemIds,
    log,
    images: imageSource(platform),
    metadata: metadataSource(platform),
  }
  return config.drivers === 'real' ? createRealHost(options) : createFakeHost(options)
}

const parts = { clock: systemClock, ids: systemIds }

async function openStore(config: Config): Promise<Store> {
  if (config.databaseUrl !== undefined) return createStore('postgres', await openPostgres(config.databaseUrl), parts)
  return openSqliteStore(join(config.dataDir, 'stackling.db'), parts)
}

/** connections of a store of a domain's own, beside those of the main one */
const ownConnections = 6

/** A file of its own, or a schema of its own in the same database. */
async function openOwn({ databaseUrl, dataDir }: Config, name: string): Promise<Store> {
  if (databaseUrl !== undefined) return createStore('postgres', await openPostgres(databaseUrl, ownConnections, name), parts)
  return openBulkStore(join(dataDir, `${name}.db`), parts)
}

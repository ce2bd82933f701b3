// `stackling up`: starts a cloud on a data directory, in this process or (--detach) in one of its own.
import { hostname } from 'node:os'
import { chooseAccelerator, probeAccelerator } from '../host/guests/accelerator.ts'
import { defaultConfig, type Config } from '../platform/config.ts'
import { defined } from '../platform/defined.ts'
import { startCloud } from '../server/start.ts'
import { chooseDrivers, type ChosenDrivers } from './choose-drivers.ts'
import { explain } from './complaint.ts'
import { dataDir, forgetProcess, prepareDataDir, takeDataDir, writeProcess, type DataDir } from './data-dir.ts'
import { databaseUrl, rememberDatabase, seeThatDatabaseIsNamed } from './database-option.ts'
import { listenWarnings, parseListen, parsePublicUrl, urlOf } from './listen-option.ts'
import { s3Door, seeThatPortIsFree } from './s3-listen.ts'
import { settingsRead } from './settings-file.ts'
import { collectStartGarbage } from './start-garbage.ts'
import { stacklingVersion } from './version.ts'
import { imageLine, welcome } from './welcome.ts'

export interface UpOptions {
  data?: string
  listen: string
  drivers?: string
  database?: string
  publicUrl?: string
  s3Listen?: string
  /** false: what ran when the cloud or the machine stopped stays off */
  resume?: boolean
}

/** What is told when every API answers. */
export interface Ready {
  kind: 'ready'
  /** where this machine reaches it */
  url: string
  publicUrl: string
  /** of the S3 API; null: off */
  s3Url: string | null
  warnings: string[]
  /** guests run without KVM */
  isEmulated: boolean
  drivers: ChosenDrivers
  /** the guest image is being made: a further message says how that went */
  isImageOnItsWay: boolean
  /** why there is no guest image */
  imageFault: string | null
}

export interface ImageMessage {
  kind: 'image'
  /** why there is none after the first try; null: it is there */
  fault: string | null
}

/** What a detached process tells the one that started it. */
export type UpMessage = { kind: 'progress'; text: string } | Ready | ImageMessage | { kind: 'failed'; text: string }

const closeTimeoutMs = 60_000

/** Runs a cloud until a signal ends it. Guests and networks go on when it ends; `down` ends those too. */
export async function up(options: UpOptions): Promise<number> {
  process.umask(0o077) // nothing that is made from here on is anybody else's to read
  const dir = dataDir(options.data)
  try {
    return await run(dir, options)
  } catch (error) {
    const text = explain(error, dir.path)
    if (text === null || !process.send) throw error
    tell(dir, { kind: 'failed', text })
    return 1
  }
}

async function run(dir: DataDir, options: UpOptions): Promise<number> {
  const listen = await parseListen(options.listen)
  const given = options.publicUrl === undefined ? undefined : parsePublicUrl(options.publicUrl)
  const database = databaseUrl(options.database)
  const chosen = chooseDrivers(options.drivers)
  prepareDataDir(dir)
  seeThatDatabaseIsNamed(dir, database)
  const lock = takeDataDir(dir)
  await seeThatPortIsFree(listen)
  const url = urlOf(listen)
  const publicUrl = given ?? url
  const { drivers, reason: driversReason } = chosen
  const resumeGuests = options.resume !== false
  const common = { ...defaultConfig, dataDir: dir.path, listen, publicUrl, resumeGuests, drivers }
  const set: Config = { ...common, ...defined({ databaseUrl: database }), ...settingsRead(dir.path) }
  const s3 = await s3Door({ option: options.s3Listen, dataDir: dir.path, listen, publicUrl: given, settings: set.object })
  const config: Config = { ...set, s3 }
  writeProcess(dir, {
    url,
    publicUrl,
    s3Url: s3?.publicUrl ?? null,
    drivers,
    driversReason,
    version: stacklingVersion(),
    startedAt: new Date().toISOString(),
  })
  try {
    await serve(dir, config, { url, warnings: listenWarnings(listen, given), chosen })
    return 0
  } finally {
    forgetProcess(dir)
    lock.release()
  }
}

interface Serving {
  url: string
  warnings: string[]
  chosen: ChosenDrivers
}

/** Starts the cloud, says so, and ends it when a signal asks for that. */
async function serve(dir: DataDir, config: Config, { url, warnings, chosen }: Serving): Promise<void> {
  const stopped = waitForStop()
  const progress = (text: string) => tell(dir, { kind: 'progress', text })
  progress(`${chosen.drivers} drivers: ${chosen.reason}`)
  const cloud = await startCloud({ config, hostname: hostname(), logTo: dir.logFile, progress })
  if (config.databaseUrl !== undefined) rememberDatabase(dir, config.databaseUrl)
  collectStartGarbage()
  const { isDecided, fault } = cloud.image
  const isEmulated = chosen.drivers === 'real' && chooseAccelerator(probeAccelerator()) === 'tcg'
  const image = { isImageOnItsWay: !isDecided, imageFault: isDecided ? await fault : null }
  tell(dir, {
    kind: 'ready',
    url,
    publicUrl: config.publicUrl,
    s3Url: config.s3?.publicUrl ?? null,
    warnings,
    isEmulated,
    drivers: chosen,
    ...image,
  })
  if (!isDecided) void fault.then((text) => tell(dir, { kind: 'image', fault: text }))
  process.on('SIGHUP', () => cloud.reopenLog())
  await stopped
  await within(closeTimeoutMs, cloud.close())
}

/** Says it to the process that waits for us, or, in the foreground, to the person. */
function tell(dir: DataDir, message: UpMessage): void {
  if (process.send) {
    if (process.connected) process.send(message, undefined, undefined, () => {}) // it may have gone away: then nobody needs to know
  } else if (message.kind === 'progress') console.log(`  ${message.text}`)
  else if (message.kind === 'ready') console.log(welcome(message, dir))
  else if (message.kind === 'image') console.log(imageLine(message))
}

/** Resolves at the first signal that asks for the end. */
function waitForStop(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => resolve())
    process.on('SIGHUP', () => undefined) // what asks for a log anew, or a terminal that closes, does not end a cloud
  })
}

async function within(timeoutMs: number, work: Promise<void>): Promise<void> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error(`closing took longer than ${timeoutMs / 1000} s`)), timeoutMs)
  try {
    await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}

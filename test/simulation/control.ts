// A simulated control process: the product's own cloud (APIs, domains, store, engine) on virtual time, one life after
// another. It may be killed between any two of its awaits, and stopped and continued; the database and the images stay.
import type { ImageSource } from '../../src/contract/images.ts'
import { HostError } from '../../src/contract/call.ts'
import { imageSource } from '../../src/image/index.ts'
import { createCloud, type Cloud } from '../../src/server/cloud.ts'
import { defaultConfig } from '../../src/platform/config.ts'
import type { SteadyClock } from '../../src/platform/clock.ts'
import { databaseClock } from '../../src/platform/store/database-clock.ts'
import type { Log } from '../../src/platform/log.ts'
import { fakeBlobs, type FakeDisk } from '../../src/object/blobs/backends/fake.ts'
import { testAuthenticate } from '../support/cloud.ts'
import type { SimulatedDatabase } from './database.ts'
import { imageStoreOver, type ImageFiles } from './image-files.ts'
import { linkTo } from './link.ts'
import './loaded.ts'
import type { Machine } from './machine.ts'
import { between, chance, seededIds, stream, type Random } from './random.ts'
import type { Owner, Scheduler } from './scheduler.ts'
import { calm, type Weather } from './weather.ts'
import { injectInto } from '../support/inject.ts'

export interface ControlOptions {
  name: string
  seed: number
  scheduler: Scheduler
  weather: Weather
  database: SimulatedDatabase
  objects: SimulatedDatabase
  files: ImageFiles
  blobs: FakeDisk
  machines: Machine[]
  /** no other control process uses the database */
  exclusive: boolean
  log: Log
  onViolation(text: string): void
}

export interface Answer {
  status: number
  headers: Record<string, unknown>
  body: any
  text: string
}

export interface ClientRequest {
  as: string
  body?: unknown
  headers?: Record<string, string>
}

/** One life of the process. */
class Life implements Owner {
  readonly name: string
  dead = false
  frozen = false
  /** of those that wait for an answer of this life */
  onDeath = new Set<() => void>()
  constructor(name: string) {
    this.name = name
  }
}

/** Nobody knows what became of the request. */
export class ConnectionLost extends Error {}

const concurrency = 16
/** of the writes of images: long enough that the process may die in the midst of one */
const slowWrites = 0.3
const slowestWriteMs = 100_000

export class Control {
  readonly name: string
  #options: ControlOptions
  #life: Life
  #lives = 0
  #cloud: Cloud | null = null
  /** added to the time of day that its machine says: the clock was set */
  skewMs = 0

  constructor(options: ControlOptions) {
    this.#options = options
    this.name = options.name
    this.#life = Object.assign(new Life(options.name), { dead: true })
  }

  get isUp(): boolean {
    return this.#cloud !== null && !this.#life.dead
  }
  get isFrozen(): boolean {
    return this.#life.frozen
  }
  get isDead(): boolean {
    return this.#life.dead
  }
  get cloud(): Cloud | null {
    return this.isUp ? this.#cloud : null
  }

  /** Begins a new life; resolves when the process is ready, or never when it is killed before. */
  async start(): Promise<void> {
    const { name, seed, scheduler, database, objects, files, blobs, exclusive, machines, log, weather } = this.#options
    const life = new Life(`${name}.${++this.#lives}`)
    this.#life = life
    const ids = seededIds(stream(seed, life.name))
    const slow = stream(seed, `${life.name} images`)
    const own: SteadyClock = {
      nowMs: () => Math.floor(scheduler.nowMs + this.skewMs),
      steadyMs: () => scheduler.nowMs,
      after: (ms, fn) => scheduler.after(life, ms, 'timer', fn),
    }
    const pause = (label: string) => scheduler.pause(life, label)
    const client = {
      clock: own,
      ids,
      pause,
      exclusive,
      worker: life.name,
      loses: () => !exclusive && weather.happens('commitLost'),
    }
    const store = database.openFor(client)
    const clock = exclusive ? own : await databaseClock({ read: () => database.nowMs(pause), own, log })
    const config = { ...defaultConfig, dataDir: '/nonexistent', publicUrl: 'http://127.0.0.1:9000', logLevel: 'error' as const }
    const cloud = await createCloud({
      config,
      store,
      openOwn: async () => objects.openFor(client),
      clock,
      ids,
      log,
      authenticate: testAuthenticate,
      worker: life.name,
      exclusive,
      concurrency,
    })
    cloud.platform.caches.set('object.blob-driver', fakeBlobs({ disk: blobs, pause }))
    cloud.platform.caches.set('image.store', imageStoreOver(files, { pause, write: () => this.#imageWrite(life, slow) }))
    await cloud.start(machines.map((machine) => linkTo({ machine, control: life, scheduler, weather })))
    if (exclusive) this.#tookBack(life.name)
    this.#cloud = cloud
  }

  #imageWrite(life: Life, random: Random): Promise<void> {
    const { scheduler, weather } = this.#options
    if (weather.climate === calm || !chance(random, slowWrites)) return scheduler.pause(life, 'image write')
    return new Promise((resolve) => void scheduler.after(life, between(random, 0, slowestWriteMs), 'slow image write', resolve))
  }

  /** Nobody else can do what the life before had in hand. */
  #tookBack(worker: string): void {
    const { database, onViolation } = this.#options
    const left = database.rows<{ name: string; worker: string }>(
      "select name, worker from work_items where state = 'running' and worker <> ?",
      worker,
    )
    for (const item of left) onViolation(`${worker} is up, and ${item.name} waits for ${item.worker}, which is dead`)
  }

  /** kill -9 */
  kill(): void {
    this.#life.dead = true
    this.#cloud = null
    for (const tell of this.#life.onDeath) tell()
  }

  /** SIGSTOP */
  freeze(): void {
    this.#life.frozen = true
  }

  /** SIGCONT */
  thaw(): void {
    this.#life.frozen = false
    this.#options.scheduler.thaw(this.#life)
  }

  /** What a client would send; rejects with ConnectionLost when the process dies before it has answered. */
  async request(method: string, url: string, { as, body, headers }: ClientRequest): Promise<Answer> {
    const { cloud } = this
    if (!cloud) throw new ConnectionLost()
    const bytes = Buffer.isBuffer(body)
    const asked = injectInto(cloud.app, {
      method: method as 'GET',
      url,
      headers: { 'x-auth-token': as, ...(body === undefined || bytes ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { payload: bytes ? body : JSON.stringify(body) }),
    })
    const answer = await this.#unlessDead(asked, () => new ConnectionLost())
    const isJson = String(answer.headers['content-type'] ?? '').includes('json') && answer.payload !== ''
    return {
      status: answer.statusCode,
      headers: answer.headers,
      body: isJson ? JSON.parse(answer.payload) : undefined,
      text: answer.payload,
    }
  }

  /** What a machine would fetch; it too hears when the process dies. */
  async openImage(imageId: string): ReturnType<ImageSource['open']> {
    const unreachable = () => new HostError('unreachable', `${this.name} does not answer`)
    const { cloud } = this
    if (!cloud) throw unreachable()
    return this.#unlessDead(imageSource(cloud.platform).open(imageId), unreachable)
  }

  #unlessDead<T>(asked: Promise<T>, lost: () => Error): Promise<T> {
    const life = this.#life
    return new Promise((resolve, reject) => {
      const tell = () => reject(lost())
      life.onDeath.add(tell)
      const heard = () => life.onDeath.delete(tell)
      asked.then(
        (answer) => (heard(), resolve(answer)),
        (error: unknown) => (heard(), reject(error)),
      )
    })
  }
}

// A simulated world: machines, control processes on one database, clients, weather; and time, which passes only when
// `drive` or `pass` lets it.
import type { ImageSource } from '../../src/contract/images.ts'
import { HostError } from '../../src/contract/call.ts'
import type { Clock } from '../../src/platform/clock.ts'
import { silentLog, type Log } from '../../src/platform/log.ts'
import { fakeDisk, fakeDiskLosePower, type FakeDisk } from '../../src/object/blobs/backends/fake.ts'
import { clientOf, type Client } from './client.ts'
import { Control } from './control.ts'
import { SimulatedDatabase } from './database.ts'
import { isOnlyDisk } from './disks.ts'
import { GuestBook } from './guest-book.ts'
import type { ImageFiles } from './image-files.ts'
import { broken, silent } from './link.ts'
import { Machine } from './machine.ts'
import { between, pick, stream } from './random.ts'
import { Scheduler, type Owner } from './scheduler.ts'
import type { Trace } from './trace.ts'
import { Weather } from './weather.ts'

export interface WorldOptions {
  seed: number
  /** of virtual time */
  startMs: number
  hosts: number
  controls: number
  trace: Trace
  /** what an earlier world left: its database and its images */
  from?: { database: Uint8Array; objects: Uint8Array; files: ImageFiles }
}

/** Nobody in particular: what happens by itself. */
export const nature: Owner = { name: 'world', dead: false, frozen: false }

/** several processes share a database on a machine of its own, whose clock nobody has set well */
const databaseAheadMostMs = 600_000

/** small enough that now and then no host is valid */
const inventory = { vcpus: 16, ramMib: 65_536, diskGib: 2_000, buildLimit: 4 }

export class World {
  readonly scheduler: Scheduler
  readonly weather: Weather
  readonly database: SimulatedDatabase
  /** the store that object storage has of its own */
  readonly objects: SimulatedDatabase
  readonly files: ImageFiles
  /** objects' bytes, on the disk of the databases */
  readonly blobs: FakeDisk = fakeDisk()
  readonly machines: Machine[]
  readonly controls: Control[]
  readonly book: GuestBook
  readonly violations: string[] = []
  #options: WorldOptions

  constructor(options: WorldOptions) {
    const { seed, hosts, controls, trace, from } = options
    this.#options = options
    this.scheduler = new Scheduler(options.startMs, { random: stream(seed, 'scheduler'), trace })
    this.weather = new Weather(stream(seed, 'weather'))
    const databaseAheadMs = controls > 1 ? between(stream(seed, 'database clock'), 0, databaseAheadMostMs) : 0
    const clock = () => Math.floor(this.scheduler.nowMs + databaseAheadMs)
    this.database = new SimulatedDatabase({ clock, watchesWork: controls > 1, content: from?.database })
    this.objects = new SimulatedDatabase({ clock, watchesWork: false, content: from?.objects })
    this.files = new Map(from?.files)
    this.book = new GuestBook((machine, server) => isOnlyDisk(this.database, machine, server))
    this.machines = Array.from({ length: hosts }, (_, index) => this.#machine(`host${String(index + 1).padStart(3, '0')}`))
    const common = {
      seed,
      scheduler: this.scheduler,
      weather: this.weather,
      database: this.database,
      objects: this.objects,
      files: this.files,
      blobs: this.blobs,
      machines: this.machines,
      exclusive: controls === 1,
      log: this.#log(),
      onViolation: (text: string) => this.violation(text),
    }
    this.controls = Array.from({ length: controls }, (_, index) => new Control({ ...common, name: `control${index + 1}` }))
    this.scheduler.inspect = () => {
      if (this.databases.some(({ inTransaction }) => inTransaction)) throw new Error('a transaction waits for the outside world')
      for (const { violations } of [this.book, ...this.databases])
        if (violations.length > 0) for (const text of violations.splice(0)) this.violation(text)
    }
  }

  /** They share a disk. */
  get databases(): SimulatedDatabase[] {
    return [this.database, this.objects]
  }

  /** All that the disk does not have is gone. Whoever used it must be dead. */
  losePower(): void {
    for (const database of this.databases) database.losePower()
    fakeDiskLosePower(this.blobs, stream(this.#options.seed, `power ${this.scheduler.steps}`))
  }

  /** Nobody's in particular. */
  get clock(): Clock {
    return { nowMs: () => this.scheduler.nowMs, after: (ms, fn) => this.scheduler.after(nature, ms, 'timer', fn) }
  }

  /** Everything is up. */
  async start(): Promise<void> {
    for (const machine of this.machines) await machine.start()
    for (const control of this.controls) await this.drive(control.start())
  }

  violation(text: string): void {
    this.tell(`VIOLATION: ${text}`)
    this.violations.push(text)
  }

  tell(text: string): void {
    this.scheduler.trace.tell(this.scheduler.nowMs, text)
  }

  client(as: string): Client {
    const { scheduler, weather, controls } = this
    return clientOf({
      as,
      scheduler,
      weather,
      controls,
      random: stream(this.#options.seed, `client ${as}`),
      onViolation: (text) => this.violation(text),
    })
  }

  /** Lets time pass until the promise is settled. */
  async drive<T>(promise: Promise<T>): Promise<T> {
    let settled = false
    promise.then(
      () => (settled = true),
      () => (settled = true),
    )
    await this.scheduler.run(Number.MAX_SAFE_INTEGER, () => settled)
    if (!settled) throw new Error('nothing happens any more, and what was waited for never came')
    return promise
  }

  /** Lets so much time pass. */
  async pass(ms: number): Promise<void> {
    await this.scheduler.run(this.scheduler.nowMs + ms)
  }

  #machine(name: string): Machine {
    const { seed } = this.#options
    const images = { open: (imageId: string) => this.#openImage(imageId) }
    return new Machine({ name, scheduler: this.scheduler, random: stream(seed, name), images, book: this.book, inventory })
  }

  /** Machines fetch images from whichever control process is up. */
  async #openImage(imageId: string): ReturnType<ImageSource['open']> {
    const up = this.controls.filter((control) => control.isUp && !control.isFrozen)
    if (up.length === 0) throw new HostError('unreachable', 'no control process answers')
    const control = up.length === 1 ? (up[0] as Control) : pick(stream(this.#options.seed, `${imageId}${this.scheduler.steps}`), up)
    const opened = await control.openImage(imageId)
    if (!this.weather.happens('imageBreaks')) return opened
    const at = this.weather.breaksAt()
    return { ...opened, stream: at < 0.5 ? broken(opened.stream, at) : silent(opened.stream, at) }
  }

  /** What the product logs; an error that is a bug is a violation. */
  #log(): Log {
    const meet = (fields: object, message: string) => {
      const { err } = fields as { err?: unknown }
      if (isBug(err)) this.violation(`${message}: ${err instanceof Error ? (err.stack ?? err.message) : String(err)}`)
      else this.tell(`log: ${message} ${err instanceof Error ? err.message : ''}`)
    }
    const log: Log = { ...silentLog, warn: meet, error: meet, child: () => log }
    return log
  }
}

/** What no fault of the world explains. */
export function isBug(error: unknown): boolean {
  if (error === undefined || error === null) return false
  if (!(error instanceof Error)) return true
  const { code } = error as { code?: unknown }
  return (
    error instanceof TypeError ||
    error instanceof RangeError ||
    error instanceof ReferenceError ||
    error.name === 'AssertionError' ||
    code === 'ERR_SQLITE_ERROR' ||
    /^assert/i.test(error.message)
  )
}

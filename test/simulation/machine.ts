// A simulated machine: a fake host over a journal that outlives everything, an agent process that may be restarted, and
// the weather around it: dead, cut off, full, or with a driver that fails. Control reaches it through link.ts only.
import type { HostInventory } from '../../src/contract/host.ts'
import type { GuestReport, GuestSpec } from '../../src/contract/guests.ts'
import type { ImageSource } from '../../src/contract/images.ts'
import { createFakeHost, type FakeHost } from '../../src/host/index.ts'
import { memoryJournal, type Journal } from '../../src/host/journal.ts'
import { silentLog } from '../../src/platform/log.ts'
import type { Clock } from '../../src/platform/clock.ts'
import type { Owner, Scheduler } from './scheduler.ts'
import type { GuestBook } from './guest-book.ts'
import type { Random } from './random.ts'

export interface MachineOptions {
  name: string
  scheduler: Scheduler
  random: Random
  images: ImageSource
  book: GuestBook
  inventory: Partial<HostInventory>
}

interface FakeGuestValue {
  spec: Omit<GuestSpec, 'configDrive'>
  power: string
}

class Agent implements Owner {
  readonly name: string
  dead = false
  frozen = false
  constructor(name: string) {
    this.name = name
  }
}

export class Machine {
  readonly name: string
  #options: MachineOptions
  #journal: Journal
  #agent: Agent
  #host!: FakeHost
  #watchers = new Set<(report: GuestReport) => void>()
  #fullUntilRestart = false

  constructor(options: MachineOptions) {
    this.#options = options
    this.name = options.name
    this.#journal = noted(memoryJournal(), options)
    this.#agent = new Agent(options.name)
  }

  async start(): Promise<void> {
    const { name, scheduler, random, images, inventory } = this.#options
    const agent = new Agent(name)
    this.#agent = agent
    // what an agent that is gone still had in hand changes nothing any more
    const journal: Journal = { ...this.#journal, put: (key, value) => void (agent.dead || this.#journal.put(key, value)) }
    const clock: Clock = { nowMs: () => Math.floor(scheduler.nowMs), after: (ms, fn) => scheduler.after(agent, ms, 'timer', fn) }
    this.#host = (await createFakeHost({ name, clock, ids: { fraction: random }, log: silentLog, images, journal, inventory })) as FakeHost
    if (this.#fullUntilRestart) this.#host.world.freeGib = 0
    this.#host.guests.watch((report) => this.#watchers.forEach((tell) => tell(report)))
  }

  /** The agent's process dies and comes up again: what it was doing is cut off, guests go on. */
  async restart(): Promise<void> {
    this.#agent.dead = true
    this.#host.world.stop()
    await this.start()
  }

  get host(): FakeHost {
    return this.#host
  }

  watch(tell: (report: GuestReport) => void): () => void {
    this.#watchers.add(tell)
    return () => void this.#watchers.delete(tell)
  }

  full(isFull: boolean): void {
    this.#fullUntilRestart = isFull
    this.#host.world.freeGib = isFull ? 0 : 10_000
  }

  /** All that it holds, read past every outage: for those who check. */
  guests(): { id: string; power: string; spec: Omit<GuestSpec, 'configDrive'> }[] {
    return this.#journal.keys('guest/').map((key) => {
      const { power, spec } = this.#journal.get<FakeGuestValue>(key) as FakeGuestValue
      return { id: key.slice('guest/'.length), power, spec }
    })
  }

  /** Ids of the volumes whose data it has. */
  volumes(): string[] {
    return this.#journal.keys('volume/').map((key) => key.slice('volume/'.length))
  }

  taps(): string[] {
    return Object.keys(this.#journal.get<object>('network/taps') ?? {})
  }

  /** Keys of all that would be left if the cloud were empty: guests, volumes, cached images, taps. */
  holdings(): string[] {
    const spec = this.#journal.get<Record<string, { id?: string; networkId?: string }[]>>('network/spec') ?? {}
    const network = ['networks', 'ports', 'dhcp', 'routers'].flatMap((part) =>
      (spec[part] ?? []).map((item) => `${part} ${item.id ?? item.networkId}`),
    )
    const taps = this.taps().map((tap) => `tap ${tap}`)
    return [...this.#journal.keys('guest/'), ...this.#journal.keys('volume/'), ...network, ...taps].map((what) => `${this.name}: ${what}`)
  }
}

/** The journal, with every change of a guest and every fence noted in the book of all machines. */
function noted(journal: Journal, { name, book }: MachineOptions): Journal {
  return {
    ...journal,
    put(key, value) {
      if (key.startsWith('fence/'))
        book.noteFence(name, key.slice('fence/'.length), { before: journal.get<number>(key), now: value as number | undefined })
      journal.put(key, value)
      if (key.startsWith('guest/'))
        book.note(name, key.slice('guest/'.length), {
          guest: value as FakeGuestValue | undefined,
          fence: journal.get<number>(`fence/${key}`),
        })
    },
  }
}

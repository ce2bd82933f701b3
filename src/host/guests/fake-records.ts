// What the fake hypervisor keeps of its guests, in the host's journal, and how they change by themselves.
import type { GuestPower, GuestReport, GuestSpec } from '../../contract/guests.ts'
import { HostError } from '../../contract/call.ts'
import type { FakeWorld } from '../fake-world.ts'
import { madeOf } from './made.ts'

/** What the journal keeps of a guest. */
export interface FakeGuest {
  spec: Omit<GuestSpec, 'configDrive'>
  power: GuestPower | 'crashed'
  boots: { atMs: number; reason: string }[]
  /** when it will end by itself, and how */
  ends: { atMs: number; power: 'crashed' | 'stopped' } | null
  fault: string | null
  endedWithHost?: boolean
}

export interface FakeRecords {
  key(id: string): string
  ids(): string[]
  load(id: string): FakeGuest | undefined
  mustLoad(id: string): FakeGuest
  mustRun(id: string): FakeGuest
  put(guest: FakeGuest): void
  report(id: string): GuestReport
  /** The guest changes by itself: everybody who watches hears of it. */
  change(id: string, power: 'crashed' | 'stopped', fault: string | null, endedWithHost?: boolean): void
  scheduleEnd(id: string, ends: FakeGuest['ends']): void
  watch(onChange: (report: GuestReport) => void): () => void
}

export const isUp = (power: FakeGuest['power']) => power === 'running' || power === 'paused'

const key = (id: string) => `guest/${id}`

function reportOf(id: string, guest: FakeGuest | undefined): GuestReport {
  if (!guest) return { id, generation: 0, power: 'absent', pid: null, fault: null, made: null }
  return {
    id,
    generation: guest.spec.generation,
    power: guest.power,
    pid: null,
    fault: guest.fault,
    made: madeOf(guest.spec),
    ...(guest.endedWithHost ? { endedWithHost: true } : {}),
  }
}

export function createFakeRecords({ journal, clock, later, onReturn }: FakeWorld): FakeRecords {
  const watchers = new Set<(report: GuestReport) => void>()
  const load = (id: string) => journal.get<FakeGuest>(key(id))
  const ids = () => journal.keys('guest/').map((each) => each.slice('guest/'.length))
  const mustLoad = (id: string) => {
    const guest = load(id)
    if (!guest) throw new HostError('not_found', `the guest ${id} is not on this host`)
    return guest
  }
  const change: FakeRecords['change'] = (id, power, fault, endedWithHost = false) => {
    const guest = load(id)
    // the memory of a suspended one is a file, and outlives its host
    if (!guest || !isUp(guest.power)) return
    journal.put(key(id), { ...guest, power, fault, ends: null, endedWithHost } satisfies FakeGuest)
    for (const tell of watchers) tell(reportOf(id, load(id)))
  }
  const scheduleEnd: FakeRecords['scheduleEnd'] = (id, ends) => {
    if (!ends) return
    later(ends.atMs - clock.nowMs(), () => {
      if (load(id)?.ends?.atMs === ends.atMs) change(id, ends.power, ends.power === 'crashed' ? 'fake: crashed as asked' : null)
    })
  }
  for (const id of ids()) scheduleEnd(id, load(id)?.ends ?? null)
  onReturn((dead) => {
    if (dead) for (const id of ids()) change(id, 'crashed', 'fake: the host lost its power')
  })
  return {
    key,
    ids,
    load,
    mustLoad,
    mustRun(id) {
      const guest = mustLoad(id)
      if (guest.power !== 'running') throw new HostError('conflict', `the guest ${id} is ${guest.power}`)
      return guest
    },
    put: (guest) => journal.put(key(guest.spec.id), guest),
    report: (id) => reportOf(id, load(id)),
    change,
    scheduleEnd,
    watch(onChange) {
      watchers.add(onChange)
      return () => void watchers.delete(onChange)
    },
  }
}

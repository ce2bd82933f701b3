// Which guest runs where, with which volumes, and whom machines obey: kept as it happens, so that what must never be, not
// even for a moment, is seen at once: two guests of one server, two writers of one volume, a call of a former owner.
import type { GuestSpec } from '../../src/contract/guests.ts'

interface Guest {
  power: string
  spec: Omit<GuestSpec, 'configDrive'>
}

const isUp = (guest: Guest) => guest.power === 'running' || guest.power === 'paused'

export class GuestBook {
  /** server → machines on which it is up */
  #up = new Map<string, Set<string>>()
  /** volume → 'machine/server' that have it and are up */
  #writers = new Map<string, Set<string>>()
  #volumes = new Map<string, string[]>()
  /** 'machine/server' → with which fence its guest was removed */
  #gone = new Map<string, number>()
  /** 'machine/server' → which power its guest was told to have last, and with which fence */
  #told = new Map<string, { power: string; fence: number }>()
  /** what was seen that must not be */
  violations: string[] = []
  #isOnlyDisk: (machine: string, server: string) => boolean

  /** `isOnlyDisk`: as rows have it, the machine that has just removed a server's guest had all that there is of its disk. */
  constructor(isOnlyDisk: (machine: string, server: string) => boolean) {
    this.#isOnlyDisk = isOnlyDisk
  }

  /** A machine has taken a call with this fence. */
  noteFence(
    machine: string,
    resource: string,
    { before = 0, now = before }: { before: number | undefined; now: number | undefined },
  ): void {
    if (now < before) this.violations.push(`${machine} obeys fence ${now} at ${resource} after fence ${before}`)
  }

  /** `fence`: of the newest call that the machine took for it */
  note(machine: string, server: string, { guest, fence = 0 }: { guest: Guest | undefined; fence: number | undefined }): void {
    this.#noteReturn(`${machine}/${server}`, { isThere: guest !== undefined, fence })
    this.#noteTold(`${machine}/${server}`, { power: guest?.spec.power, fence })
    if (!guest && this.#isOnlyDisk(machine, server))
      this.violations.push(`${machine} has removed the only disk of server ${server}, which lives`)
    const up = guest !== undefined && isUp(guest)
    const machines = change(this.#up, server, machine, up)
    if (machines > 1) this.violations.push(`two guests of server ${server} are up: on ${[...(this.#up.get(server) ?? [])].join(' and ')}`)
    const writer = `${machine}/${server}`
    const has = up ? volumesOf(guest.spec) : []
    for (const volume of this.#volumes.get(writer) ?? []) if (!has.includes(volume)) change(this.#writers, volume, writer, false)
    this.#volumes.set(writer, has)
    for (const volume of has) {
      if (change(this.#writers, volume, writer, true) > 1)
        this.violations.push(`volume ${volume} has two writers: ${[...(this.#writers.get(volume) ?? [])].join(' and ')}`)
    }
  }

  /** A guest that was removed may be made again, but not by a message of before, or of the same step. */
  #noteReturn(where: string, { isThere, fence }: { isThere: boolean; fence: number }): void {
    const gone = this.#gone.get(where)
    if (!isThere) this.#gone.set(where, fence)
    else if (gone !== undefined) {
      this.#gone.delete(where)
      if (fence <= gone) this.violations.push(`the guest ${where} was removed with fence ${gone}, and is there again with fence ${fence}`)
    }
  }

  /** One fence tells a guest one power: of two, a message of the first might come late, and be obeyed after the second. */
  #noteTold(where: string, { power, fence }: { power: string | undefined; fence: number }): void {
    const told = this.#told.get(where)
    if (told?.power === power) return
    if (power === undefined) this.#told.delete(where)
    else this.#told.set(where, { power, fence })
    if (power !== undefined && told?.fence === fence)
      this.violations.push(`the guest ${where} was told with fence ${fence} to be ${told.power}, and with the same to be ${power}`)
  }
}

function volumesOf({ root, volumes }: Guest['spec']): string[] {
  const own = volumes.filter(({ readOnly }) => !readOnly).map(({ volumeId }) => volumeId)
  return root.kind === 'volume' ? [root.volumeId, ...own] : own
}

/** Puts it in or takes it out; how many are in. */
function change(sets: Map<string, Set<string>>, key: string, member: string, isIn: boolean): number {
  const set = sets.get(key) ?? new Set()
  if (isIn) set.add(member)
  else set.delete(member)
  if (set.size > 0) sets.set(key, set)
  else sets.delete(key)
  return set.size
}

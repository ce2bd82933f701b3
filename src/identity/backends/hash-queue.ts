// Turns at something dear: so many at once, the others wait. Groups (addresses) follow each other, within a group its
// lanes (accounts) do, within a lane first comes first. A sender of many waits behind its own requests, and nobody else does.
import { ApiError } from '../../platform/errors.ts'

export interface Lane {
  group: string
  lane: string
}

type Resume = () => void

export class FairQueue {
  readonly #atOnce: number
  readonly #waitingAtMost: number
  readonly #groups = new Map<string, Map<string, Resume[]>>()
  #running = 0
  #waiting = 0

  constructor({ atOnce, waitingAtMost }: { atOnce: number; waitingAtMost: number }) {
    this.#atOnce = atOnce
    this.#waitingAtMost = waitingAtMost
  }

  get waiting(): number {
    return this.#waiting
  }

  /** Does the work when its turn comes; beyond the limit of those who wait the caller is told to come back. */
  async run<T>(place: Lane, work: () => Promise<T>): Promise<T> {
    if (this.#running < this.#atOnce) this.#running++
    else {
      if (this.#waiting >= this.#waitingAtMost)
        throw new ApiError('unavailable', 'Too many logins at once; try again later.', { headers: { 'retry-after': '2' } })
      await new Promise<void>((resume) => this.#enqueue(place, resume))
    }
    try {
      return await work()
    } finally {
      const next = this.#dequeue()
      if (next) next()
      else this.#running--
    }
  }

  #enqueue({ group, lane }: Lane, resume: Resume): void {
    const lanes = this.#groups.get(group) ?? new Map<string, Resume[]>()
    this.#groups.set(group, lanes)
    const line = lanes.get(lane)
    if (line) line.push(resume)
    else lanes.set(lane, [resume])
    this.#waiting++
  }

  /** The first of the group and lane whose turn it is; both go to the end of their rings. */
  #dequeue(): Resume | undefined {
    for (const [group, lanes] of this.#groups) {
      for (const [lane, line] of lanes) {
        const next = line.shift()
        lanes.delete(lane)
        if (line.length > 0) lanes.set(lane, line)
        this.#groups.delete(group)
        if (lanes.size > 0) this.#groups.set(group, lanes)
        this.#waiting--
        return next
      }
    }
    return undefined
  }
}

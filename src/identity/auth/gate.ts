// The door of everything that proves who somebody is without a token. What a password hash costs, anonymous clients must
// not spend for others, and the time of an answer must not tell what exists (attack-13). Hence:
//  - one address has so many logins under way, more are told to come back (429), before anything is looked up;
//  - a login that fails is answered at a time that is fixed when it comes in, whatever it fails for. So an unknown, locked
//    or disabled account costs no hash, and looks like a wrong password;
//  - failing ones of one address are answered at a rate, so that guessing in many loops is slow in all of them.
import { LRUCache } from 'lru-cache'
import { isIPv6 } from 'node:net'
import type { Clock } from '../../platform/clock.ts'
import { cache, type Platform } from '../../platform/context.ts'
import { ApiError } from '../../platform/errors.ts'
import type { IdentitySettings } from '../../platform/identity-settings.ts'
import type { Lane } from '../backends/hash-queue.ts'
import { hashesWaiting, passwordMatches } from '../backends/passwords.ts'

/** What of a request a login looks at beside its body. */
export interface LoginCaller {
  address: string
  /** of the headers Openstack-Auth-Receipt and Authorization */
  receipt?: string | undefined
  authorization?: string | undefined
  /** the addresses under which the client may have signed the request */
  urls: string[]
}

interface Door {
  pending: number
  /** when the last of those that came in is answered, should it fail */
  lastMs: number
}

interface Ticket {
  door: Door
  failsAtMs: number
  gapMs: number
}

/** addresses that are remembered; an unused one is forgotten first */
const doorsAtMost = 20_000
/** a failure takes at least so long: some four hashes on an idle machine */
const quickestMs = 150
const slowestMs = 5000
/** who fails after many others of the address waits no longer than this for the answer */
const longestDebtMs = 10_000
/** where there is no hash to compare with, one in so many is made all the same: it shows how long the others take */
const sampleEvery = 16
const samplesKept = 32

export class LoginGate {
  readonly #clock: Clock
  readonly #settings: Pick<IdentitySettings, 'loginFailuresPerSecond' | 'loginsPerAddress'>
  readonly #doors = new LRUCache<string, Door>({ max: doorsAtMost })
  readonly #tookMs: number[] = []
  #skipped = 0
  /** since the process began, for the metrics */
  readonly counts = { accepted: 0, refused: 0, limited: 0 }
  pending = 0

  constructor(clock: Clock, settings: Pick<IdentitySettings, 'loginFailuresPerSecond' | 'loginsPerAddress'>) {
    this.#clock = clock
    this.#settings = settings
  }

  /** Runs a login of this address. */
  async pass<T>(address: string, work: () => Promise<T>): Promise<T> {
    const ticket = this.#enter(sourceOf(address))
    try {
      const result = await work()
      this.counts.accepted++
      ticket.door.lastMs -= ticket.gapMs
      return result
    } catch (error) {
      if (error instanceof ApiError && error.code === 'unauthorized') await this.#failed(ticket)
      else ticket.door.lastMs -= ticket.gapMs
      throw error
    } finally {
      ticket.door.pending--
      this.pending--
    }
  }

  /** Is it the hash's secret? Without a hash mostly no work is done: the failure is answered at its time. */
  async matches(hash: string | null | undefined, secret: string, lane: Lane): Promise<boolean> {
    if (!hash && this.#tookMs.length > 0 && ++this.#skipped % sampleEvery !== 0) return false
    const beganMs = this.#clock.nowMs()
    const right = await passwordMatches(hash, secret, lane)
    this.#tookMs.push(this.#clock.nowMs() - beganMs)
    if (this.#tookMs.length > samplesKept) this.#tookMs.shift()
    return right
  }

  #enter(source: string): Ticket {
    const door = this.#doors.get(source) ?? { pending: 0, lastMs: 0 }
    this.#doors.set(source, door)
    const nowMs = this.#clock.nowMs()
    if (door.pending >= this.#settings.loginsPerAddress) {
      this.counts.limited++
      const seconds = Math.max(1, Math.ceil((door.lastMs - nowMs) / 1000))
      throw new ApiError('too_many_requests', 'Too many logins from this address at once; try again later.', {
        headers: { 'retry-after': String(seconds) },
      })
    }
    door.pending++
    this.pending++
    // each has a time of its own: those that are answered together come back together, and wait for each other's hashes
    const gapMs = this.#gapMs()
    door.lastMs = Math.max(nowMs + this.#failureMs(), Math.min(nowMs + longestDebtMs, door.lastMs + gapMs))
    return { door, failsAtMs: door.lastMs, gapMs }
  }

  /** No faster than the rate, nor than hashes are made now: on a busy machine guesses leave room for others. */
  #gapMs(): number {
    const tookMs = this.#tookMs.reduce((sum, each) => sum + each, 0) / Math.max(1, this.#tookMs.length)
    return Math.max(1000 / this.#settings.loginFailuresPerSecond, tookMs)
  }

  /** longer than any of the last hashes took, waiting included */
  #failureMs(): number {
    return Math.min(slowestMs, Math.max(quickestMs, 1.5 * Math.max(0, ...this.#tookMs)))
  }

  async #failed({ failsAtMs }: Ticket): Promise<void> {
    this.counts.refused++
    const waitMs = failsAtMs - this.#clock.nowMs()
    if (waitMs > 0) await new Promise<void>((resolve) => void this.#clock.after(waitMs, resolve, true))
  }
}

/** Who counts as one client: an IPv4 address, or the network that an IPv6 host chooses its addresses from. */
export function sourceOf(address: string): string {
  if (!isIPv6(address) || address.startsWith('::ffff:')) return address
  const [head = '', tail] = address.split('::')
  const groups = head.split(':').filter((group) => group !== '')
  const below = tail === undefined ? [] : tail.split(':').filter((group) => group !== '')
  const whole =
    tail === undefined ? groups : [...groups, ...Array<string>(Math.max(0, 8 - groups.length - below.length)).fill('0'), ...below]
  return `${whole.slice(0, 4).join(':')}::/64`
}

export const loginGate = (platform: Pick<Platform, 'caches' | 'clock' | 'config'>): LoginGate =>
  cache(platform, 'identity.logins', () => new LoginGate(platform.clock, platform.config.identity))

/** For the metrics. */
export function loginFigures(platform: Platform): {
  accepted: number
  refused: number
  limited: number
  pending: number
  hashesWaiting: number
} {
  const gate = loginGate(platform)
  return { ...gate.counts, pending: gate.pending, hashesWaiting: hashesWaiting() }
}

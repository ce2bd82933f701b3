// How bad the world is: what befalls a call between control and a machine, and an image on its way. Drawn for each call
// from the seed; when the world is healed nothing befalls anything.
import { HostError, type HostErrorCode } from '../../src/contract/call.ts'
import { between, chance, pick, type Random } from './random.ts'

export interface Climate {
  /** probabilities for each call */
  requestLost: number
  answerLost: number
  duplicated: number
  late: number
  refused: number
  failsAfterwards: number
  /** of each image that is fetched or taken from a guest */
  imageBreaks: number
  /** of each answer to a client */
  clientLost: number
  /** of each commit, when several processes write */
  commitLost: number
}

export const calm: Climate = {
  requestLost: 0,
  answerLost: 0,
  duplicated: 0,
  late: 0,
  refused: 0,
  failsAfterwards: 0,
  imageBreaks: 0,
  clientLost: 0,
  commitLost: 0,
}
export const mild: Climate = {
  requestLost: 0.003,
  answerLost: 0.003,
  duplicated: 0.01,
  late: 0.02,
  refused: 0.005,
  failsAfterwards: 0.003,
  imageBreaks: 0.05,
  clientLost: 0.01,
  commitLost: 0.02,
}
export const foul: Climate = {
  requestLost: 0.03,
  answerLost: 0.03,
  duplicated: 0.05,
  late: 0.1,
  refused: 0.04,
  failsAfterwards: 0.03,
  imageBreaks: 0.3,
  clientLost: 0.05,
  commitLost: 0.1,
}

export const echoes: Climate = { ...mild, duplicated: 0.5, late: 0.1 }

/** What becomes of one call. */
export interface CallFate {
  travelMs: number
  returnMs: number
  requestLost: boolean
  answerLost: boolean
  /** the same message arrives once more, so much later */
  againAfterMs: number | null
  /** the driver says no before it begins */
  refusal: HostError | null
  /** the driver does it and says no all the same */
  lie: HostError | null
}

const codes: HostErrorCode[] = ['failed', 'failed', 'unreachable', 'no_space']
const latestMs = 90_000

export class Weather {
  climate: Climate = calm
  #random: Random
  constructor(random: Random) {
    this.#random = random
  }

  happens(what: 'clientLost' | 'commitLost' | 'imageBreaks'): boolean {
    return chance(this.#random, this.climate[what])
  }

  /** 0..1: where an image breaks off */
  breaksAt(): number {
    return this.#random()
  }

  callFate(method: string): CallFate {
    const random = this.#random
    const { climate } = this
    const travelMs = () => (chance(random, climate.late) ? between(random, 100, latestMs) : between(random, 0.2, 5))
    const error = (text: string) => stackless(() => new HostError(pick(random, codes), `the driver ${text} ${method}`))
    return {
      travelMs: travelMs(),
      returnMs: travelMs(),
      requestLost: chance(random, climate.requestLost),
      answerLost: chance(random, climate.answerLost),
      againAfterMs: chance(random, climate.duplicated) ? between(random, 0, 2 * latestMs) : null,
      refusal: chance(random, climate.refused) ? error('refuses') : null,
      lie: chance(random, climate.failsAfterwards) ? error('failed in the midst of') : null,
    }
  }
}

/** Where the weather comes from interests nobody, and to write it down takes most of the time of an error. */
function stackless<E extends Error>(make: () => E): E {
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = 0
  try {
    return make()
  } finally {
    Error.stackTraceLimit = stackTraceLimit
  }
}

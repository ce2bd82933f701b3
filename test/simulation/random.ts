// Seeded randomness, in independent streams: one for each thing that draws, so that leaving one thing out of a run (when
// a failure is made smaller) changes what the others draw as little as can be.
import type { Ids } from '../../src/platform/ids.ts'
import { randomFrom } from '../crash/random.ts'

export interface Random {
  /** 0 ≤ x < 1 */
  (): number
}

/** The stream of this name under the seed. */
export function stream(seed: number, name: string): Random {
  let hash = 0x811c9dc5 ^ seed
  for (let index = 0; index < name.length; index++) hash = Math.imul(hash ^ name.charCodeAt(index), 0x01000193)
  return randomFrom(hash >>> 0)
}

export const between = (random: Random, from: number, to: number): number => from + random() * (to - from)
export const whole = (random: Random, below: number): number => Math.floor(random() * below)
export const chance = (random: Random, probability: number): boolean => random() < probability
export function pick<T>(random: Random, from: readonly T[]): T {
  return from[whole(random, from.length)] as T
}

/** One of several, by weight. */
export function weighted<T>(random: Random, choices: readonly (readonly [weight: number, choice: T])[]): T {
  let at = random() * choices.reduce((sum, [weight]) => sum + weight, 0)
  for (const [weight, choice] of choices) if ((at -= weight) < 0) return choice
  return (choices.at(-1) as readonly [number, T])[1]
}

const digits = '0123456789abcdef'

/** Ids that look like the real ones and come from the stream. */
export function seededIds(random: Random): Ids {
  const hex = (length: number) => {
    let text = ''
    while (text.length < length) {
      const word = Math.floor(random() * 0x1_0000_0000)
      for (let shift = 0; shift < 32 && text.length < length; shift += 4) text += digits[(word >>> shift) & 15]
    }
    return text
  }
  return {
    uuid() {
      const text = hex(32)
      return `${text.slice(0, 8)}-${text.slice(8, 12)}-4${text.slice(13, 16)}-${'89ab'[whole(random, 4)]}${text.slice(17, 20)}-${text.slice(20)}`
    },
    hex: () => hex(32),
    bytes: (count) => Buffer.from(hex(2 * count), 'hex'),
    fraction: random,
  }
}

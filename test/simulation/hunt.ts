// Looks for a bug made on purpose: the seed that showed it last time first, then others, in a process of its own.
import { simulate } from './children.ts'
import type { Bug, Shown } from './bugs.ts'

export type HuntedBug = Bug & { shownBy: Shown }

export interface Found {
  seed: number
  /** how many seeds were needed */
  tried: number
  /** the first thing that was seen */
  violation: string
  cpuSeconds: number
}

const mostSeeds = 200

const worldOf = ({ hosts = 5, operations = 200, objects = 0, stress }: Shown): string[] => [
  '--no-shrink',
  '--hosts',
  String(hosts),
  '--operations',
  String(operations),
  '--objects',
  String(objects),
  ...(stress === undefined ? [] : ['--stress', stress]),
]

/** Null when no seed shows it; throws when the product with the bug in it does not even run. */
export async function hunt(bug: HuntedBug): Promise<Found | null> {
  const likely = await seeds(bug, { first: bug.shownBy.seed, count: 1 })
  if (likely.violation !== null) return likely as Found
  const others = await seeds(bug, { first: 1, count: mostSeeds - 1 })
  return others.violation === null
    ? null
    : { ...(others as Found), tried: others.tried + 1, cpuSeconds: likely.cpuSeconds + others.cpuSeconds }
}

/** What the world without any bug says to this seed: '' when all is well. */
export async function without(shown: Shown): Promise<string> {
  const { code, output } = await simulate(['--seed', String(shown.seed), ...worldOf(shown)])
  return code === 0 ? '' : output
}

async function seeds(
  bug: HuntedBug,
  { first, count }: { first: number; count: number },
): Promise<Omit<Found, 'violation'> & { violation: string | null }> {
  const { code, output } = await simulate(['--seed', String(first), '--seeds', String(count), ...worldOf(bug.shownBy)], bug.name)
  const ran = [...output.matchAll(/^seed (\d+): .* ([\d.]+) CPU s$/gm)]
  const [, , violation = null] = /^violated with seed (\d+), .*\n {2}(.*)/m.exec(output) ?? []
  if (ran.length === 0 || (code !== 0 && violation === null)) throw new Error(`'${bug.name}' does not run:\n${output}`)
  return {
    seed: Number(ran.at(-1)?.[1]),
    tried: ran.length,
    violation,
    cpuSeconds: ran.reduce((sum, [, , seconds]) => sum + Number(seconds), 0),
  }
}

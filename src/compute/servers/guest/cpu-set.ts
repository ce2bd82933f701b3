// Sets of CPUs as extra specs and image properties write them: '0-3,^2,7'.
import { badRequest } from '../../../platform/errors.ts'

/** more than any guest has */
const maxCpu = 4_095

type Span = readonly [first: number, last: number]

/** The CPUs that the text names; 400 when it is no such list. Every CPU is named once, however often the text does. */
export function parseCpuSet(text: string): Set<number> {
  const named: Span[] = []
  const taken: Span[] = []
  for (const part of text.split(',').map((one) => one.trim())) {
    if (part === '') continue
    const match = /^(\^?)(\d{1,6})(?:-(\d{1,6}))?$/.exec(part)
    const [first, last] = [Number(match?.[2]), Number(match?.[3] ?? match?.[2])]
    if (!match || first > last || last > maxCpu) throw badRequest(`Invalid range expression '${part.slice(0, 80)}'`)
    ;(match[1] === '^' ? taken : named).push([first, last])
  }
  const without = cpusOf(taken)
  return new Set([...cpusOf(named)].filter((cpu) => !without.has(cpu)))
}

function cpusOf(spans: Span[]): Set<number> {
  const cpus = new Set<number>()
  let next = 0
  for (const [first, last] of spans.toSorted(([a], [b]) => a - b)) {
    for (next = Math.max(next, first); next <= last; next++) cpus.add(next)
  }
  return cpus
}

/** A mask of so many CPUs; one that begins with ^ takes away from all of them. */
export const maskedCpus = (vcpus: number, mask: string): Set<number> =>
  parseCpuSet(mask.trim().startsWith('^') ? `0-${vcpus - 1},${mask}` : mask)

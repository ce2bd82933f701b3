// Sets of CPUs as extra specs and image properties write them: '0-3,^2,7'.
import { badRequest } from '../platform/errors.ts'

const maxCpu = 65_535

/** The CPUs that the text names; 400 when it is no such list. */
export function parseCpuSet(text: string): Set<number> {
  const named = new Set<number>()
  const taken = new Set<number>()
  for (const part of text.split(',').map((one) => one.trim())) {
    if (part === '') continue
    const match = /^(\^?)(\d{1,6})(?:-(\d{1,6}))?$/.exec(part)
    const [first, last] = [Number(match?.[2]), Number(match?.[3] ?? match?.[2])]
    if (!match || first > last || last > maxCpu) throw badRequest(`Invalid range expression '${part}'`)
    for (let cpu = first; cpu <= last; cpu++) (match[1] === '^' ? taken : named).add(cpu)
  }
  return new Set([...named].filter((cpu) => !taken.has(cpu)))
}

/** A mask of so many CPUs; one that begins with ^ takes away from all of them. */
export const maskedCpus = (vcpus: number, mask: string): Set<number> => parseCpuSet(mask.trim().startsWith('^') ? `0-${vcpus - 1},${mask}` : mask)

// The words of `stackling fsck`: each difference, its cause where something is known of it, and what --repair does or did.
// Pure: a report in, lines out.
import type { Difference, FsckReport } from '../../platform/fsck/check.ts'
import { mended } from '../../platform/fsck/fsck.ts'

/** The whole report, ending with a line break. */
export function fsckText(report: FsckReport): string {
  const { differences, unchecked, cut, repair } = report
  const lines = [...differences.flatMap((each) => [...differenceLines(each, repair), '']), ...uncheckedLines(unchecked)]
  if (cut) lines.push('There are more than are listed: only the first of each kind and host are.', '')
  return `${[...lines, ending(report)].join('\n')}\n`
}

function differenceLines({ check, resourceType, resourceId, host, message, cause, repair, outcome }: Difference, tried: boolean): string[] {
  return [
    `${resourceType} ${resourceId}${host === null ? '' : ` on ${host}`} (${check})`,
    `  is:     ${message}`,
    `  cause:  ${cause ?? 'its timeline says nothing of it'}`,
    tried ? `  repair: ${outcomeWords(repair, outcome)}` : `  repair: ${repair ?? 'none that is safe: a person has to decide'}`,
  ]
}

function outcomeWords(repair: string | null, outcome: string | null): string {
  if (repair === null) return 'none that is safe: a person has to decide'
  return outcome === mended ? `done: ${repair}` : `NOT DONE: ${repair}: ${outcome ?? 'it was found after the repairs'}`
}

function uncheckedLines(unchecked: FsckReport['unchecked']): string[] {
  const hosts = Map.groupBy(unchecked, ({ host }) => host)
  return [...hosts].flatMap(([host, all]) => [
    `${host} could not be looked at (${all.map(({ check }) => check).join(', ')}): ${all[0]?.reason}`,
    '',
  ])
}

function ending({ repair, counts, differences, unchecked }: FsckReport): string {
  const left = Object.values(counts).reduce((sum, count) => sum + count, 0)
  const beside = unchecked.length === 0 ? '' : ' where one could look'
  const mendable = differences.filter((each) => each.repair !== null).length
  if (!repair)
    return left === 0
      ? `Nothing differs${beside}.`
      : `${plural(left)}; '--repair' mends ${mendable === left ? (left === 1 ? 'it' : 'them') : `${mendable} of them`}.`
  const done = differences.filter(({ outcome }) => outcome === mended).length
  return `${done} mended, ${left === 0 ? `nothing differs any more${beside}` : `${plural(left)} left`}.`
}

const plural = (count: number): string => `${count} difference${count === 1 ? '' : 's'}`

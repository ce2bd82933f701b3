// Ends flows that the rules no longer allow: lists what conntrack remembers (one process per family), lets the
// judge of flows.ts decide, deletes in one process per few hundred flows.
import type { Log } from '../../../platform/log.ts'
import { attempt, run } from '../run.ts'
import { deletion, type Flow, parseFlow } from './flows.ts'

export interface FlowEnd {
  /** only flows of this zone are looked at; null: of all */
  zone: number | null
  namespace?: string
  log: Log
}

/** Deletes every flow that `mayGoOn` refuses. Returns how many. */
export async function endFlows(mayGoOn: (flow: Flow) => boolean, { zone, namespace, log }: FlowEnd): Promise<number> {
  const where = namespace === undefined ? {} : { namespace }
  const zoneWords = zone === null ? [] : ['-w', String(zone)]
  const lists = await Promise.all(['ipv4', 'ipv6'].map((family) => attempt(['conntrack', '-L', '-f', family, ...zoneWords], where)))
  const failed = lists.find((list) => list.code !== 0 && !list.stderr.includes('flow entries'))
  if (failed) log.warn({ stderr: failed.stderr.trim() }, 'conntrack cannot list flows: flows of removed rules may go on')
  const doomed = lists
    .flatMap((list) => list.stdout.split('\n'))
    .map(parseFlow)
    .filter((flow): flow is Flow => flow !== null && !mayGoOn(flow))
  if (doomed.length === 0) return 0
  await deleteFlows(doomed.map(deletion), where)
  return doomed.length
}

/** Runs lines of `conntrack -D …`. A flow may have ended by itself meanwhile: what cannot be found is as wanted. */
export async function deleteFlows(lines: string[], where: { namespace?: string } = {}): Promise<void> {
  // conntrack opens /dev/stdin anew, which works for the pipe of a shell but not for the socket that node gives
  await run(['sh', '-c', 'cat | conntrack --load-file -'], { ...where, input: `${lines.join('\n')}\n` })
}

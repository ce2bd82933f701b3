// Runs checks and believes nothing after one look: a difference counts when a second look sees it again, no work is
// under way for what it is about before and after that look, and the timeline of that did not go on in between. So it
// says nothing of a healthy cloud, also in the midst of work.
import type { Host } from '../../contract/host.ts'
import { HostError } from '../../contract/call.ts'
import type { Context } from '../context.ts'
import { ApiError } from '../errors.ts'
import { reasonText } from '../work/failure.ts'
import type { Check, Finding, FsckReport } from './check.ts'
import { idsOf, newestEvents, unexplained } from './explained.ts'

/** looked up at once: work and timelines of so many findings */
const batch = 200
/** kept of one check on one host; more are counted as cut */
const mostPerLook = 500
/** one that is slow, or does not answer, holds up none of the others; each reads rows meanwhile */
const hostsAtOnce = 8

export interface Found {
  check: Check
  finding: Finding
}

export interface Looked {
  found: Found[]
  unchecked: FsckReport['unchecked']
  cut: boolean
}

export const keyOf = ({ check, finding }: Found): string =>
  JSON.stringify([check.name, finding.resourceType, finding.resourceId, finding.host ?? null, finding.message])

/** Everything that differs: rows among each other, then rows and hosts; in the order of the checks. */
export async function look(ctx: Context, checks: Check[]): Promise<Looked> {
  const looked: Looked = { found: [], unchecked: [], cut: false }
  for (const check of checks) {
    const { find } = check
    if (find) take(looked, await twoLooks(ctx, check, () => find(ctx)))
  }
  for (const ofHost of await atHosts(ctx, (host) => lookAtHost(ctx, checks, host))) take(looked, ofHost)
  const order = new Map(checks.map((check, index) => [check, index]))
  looked.found.sort((a, b) => (order.get(a.check) ?? 0) - (order.get(b.check) ?? 0))
  return looked
}

const take = (looked: Looked, { found, cut, unchecked = [] }: Partial<Looked> & { found: Found[] }): void => {
  looked.found.push(...found)
  looked.unchecked.push(...unchecked)
  looked.cut ||= cut ?? false
}

/** Some hosts at once; what was found of them in the order of their names. */
async function atHosts(ctx: Context, ask: (host: Host) => Promise<Looked>): Promise<Looked[]> {
  const found: Looked[] = []
  const left = ctx.hosts.names().entries()
  const askRest = async () => {
    for (const [index, name] of left) {
      const host = ctx.hosts.find(name)
      if (host) found[index] = await ask(host)
    }
  }
  await Promise.all(Array.from({ length: hostsAtOnce }, askRest))
  return found.filter((each) => each !== undefined)
}

/** A host that does not answer, or not what was asked, is not different: nobody knows. It is not waited for again. */
async function lookAtHost(ctx: Context, checks: Check[], host: Host): Promise<Looked> {
  const looked: Looked = { found: [], unchecked: [], cut: false }
  let silent: string | null = null
  for (const check of checks) {
    const { findOnHost } = check
    if (!findOnHost) continue
    if (silent === null) {
      try {
        take(looked, await twoLooks(ctx, check, () => findOnHost(ctx, host)))
        continue
      } catch (error) {
        const isTheHosts = error instanceof HostError || (error instanceof ApiError && error.code === 'unavailable')
        if (!isTheHosts) throw error
        silent = reasonText(error)
      }
    }
    looked.unchecked.push({ check: check.name, host: host.name, reason: silent })
  }
  return looked
}

async function twoLooks(ctx: Context, check: Check, find: () => AsyncIterable<Finding>): Promise<{ found: Found[]; cut: boolean }> {
  const first = await oneLook(ctx, check, find)
  if (first.found.length === 0) return first
  const ids = new Set(first.found.flatMap(({ finding }) => idsOf(finding)))
  const before = await newestEvents(ctx, ids)
  // anything that began before this look is seen here
  const resting = await unexplained(ctx, first.found)
  const suspects = new Set(resting.map(keyOf))
  if (suspects.size === 0) return { found: [], cut: false }
  const second = await oneLook(ctx, check, find)
  const again = second.found.filter((each) => suspects.has(keyOf(each)))
  const after = await newestEvents(ctx, ids)
  const still = again.filter(({ finding }) => idsOf(finding).every((id) => before.get(id) === after.get(id)))
  return { found: await unexplained(ctx, still), cut: first.cut || second.cut }
}

/** One pass of a check, in batches: what work under way explains is dropped on the way, so that it does not pile up. */
async function oneLook(ctx: Context, check: Check, find: () => AsyncIterable<Finding>): Promise<{ found: Found[]; cut: boolean }> {
  const kept = new Map<string, Found>()
  let pending: Found[] = []
  const sift = async () => {
    for (const each of await unexplained(ctx, pending)) kept.set(keyOf(each), each)
    pending = []
  }
  for await (const finding of find()) {
    pending.push({ check, finding })
    if (pending.length >= batch) await sift()
    if (kept.size >= mostPerLook) return { found: [...kept.values()], cut: true }
  }
  await sift()
  return { found: [...kept.values()], cut: false }
}

// Runs checks and believes nothing after one look: a difference counts when a second look sees it again, no work is
// under way for what it is about before and after that look, and the timeline of that did not go on in between. So it
// says nothing of a healthy cloud, also in the midst of work.
import { HostError, type Host } from '../../host/contract.ts'
import { isoMillis } from '../clock.ts'
import type { Context } from '../context.ts'
import { ApiError } from '../errors.ts'
import { eventAppend } from '../events.ts'
import { fenceTake } from '../work/items.ts'
import type { WorkContext } from '../work/definition.ts'
import { reasonText } from '../work/failure.ts'
import { causeOf } from './cause.ts'
import type { Check, Difference, Finding, FsckReport } from './check.ts'
import { idsOf, newestEvents, unexplained } from './explained.ts'

/** looked up at once: work and timelines of so many findings */
const batch = 200
/** kept of one check on one host; more are counted as cut */
const mostPerLook = 500

interface Found {
  check: Check
  finding: Finding
}

interface Looked {
  found: Found[]
  unchecked: FsckReport['unchecked']
  cut: boolean
}

/** Compares everything with everything; with `repair`, mends what can be mended safely and looks again. */
export async function fsck(ctx: Context, checks: Check[], { repair = false }: { repair?: boolean } = {}): Promise<FsckReport> {
  const startedAt = isoMillis(ctx.clock.nowMs())
  // before the first look: whatever work begins from now on has a later fence, and wins
  const fence = repair ? await ctx.transaction((tx) => fenceTake(tx.db)) : 0
  const first = await look(ctx, checks)
  const differences = await Promise.all(first.found.map((each) => describe(ctx, each)))
  if (!repair) return reportOf(ctx, { startedAt, repair, differences, left: first })
  const work: WorkContext = { ctx, itemId: '', call: { fence, requestId: ctx.requestId }, attempt: 1 }
  for (const [index, each] of first.found.entries()) {
    const difference = differences[index]
    if (difference) difference.outcome = await mend(work, each)
  }
  const left = await look(ctx, checks)
  const leftKeys = new Set(left.found.map(keyOf))
  const known = new Set(first.found.map(keyOf))
  for (const [index, each] of first.found.entries()) {
    const difference = differences[index]
    if (difference?.outcome === mended && leftKeys.has(keyOf(each))) difference.outcome = 'it is still so'
  }
  const news = left.found.filter((each) => !known.has(keyOf(each)))
  differences.push(...(await Promise.all(news.map((each) => describe(ctx, each)))))
  return reportOf(ctx, { startedAt, repair, differences, left })
}

export const mended = 'mended'

function reportOf(ctx: Context, { startedAt, repair, differences, left }: { startedAt: string; repair: boolean; differences: Difference[]; left: Looked }): FsckReport {
  const counts: Record<string, number> = {}
  for (const { check } of left.found) counts[check.name] = (counts[check.name] ?? 0) + 1
  return { startedAt, endedAt: isoMillis(ctx.clock.nowMs()), repair, counts, differences, unchecked: left.unchecked, cut: left.cut }
}

async function describe(ctx: Context, { check, finding }: Found): Promise<Difference> {
  return {
    check: check.name, invariant: check.invariant, resourceType: finding.resourceType, resourceId: finding.resourceId, host: finding.host ?? null,
    message: finding.message, cause: await causeOf(ctx, finding), repair: finding.repair?.words ?? null, outcome: null,
  }
}

const keyOf = ({ check, finding }: Found): string => JSON.stringify([check.name, finding.resourceType, finding.resourceId, finding.host ?? null, finding.message])

/** Repairs one difference, unless work has begun for it since. */
async function mend(work: WorkContext, each: Found): Promise<string | null> {
  const { finding, check } = each
  if (!finding.repair) return null
  if ((await unexplained(work.ctx, [each])).length === 0) return 'work has begun for it'
  try {
    await finding.repair.run(work)
    const { resourceType, resourceId, host = null } = finding
    await work.ctx.transaction((tx) =>
      eventAppend(tx, { resourceType, resourceId, projectId: null, action: 'fsck', event: check.name, result: 'success', host, message: `${finding.message}: ${finding.repair?.words}` }),
    )
    return mended
  } catch (error) {
    work.ctx.log.warn({ err: error, check: check.name, resource: finding.resourceId }, 'a difference could not be mended')
    return reasonText(error)
  }
}

async function look(ctx: Context, checks: Check[]): Promise<Looked> {
  const looked: Looked = { found: [], unchecked: [], cut: false }
  for (const check of checks) {
    const { find, findOnHost } = check
    if (find) take(looked, await twoLooks(ctx, check, () => find(ctx)))
    if (!findOnHost) continue
    for (const name of ctx.hosts.names()) {
      const host = ctx.hosts.find(name)
      if (host) await onHost(ctx, looked, { check, host, find: () => findOnHost(ctx, host) })
    }
  }
  return looked
}

const take = (looked: Looked, { found, cut }: { found: Found[]; cut: boolean }): void => {
  looked.found.push(...found)
  looked.cut ||= cut
}

/** A host that does not answer is not different: nobody knows. */
async function onHost(ctx: Context, looked: Looked, { check, host, find }: { check: Check; host: Host; find: () => AsyncIterable<Finding> }): Promise<void> {
  try {
    take(looked, await twoLooks(ctx, check, find))
  } catch (error) {
    const away = (error instanceof HostError && error.code === 'unreachable') || (error instanceof ApiError && error.code === 'unavailable')
    if (!away) throw error
    looked.unchecked.push({ check: check.name, host: host.name, reason: reasonText(error) })
  }
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

// Runs checks and believes nothing after one look: a difference counts when a second look sees it again, no work is
// under way for what it is about before and after that look, and the timeline of that did not go on in between. So it
// says nothing of a healthy cloud, also in the midst of work.
import { HostError, type Host } from '../../host/contract.ts'
import { delay, isoMillis } from '../clock.ts'
import type { Context } from '../context.ts'
import { ApiError } from '../errors.ts'
import { eventAppend } from '../events.ts'
import { fenceTake } from '../work/claim.ts'
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
  const known = new Map<string, Difference>()
  const left = repair ? await mendAll(ctx, checks, known) : await note(ctx, await look(ctx, checks), known)
  const leftKeys = new Set(left.found.map(keyOf))
  for (const [key, difference] of known) if (difference.outcome === mended && leftKeys.has(key)) difference.outcome = 'it is still so'
  const counts: Record<string, number> = {}
  for (const { check } of left.found) counts[check.name] = (counts[check.name] ?? 0) + 1
  return { startedAt, endedAt: isoMillis(ctx.clock.nowMs()), repair, counts, differences: [...known.values()], unchecked: left.unchecked, cut: left.cut }
}

export const mended = 'mended'

/** What one repair uncovers the next round mends: a port that was let loose is still in the guest. */
const mostRounds = 4
/** for the work that repairs queue; what takes longer is found again when it fails */
const longestWaitMs = 60_000
const waitMs = 100

/** Looks and mends until nothing differs or nothing more can be mended; returns the last look. */
async function mendAll(ctx: Context, checks: Check[], known: Map<string, Difference>): Promise<Looked> {
  for (let round = 1; ; round++) {
    // before the look: whatever work begins from now on has a later fence, and wins
    const fence = await ctx.transaction((tx) => fenceTake(tx.db))
    const looked = await note(ctx, await look(ctx, checks), known)
    if (looked.found.length === 0 || round === mostRounds) return looked
    const work: WorkContext = { ctx, itemId: '', call: { fence, requestId: ctx.requestId }, attempt: round }
    let isAnyMended = false
    for (const each of looked.found) {
      const difference = known.get(keyOf(each))
      if (!difference) continue
      difference.outcome = await mend(work, each)
      isAnyMended ||= difference.outcome === mended
    }
    if (!isAnyMended) return looked
    await quiet(ctx, looked.found)
  }
}

/** Waits for the work that is under way for what was found. */
async function quiet(ctx: Context, found: Found[]): Promise<void> {
  const untilMs = ctx.clock.nowMs() + longestWaitMs
  while ((await unexplained(ctx, found)).length < found.length && ctx.clock.nowMs() < untilMs) await delay(ctx.clock, waitMs)
}

/** Describes what was not known yet. */
async function note(ctx: Context, looked: Looked, known: Map<string, Difference>): Promise<Looked> {
  for (const each of looked.found) if (!known.has(keyOf(each))) known.set(keyOf(each), await describe(ctx, each))
  return looked
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
      const silent = looked.unchecked.find((each) => each.host === name)
      // who did not answer once is not waited for again
      if (silent) looked.unchecked.push({ ...silent, check: check.name })
      else if (host) await onHost(ctx, looked, { check, host, find: () => findOnHost(ctx, host) })
    }
  }
  return looked
}

const take = (looked: Looked, { found, cut }: { found: Found[]; cut: boolean }): void => {
  looked.found.push(...found)
  looked.cut ||= cut
}

/** A host that does not answer, or not what was asked, is not different: nobody knows. */
async function onHost(ctx: Context, looked: Looked, { check, host, find }: { check: Check; host: Host; find: () => AsyncIterable<Finding> }): Promise<void> {
  try {
    take(looked, await twoLooks(ctx, check, find))
  } catch (error) {
    const isTheHosts = error instanceof HostError || (error instanceof ApiError && error.code === 'unavailable')
    if (!isTheHosts) throw error
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

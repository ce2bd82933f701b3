// Compares rows with what is real and with each other, and mends what can be mended safely. How it looks, and what counts
// as a difference, is look.ts.
import { delay, isoMillis } from '../clock.ts'
import type { Context } from '../context.ts'
import { fenceTake } from '../work/claim.ts'
import type { WorkContext } from '../work/definition.ts'
import { reasonText } from '../work/failure.ts'
import { causeOf } from './cause.ts'
import type { Check, Difference, FsckReport } from './check.ts'
import { mendTell } from './mended.ts'
import { unexplained } from './explained.ts'
import { keyOf, look, type Found, type Looked } from './look.ts'
import { table } from '../table.ts'

/** Compares everything with everything; with `repair`, mends what can be mended safely and looks again. */
export async function fsck(ctx: Context, checks: Check[], { repair = false }: { repair?: boolean } = {}): Promise<FsckReport> {
  const startedAt = isoMillis(ctx.clock.nowMs())
  const known = new Map<string, Difference>()
  const left = repair ? await mendAll(ctx, checks, known) : await note(ctx, await look(ctx, checks), known)
  const leftKeys = new Set(left.found.map(keyOf))
  for (const [key, difference] of known) if (difference.outcome === mended && leftKeys.has(key)) difference.outcome = 'it is still so'
  const counts: Record<string, number> = table()
  for (const { check } of left.found) counts[check.name] = (counts[check.name] ?? 0) + 1
  return {
    startedAt,
    endedAt: isoMillis(ctx.clock.nowMs()),
    repair,
    counts,
    differences: [...known.values()],
    unchecked: left.unchecked,
    cut: left.cut,
  }
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
    check: check.name,
    invariant: check.invariant,
    resourceType: finding.resourceType,
    resourceId: finding.resourceId,
    host: finding.host ?? null,
    message: finding.message,
    cause: await causeOf(ctx, finding),
    repair: finding.repair?.words ?? null,
    outcome: null,
  }
}

/** Repairs one difference, unless work has begun for it since. */
async function mend(work: WorkContext, each: Found): Promise<string | null> {
  const { finding, check } = each
  if (!finding.repair) return null
  if ((await unexplained(work.ctx, [each])).length === 0) return 'work has begun for it'
  try {
    await finding.repair.run(work)
    if (!finding.repair.isTold) await work.ctx.transaction((tx) => mendTell(tx, check.name, finding))
    return mended
  } catch (error) {
    work.ctx.log.warn({ err: error, check: check.name, resource: finding.resourceId }, 'a difference could not be mended')
    return reasonText(error)
  }
}

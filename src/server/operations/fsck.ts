// fsck for operators: one run at a time in a process, the last report kept where every control process finds it.
import type { Context } from '../../platform/context.ts'
import { cache } from '../../platform/context.ts'
import type { Check, FsckReport } from '../../platform/fsck/check.ts'
import { fsck } from '../../platform/fsck/fsck.ts'
import { settingFetch, settingSet } from '../settings.ts'
import { fsckText } from './fsck-text.ts'

const setting = 'fsck'
/** the answer lists all that were found; what is kept is for metrics and for a look at the last round */
const mostKept = 200

/** Compares everything and, with `repair`, mends it; waits for a run that is under way. */
export async function fsckRun(ctx: Context, checks: Check[], repair: boolean): Promise<FsckReport & { text: string }> {
  const turn = cache(ctx, 'operations.fsck', () => ({ last: Promise.resolve() }))
  const { promise, resolve } = Promise.withResolvers<void>()
  const before = turn.last
  turn.last = promise
  await before
  try {
    const report = await fsck(ctx, checks, { repair })
    await settingSet(ctx.db, setting, JSON.stringify({ ...report, differences: report.differences.slice(0, mostKept) }))
    return { ...report, text: fsckText(report) }
  } finally {
    resolve()
  }
}

/** What the last run of anybody found; null: there was none yet. */
export async function fsckLast(ctx: Context): Promise<FsckReport | null> {
  const text = await settingFetch(ctx.db, setting)
  return text === undefined ? null : (JSON.parse(text) as FsckReport)
}

// Compares everything now and then without being asked: what it finds is a metric and a line in the log. It mends nothing;
// that is for a person to want.
import { reconciler, type Reconciler } from '../../platform/work/definition.ts'
import type { Check } from '../../platform/fsck/check.ts'
import { fsckLast, fsckRun } from './fsck.ts'

const everyMs = 1_800_000
/** every process that starts wakes it; a run that was so recent will do */
const recentMs = everyMs / 2
const mostLogged = 20

export const fsckWatch = (checks: Check[]): Reconciler =>
  reconciler({
    name: 'fsck',
    everyMs,
    async run({ ctx }) {
      const last = await fsckLast(ctx)
      if (last && Math.abs(ctx.clock.nowMs() - Date.parse(last.endedAt)) < recentMs) return
      const { counts, differences } = await fsckRun(ctx, checks, false)
      if (differences.length === 0) return
      ctx.log.warn({ counts }, `fsck found ${differences.length} differences`)
      for (const { check, resourceType, resourceId, host, message, cause } of differences.slice(0, mostLogged)) {
        ctx.log.warn({ check, host, cause }, `fsck: ${resourceType} ${resourceId}: ${message}`)
      }
    },
  })

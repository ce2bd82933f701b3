// Keeps the rules of buckets' lifecycles: every hour, container by container and page by page, it ends what is due. Each end is an act
// of its own that holds only if what was seen is still so; it is safe to run at any time, and what was not reached comes next time.
import { reconciler } from '../../platform/work/definition.ts'

const hourMs = 3_600_000

/** Its code is loaded when it runs: nothing of it lies in a cloud's memory before. */
export const objectLifecycle = reconciler({
  name: 'object-lifecycle',
  everyMs: hourMs,
  run: async (work) => (await import('./work/keep-rules.ts')).lifecyclesKeep(work.ctx.platform),
})

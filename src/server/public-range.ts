// The address range of a new cloud's `public`: 172.24.4.0/24, as DevStack's, or with real drivers the next one that
// nothing on this machine uses, so that two clouds run side by side. Chosen once; the cloud's subnet remembers it.
import { freeRange } from '../host/index.ts'
import type { Context } from '../platform/context.ts'

const usual = '172.24.4.0/24'
/** 172.24.4.0/24 to 172.24.255.0/24, then the four before them */
const candidates = Array.from({ length: 256 }, (_, n) => `172.24.${(n + 4) % 256}.0/24`)

/** Simulated networks meet nobody. */
export function publicRange(ctx: Context): string {
  if (ctx.config.drivers === 'fake') return usual
  const free = freeRange(candidates)
  if (free === undefined)
    ctx.log.warn({ range: usual }, 'everything in 172.24.0.0/16 is routed on this machine already; `public` takes its usual range')
  return free ?? usual
}

// What every request to a user's URL shares in one process: the operator's rules, the clock, the resolver (which a test replaces).
import { cache, type Context } from '../context.ts'
import type { GuardedRequest } from './fetch.ts'
import { type Resolve, systemResolve } from './resolve.ts'
import { defaultFetchRules, type FetchRules } from './rules.ts'

export const resolverKey = 'guarded-fetch.resolve'

/** To be spread into a GuardedRequest. */
export const outbound = (
  ctx: Pick<Context, 'config' | 'clock' | 'caches'>,
): Pick<GuardedRequest, 'clock' | 'resolve'> & { rules: FetchRules } => ({
  rules: ctx.config.fetchRules ?? defaultFetchRules,
  clock: ctx.clock,
  resolve: cache<Resolve>(ctx, resolverKey, () => systemResolve),
})

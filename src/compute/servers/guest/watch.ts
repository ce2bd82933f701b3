// Listens to every connected host: a guest that changes by itself wakes the observer, which looks at what is really so.
import type { Context } from '../../../platform/context.ts'
import { cache } from '../../../platform/context.ts'
import { serverObserve } from './observe.reconciler.ts'

/** At start, once the hosts are connected. */
export function serversWatch(ctx: Context): void {
  const stops = watches(ctx)
  for (const name of ctx.hosts.names()) {
    if (stops.has(name)) continue
    const stop = ctx.hosts.get(name).guests.watch((report) => {
      ctx.log.info({ server: report.id, host: name, power: report.power, fault: report.fault }, 'a guest changed by itself')
      ctx.work
        .signal(ctx, serverObserve)
        .catch((error: unknown) => ctx.log.error({ err: error }, 'the observer could not be woken; it runs within a minute'))
    })
    stops.set(name, stop)
  }
}

const watches = (ctx: Context) => cache(ctx, 'compute.guest-watches', () => new Map<string, () => void>())

// Listens to every connected host. When something is lost there (a daemon was killed, a tap was deleted), it wakes
// network-watch.reconciler.ts, which restores it, or reports the port DOWN when it cannot be restored.
import { cache, type Context } from '../../platform/context.ts'
import { hostNetworkWatchWork } from './wake.ts'

/** At start, once the hosts are connected. */
export function hostsWatch(ctx: Context): void {
  const stops = cache(ctx, 'network.host-watches', () => new Map<string, () => void>())
  for (const name of ctx.hosts.names()) {
    if (stops.has(name)) continue
    const stop = ctx.hosts.get(name).network.watch(() => {
      ctx.log.warn({ host: name }, 'something of the network is gone there, or back: it is looked at')
      ctx.work
        .signal(ctx, hostNetworkWatchWork)
        .catch((error: unknown) => ctx.log.error({ err: error }, 'the network’s watch could not be woken; it runs within a minute'))
    })
    stops.set(name, stop)
  }
}

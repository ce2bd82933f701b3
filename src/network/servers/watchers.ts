// Who wants to know that a port which a guest has was deleted. The compute domain stands above this one, so it is called
// back instead of called.
import { cache, type Context, type Platform } from '../../platform/context.ts'

export interface PortWatcher {
  /** In the transaction that deletes the port: queue work that takes it out of the guest. */
  removed(tx: Context, what: { portId: string; serverId: string }): Promise<void>
}

export const portWatchers = (ctx: Pick<Platform, 'caches'>): PortWatcher[] => cache(ctx, 'network.watchers', () => [])

/** Called once, at start. */
export const portWatch = (ctx: Pick<Platform, 'caches'>, watcher: PortWatcher): void => void portWatchers(ctx).push(watcher)

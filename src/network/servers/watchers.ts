// Callbacks for the deletion of a port that a guest has. Compute stands above network, so network cannot call it; compute
// registers a callback, which runs in the transaction of the deletion: a follower of the timeline would come later.
import { cache, type Context, type Platform } from '../../platform/context.ts'

export interface PortWatcher {
  /** In the transaction that deletes the port: queue work that takes it out of the guest. */
  removed(tx: Context, what: { portId: string; serverId: string }): Promise<void>
}

export const portWatchers = (ctx: Pick<Platform, 'caches'>): PortWatcher[] => cache(ctx, 'network.watchers', () => [])

/** Called once, at start. */
export const portWatch = (ctx: Pick<Platform, 'caches'>, watcher: PortWatcher): void => void portWatchers(ctx).push(watcher)

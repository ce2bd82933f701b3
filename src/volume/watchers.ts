// Callbacks about a volume that a guest has. The compute domain stands above this one and is therefore called back, not called.
import { cache, type Context, type Platform } from '../platform/context.ts'

export interface VolumeWatcher {
  /** In the transaction that records the new size: queue work that lets the guest see it. */
  extended(tx: Context, what: { volumeId: string; serverId: string; sizeGib: number }): Promise<void>
}

export const volumeWatchers = (ctx: Pick<Platform, 'caches'>): VolumeWatcher[] => cache(ctx, 'volume.watchers', () => [])

/** Called once, at start. */
export const volumeWatch = (ctx: Pick<Platform, 'caches'>, watcher: VolumeWatcher): void => void volumeWatchers(ctx).push(watcher)

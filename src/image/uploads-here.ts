// Which uploads this process holds.
import { cache, type Context } from '../platform/context.ts'

/** Uploads that this process holds: the reconciler leaves them alone. */
export const uploadsHere = (ctx: Pick<Context, 'caches'>): Set<string> => cache(ctx, 'image.uploads', () => new Set<string>())

// Answers that are asked for again while nothing was written: a client that polls a list gets the bytes of the last time. An
// answer is kept for who asked it and how, for a second at most (some of it is told by the clock), and only while the
// store can say that nothing was committed since before it was made. Where several processes write, nothing is kept.
import { LRUCache } from 'lru-cache'
import { cache, type Context } from '../context.ts'

interface Kept {
  revision: number
  atMs: number
  bytes: Buffer
}

const maxAgeMs = 1_000
const maxBytes = 16 * 1_048_576

/** The answer to `url` as this actor sees it, made anew unless it cannot have changed. The caller has authorised. */
export async function unchanged(ctx: Context, url: string, make: () => Promise<object>): Promise<Buffer | object> {
  const revision = ctx.platform.store.revision()
  if (revision === null || ctx.db.inTransaction) return make()
  const kept = cache(
    ctx,
    'api.unchanged',
    () => new LRUCache<string, Kept>({ maxSize: maxBytes, sizeCalculation: ({ bytes }) => bytes.length + 1 }),
  )
  const { actor } = ctx
  const key = JSON.stringify([url, String(ctx.microversion), actor.userId, actor.projectId, actor.domainId, actor.systemScope, actor.roles])
  const nowMs = ctx.clock.nowMs()
  const found = kept.get(key)
  if (found && found.revision === revision && nowMs - found.atMs < maxAgeMs) return found.bytes
  const bytes = Buffer.from(JSON.stringify(await make()))
  kept.set(key, { revision, atMs: nowMs, bytes })
  return bytes
}

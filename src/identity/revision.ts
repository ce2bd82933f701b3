// The revision: a number that every write of identity moves, in the write's transaction. Whatever is cached
// (verified tokens, the role graph, the catalog) carries the revision it was read at and is void once it moved.
// A process that has the store to itself keeps the number in memory; several sharing one store read it each time.
import type { Context, Platform } from '../platform/context.ts'
import { cache } from '../platform/context.ts'
import { eventAppend } from '../platform/events.ts'
import { revisionMove, revisionRead } from './store/revision.ts'

const inMemory = (platform: { caches: Map<string, unknown> }) => cache(platform, 'identity.revision', () => ({ value: 1 }))

/** The revision now. Read it before the rows, so that what is cached under it is never older than it says. */
export function revisionNow(platform: Platform): number | Promise<number> {
  return platform.exclusive ? inMemory(platform).value : revisionRead(platform.store)
}

export interface Change {
  /** 'project', 'user', 'role' … */
  type: string
  id: string
  /** 'create', 'update', 'delete' … */
  action: string
}

/** Every write of identity goes through here: the rows, the revision and the timeline are one commit. */
export function change<T>(ctx: Context, what: Change, work: (tx: Context) => Promise<T>): Promise<T> {
  return ctx.transaction(async (tx) => {
    const result = await work(tx)
    await revisionMove(tx.db)
    // of several at once the rows tell
    if (what.id !== '')
      await eventAppend(tx, { resourceType: `identity.${what.type}`, resourceId: what.id, action: what.action, result: 'success' })
    const state = inMemory(ctx)
    tx.db.afterCommit(() => void state.value++)
    return result
  })
}

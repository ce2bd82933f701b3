// Keeps what the machines' pools hold up to date, and forgets messages that are older than promised.
import { isoMillis } from '../../platform/clock.ts'
import { reconciler } from '../../platform/work/definition.ts'
import { poolsRefresh } from '../services.ts'
import { messagesExpire } from '../store/messages.ts'

export const poolsWatch = reconciler({
  name: 'volume-pools-watch',
  everyMs: 60_000,
  async run({ ctx }) {
    await poolsRefresh(ctx)
    await messagesExpire(ctx.db, isoMillis(ctx.clock.nowMs()))
  },
})

// Forgets messages that are older than promised.
import { isoMillis } from '../../platform/clock.ts'
import { reconciler } from '../../platform/work/definition.ts'
import { messagesExpire } from '../store/messages.ts'

export const messagesExpireWatch = reconciler({
  name: 'volume-messages-expire',
  everyMs: 3_600_000,
  run: async ({ ctx }) => void (await ctx.transaction((tx) => messagesExpire(tx.db, isoMillis(tx.clock.nowMs())))),
})

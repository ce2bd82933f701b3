// The password that a guest made and encrypted with its user's key: kept for the user, not readable here.
import type { Context } from '../../platform/context.ts'
import { serverGet } from './servers.ts'
import { serverChange } from './store/servers.ts'

export async function serverPasswordClear(ctx: Context, id: string): Promise<void> {
  await ctx.transaction(async (tx) => {
    await serverGet(tx, id)
    await serverChange(tx.db, id, { password: '' })
  })
}

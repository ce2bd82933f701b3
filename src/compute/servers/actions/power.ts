// start, stop, reboot, pause, unpause, suspend, resume, crash dump: begun here, done by power.saga.ts.
import type { Context } from '../../../platform/context.ts'
import { conflict } from '../../../platform/errors.ts'
import { serverBegin, serverGet } from '../servers.ts'
import { serverCrashDumpSaga, serverPowerSaga, serverRebootSaga, type PowerAction } from './power.saga.ts'

/** Accepts a change of power. */
export async function serverPower(ctx: Context, id: string, action: PowerAction): Promise<void> {
  await ctx.transaction(async (tx) => {
    const server = await serverBegin(tx, await serverGet(tx, id), action)
    if (server.host === null) throw conflict(`Instance ${id} is not ready`)
    await tx.work.enqueue(tx, serverPowerSaga, { serverId: id, action }, { resourceId: id })
  })
}

/** Accepts a reboot; a hard one takes over from whatever power change hangs, and from nothing else: ports and volumes may be on their way. */
export async function serverReboot(ctx: Context, id: string, kind: 'soft' | 'hard'): Promise<void> {
  await ctx.transaction(async (tx) => {
    const before = await serverGet(tx, id)
    const server = await serverBegin(tx, before, kind === 'hard' ? 'rebootHard' : 'rebootSoft')
    if (server.host === null) throw conflict(`Instance ${id} is not ready`)
    if (before.task_state !== null) await tx.work.cancel(tx, id, [serverPowerSaga, serverRebootSaga])
    await tx.work.enqueue(tx, serverRebootSaga, { serverId: id, kind }, { resourceId: id })
  })
}

/** Accepts an NMI for the guest: its kernel writes a crash dump. */
export async function serverCrashDump(ctx: Context, id: string): Promise<void> {
  await ctx.transaction(async (tx) => {
    const server = await serverBegin(tx, await serverGet(tx, id), 'crashDump')
    if (server.host === null) throw conflict(`Instance ${id} is not ready`)
    await tx.work.enqueue(tx, serverCrashDumpSaga, { serverId: id }, { resourceId: id })
  })
}

// Plugs a port into a server's guest and takes it out again. The port's filters stand before its first packet.
import { portDelete, portsUnbind, portsWired } from '../../../network/index.ts'
import type { Context } from '../../../platform/context.ts'
import { saga } from '../../../platform/work/definition.ts'
import { portChange, portDeleteRow, portMove, portsOf, portStates } from '../store/parts.ts'
import { nextGeneration, serverChange } from '../store/servers.ts'
import { oneAtATime } from '../guest/steps/apply.ts'
import { settleGivenUp } from '../guest/mend.saga.ts'
import { settle, settleFailed } from '../guest/steps/settle.ts'
import { guestRefresh } from '../guest/steps/refresh.ts'

const minute = 60_000

/** A port that was made for the server goes with it, the user's own is let loose. */
async function letGo(ctx: Context, serverId: string, portId: string): Promise<void> {
  const row = (await portsOf(ctx.db, serverId)).find((each) => each.port_id === portId)
  if (!row) return
  if (row.preserve === 1) await portsUnbind(ctx, { ids: [portId] })
  else await portDelete(ctx, portId)
  await portDeleteRow(ctx.db, portId)
}

export const serverAttachInterfaceSaga = saga<{ serverId: string; host: string; portId: string; made: boolean }>({
  name: 'server-attach-interface',
  deadlineMs: 5 * minute,
  limit: (_ctx, { serverId }) => oneAtATime(serverId),
  steps: [
    { name: 'port', undoCommit: ({ ctx }, { serverId, portId }) => letGo(ctx, serverId, portId) },
    {
      name: 'wire',
      run: (work, { host, portId }) => portsWired(work, host, [portId]),
      // from now on whoever makes the guest makes it with the port
      async commit({ ctx }, { serverId, portId }) {
        await portMove(ctx.db, portId, { from: portStates.out, to: portStates.in })
        await serverChange(ctx.db, serverId, nextGeneration)
      },
    },
    {
      name: 'plug',
      run: (work, { serverId }) => guestRefresh(work, serverId),
      commit: (work, { serverId }) => settle(work, serverId, { action: 'attach_interface' }),
      async undo(work, { serverId, portId }) {
        await work.ctx.transaction(async (tx) => {
          await portMove(tx.db, portId, { from: portStates.in, to: portStates.out })
          await serverChange(tx.db, serverId, nextGeneration)
        })
        await guestRefresh(work, serverId)
      },
    },
  ],
  failed: (work, { serverId }, reason) => settleFailed(work, serverId, { action: 'attach_interface', reason }),
  // it is the server's, and can be detached
  async givenUp(work, { serverId, portId }, reason) {
    await portMove(work.ctx.db, portId, { from: portStates.out, to: portStates.in })
    await serverChange(work.ctx.db, serverId, nextGeneration)
    await settleGivenUp(work, serverId, { action: 'attach_interface', reason })
  },
})

export const serverDetachInterfaceSaga = saga<{ serverId: string; portId: string }>({
  name: 'server-detach-interface',
  deadlineMs: 5 * minute,
  limit: (_ctx, { serverId }) => oneAtATime(serverId),
  steps: [
    {
      name: 'unplug',
      run: (work, { serverId }) => guestRefresh(work, serverId),
      async commit(work, { serverId, portId }) {
        await letGo(work.ctx, serverId, portId)
        await settle(work, serverId, { action: 'detach_interface' })
      },
      // the guest may have let go of it, and its host said that it had not
      async undo(work, { serverId, portId }) {
        await work.ctx.transaction(async (tx) => {
          await portChange(tx.db, portId, { detaching: portStates.in })
          await serverChange(tx.db, serverId, nextGeneration)
        })
        await guestRefresh(work, serverId)
      },
    },
  ],
  failed: (work, { serverId }, reason) => settleFailed(work, serverId, { action: 'detach_interface', reason }),
  givenUp: (work, { serverId }, reason) => settleGivenUp(work, serverId, { action: 'detach_interface', reason }),
})

// Plugs a port into a server's guest and takes it out again. The port's filters stand before its first packet.
import { attachedPortMove, attachedPortsRelease, portsWire } from '../../../network/index.ts'
import { nextGeneration, serverChange } from '../store/servers.ts'
import { mendLater } from '../guest/mend.saga.ts'
import { serverSaga } from '../guest/steps/server-saga.ts'
import { guestRefresh } from '../guest/steps/refresh.ts'

const minute = 60_000

export const serverAttachInterfaceSaga = serverSaga<{ serverId: string; host: string; portId: string; made: boolean }>({
  name: 'server-attach-interface',
  action: 'attach_interface',
  deadlineMs: 5 * minute,
  steps: [
    { name: 'port', undoCommit: ({ ctx }, { serverId, portId }) => attachedPortsRelease(ctx, serverId, portId) },
    {
      name: 'wire',
      run: (work, { host, portId }) => portsWire(work, host, [portId]),
      // from now on a guest that is made has the port
      async commit({ ctx }, { serverId, portId }) {
        await attachedPortMove(ctx, portId, { from: 'attaching', to: 'attached' })
        await serverChange(ctx.db, serverId, nextGeneration)
      },
    },
    {
      name: 'plug',
      run: (work, { serverId }) => guestRefresh(work, serverId),
      async undo(work, { serverId, portId }) {
        await work.ctx.transaction(async (tx) => {
          await attachedPortMove(tx, portId, { from: 'attached', to: 'attaching' })
          await serverChange(tx.db, serverId, nextGeneration)
        })
        await guestRefresh(work, serverId)
      },
    },
  ],
  // it is the server's, and can be detached
  async abandoned({ ctx }, { serverId, portId }) {
    await attachedPortMove(ctx, portId, { from: 'attaching', to: 'attached' })
    await mendLater(ctx, serverId)
    return nextGeneration
  },
})

export const serverDetachInterfaceSaga = serverSaga<{ serverId: string; portId: string }>({
  name: 'server-detach-interface',
  action: 'detach_interface',
  deadlineMs: 5 * minute,
  steps: [
    {
      name: 'unplug',
      run: (work, { serverId }) => guestRefresh(work, serverId),
      commit: ({ ctx }, { serverId, portId }) => attachedPortsRelease(ctx, serverId, portId),
      // the guest may have released it although its host said otherwise
      async undo(work, { serverId, portId }) {
        await work.ctx.transaction(async (tx) => {
          await attachedPortMove(tx, portId, { to: 'attached' })
          await serverChange(tx.db, serverId, nextGeneration)
        })
        await guestRefresh(work, serverId)
      },
    },
  ],
  abandoned: ({ ctx }, { serverId }) => mendLater(ctx, serverId),
})

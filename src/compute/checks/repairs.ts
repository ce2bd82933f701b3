// How fsck mends servers: by the work that does such things anyway, or by saying in the row what is so. Never by
// throwing a disk away that a row still names.
import type { Host } from '../../contract/host.ts'
import type { Context } from '../../platform/context.ts'
import type { Repair } from '../../platform/fsck/check.ts'
import type { WorkContext } from '../../platform/work/definition.ts'
import { serverEvent } from '../servers/servers.ts'
import { faultOf } from '../servers/faults.ts'
import { serversKnown } from '../servers/store/checks.ts'
import { serverChange, serverFetch, type ServerRow } from '../servers/store/servers.ts'
import { mendLater } from '../servers/guest/mend.saga.ts'
import { serverObserve } from '../servers/guest/observe.reconciler.ts'

/** Removes a guest whose row is deleted, missing, or says another place. */
export const guestRemoveRepair = (host: Host, id: string): Repair => ({
  words: 'remove the guest',
  async run({ ctx, call }) {
    const [row] = await serversKnown(ctx.db, [id])
    if (row?.deleted === false && row.host === host.name) return
    await host.guests.remove(id, call)
  },
})

/** Queues the work that makes the guest as the rows say. */
export const mendRepair = (serverId: string): Repair => ({
  words: 'make the guest as the rows say',
  async run({ ctx }) {
    await ctx.transaction(async (tx) => {
      const server = await serverFetch(tx.db, serverId)
      if (server?.host) await mendLater(tx, serverId)
    })
  },
})

export const observeRepair: Repair = {
  words: 'write down what the guest does',
  run: ({ ctx }) => ctx.work.signal(ctx, serverObserve),
}

/** The row says that the server is broken and why; nothing is taken away. */
export const serverFailRepair = (row: Pick<ServerRow, 'id' | 'vm_state' | 'generation'>, reason: string): Repair => ({
  words: 'set the server to ERROR with this as its fault',
  run: (work) => serverFail(work, row, reason),
})

async function serverFail({ ctx }: WorkContext, row: Pick<ServerRow, 'id' | 'vm_state' | 'generation'>, reason: string): Promise<void> {
  await ctx.transaction(async (tx: Context) => {
    const server = await serverFetch(tx.db, row.id)
    const change = { vm_state: 'error', task_state: null, pending_image_id: null, fault: await faultOf(tx, reason) }
    if (!server || !(await serverChange(tx.db, row.id, change, { vm_state: row.vm_state, generation: row.generation }))) return
    await serverEvent(tx, server, { action: 'fsck', result: 'error', message: reason })
  })
}

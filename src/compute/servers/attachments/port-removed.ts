// A port that a server has was deleted by its user: the guest releases it, as with Nova's event `network-vif-deleted`. The
// network domain calls here.
import { portWatch } from '../../../network/index.ts'
import type { Context } from '../../../platform/context.ts'
import { serverEvent } from '../servers.ts'
import { nextGeneration, serverChange, serverFetch } from '../store/servers.ts'
import { mendLater } from '../guest/mend.saga.ts'

/** At start. */
export const portsWatch = (ctx: Context): void => portWatch(ctx, { removed: serverPortDrop })

/** In the transaction that deletes the port. */
async function serverPortDrop(tx: Context, { serverId, portId }: { serverId: string; portId: string }): Promise<void> {
  const server = await serverFetch(tx.db, serverId)
  if (!server) return
  await serverEvent(tx, server, { action: 'detach_interface', result: 'success', message: `the port ${portId} was deleted` })
  if (server.host === null) return
  await serverChange(tx.db, serverId, nextGeneration)
  await mendLater(tx, serverId)
}

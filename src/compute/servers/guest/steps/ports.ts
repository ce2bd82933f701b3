// A server's ports on its host: wired before the guest's first packet, released when the server or its build is gone.
import { serverPortDelete, portsUnbind, portsWire } from '../../../../network/index.ts'
import type { Context } from '../../../../platform/context.ts'
import type { Step } from '../../../../platform/work/definition.ts'
import { portDeleteRow, portsDelete, portsOf } from '../../store/parts.ts'

/** The host's network gets the server's ports, and reports them filtered and wired. */
export const wirePorts: Step<{ serverId: string; host: string }> = {
  name: 'wire',
  async run(work, { serverId, host }) {
    const rows = await portsOf(work.ctx.db, serverId)
    await portsWire(
      work,
      host,
      rows.map((row) => row.port_id),
    )
  },
}

/** Ports that were made for the server are deleted, the user's own are unbound. */
export async function portsRelease(tx: Context, serverId: string): Promise<void> {
  const rows = await portsOf(tx.db, serverId)
  const own = rows.filter((row) => row.preserve).map((row) => row.port_id)
  if (own.length > 0) await portsUnbind(tx, { ids: own })
  for (const row of rows) if (!row.preserve) await serverPortDelete(tx, row.port_id)
  await portsDelete(tx.db, serverId)
}

/** The same with one of them. */
export async function portRelease(tx: Context, serverId: string, portId: string): Promise<void> {
  const row = (await portsOf(tx.db, serverId)).find((each) => each.port_id === portId)
  if (!row) return
  if (row.preserve) await portsUnbind(tx, { ids: [portId] })
  else await serverPortDelete(tx, portId)
  await portDeleteRow(tx.db, portId)
}

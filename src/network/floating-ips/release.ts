// Takes floating IPs off a port, or off one address of it, when these go away.
import type { Context } from '../../platform/context.ts'
import { floatingIpRows } from './store.ts'
import { routerRows } from '../routers/store.ts'
import { wakeHosts } from '../host/wake.ts'

export async function floatingIpsRelease(tx: Context, what: { portId: string; fixedIp?: string }): Promise<void> {
  const found = (await floatingIpRows.list(tx.db, { fixed_port_id: what.portId })).filter(
    (row) => what.fixedIp === undefined || row.fixed_ip_address === what.fixedIp,
  )
  if (found.length === 0) return
  for (const row of found)
    await floatingIpRows.change(tx, row.id, { fixed_port_id: null, fixed_ip_address: null, router_id: null, status: 'DOWN' })
  const routers = await routerRows.many(
    tx.db,
    found.flatMap(({ router_id }) => router_id ?? []),
  )
  await wakeHosts(
    tx,
    routers.map(({ host }) => host),
  )
}

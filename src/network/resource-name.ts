// What users call the network's resources: for those who read of them in a timeline.
import type { Context } from '../platform/context.ts'
import type { Db } from '../platform/store/store.ts'
import { table } from '../platform/table.ts'
import { floatingIpRows } from './floating-ips/store.ts'
import { networkRows } from './networks/store.ts'
import { portRows } from './ports/store.ts'
import { routerRows } from './routers/store.ts'
import { securityGroupRows } from './security-groups/store.ts'
import { subnetpoolRows } from './subnetpools/store.ts'
import { subnetRows } from './subnets/store.ts'

const named: Record<string, (db: Db, id: string) => Promise<{ name: string } | undefined>> = table({
  network: networkRows.fetch,
  subnet: subnetRows.fetch,
  port: portRows.fetch,
  router: routerRows.fetch,
  security_group: securityGroupRows.fetch,
  subnetpool: subnetpoolRows.fetch,
})

/** Its name; a floating IP's address. */
export async function resourceName({ db }: Context, type: string, id: string): Promise<string | null> {
  if (type === 'floatingip') return (await floatingIpRows.fetch(db, id))?.floating_ip_address ?? null
  return (await named[type]?.(db, id))?.name ?? null
}

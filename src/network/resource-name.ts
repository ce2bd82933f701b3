// What users call the network's resources: for those who read of them in a timeline.
import type { Context } from '../platform/context.ts'
import type { Db } from '../platform/store/store.ts'
import { table } from '../platform/table.ts'
import { floatingIpFetch } from './floating-ips/store.ts'
import { networkFetch } from './networks/store.ts'
import { portFetch } from './ports/store.ts'
import { routerFetch } from './routers/store.ts'
import { groupFetch } from './security-groups/store.ts'
import { subnetpoolFetch } from './subnetpools/store.ts'
import { subnetFetch } from './subnets/store.ts'

const named: Record<string, (db: Db, id: string) => Promise<{ name: string } | undefined>> = table({
  network: networkFetch,
  subnet: subnetFetch,
  port: portFetch,
  router: routerFetch,
  security_group: groupFetch,
  subnetpool: subnetpoolFetch,
})

/** Its name; a floating IP's address. */
export async function resourceName({ db }: Context, type: string, id: string): Promise<string | null> {
  if (type === 'floatingip') return (await floatingIpFetch(db, id))?.floating_ip_address ?? null
  return (await named[type]?.(db, id))?.name ?? null
}

// What users call the network's resources: for those who read of them in a timeline.
import type { Context } from '../platform/context.ts'
import type { Db } from '../platform/store/store.ts'
import { table } from '../platform/table.ts'
import { floatingIpFetch } from './store/floating-ips.ts'
import { networkFetch } from './store/networks.ts'
import { portFetch } from './store/ports.ts'
import { routerFetch } from './store/routers.ts'
import { groupFetch } from './store/security-groups.ts'
import { subnetpoolFetch } from './store/subnetpools.ts'
import { subnetFetch } from './store/subnets.ts'

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

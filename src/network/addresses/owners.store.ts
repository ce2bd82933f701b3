// SQL of the port that holds an address on a network.
import type { Db } from '../../platform/store/store.ts'
import { q } from '../store/query.ts'

export const portByAnyAddress = (db: Db, networkId: string, address: string) =>
  q(db)
    .selectFrom('ip_allocations')
    .select(['port_id', 'subnet_id'])
    .where('network_id', '=', networkId)
    .where('ip_address', '=', address)
    .executeTakeFirst()

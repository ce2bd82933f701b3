// SQL of addresses in use. The key (subnet, address) is what makes double use impossible; `position` is what makes
// the next free one cheap to find in a pool of any size.
import { sql } from 'kysely'
import { idList, idsIn, inList } from '../../platform/store/ids-in.ts'
import { shapedStatement, statement } from '../../platform/store/statement.ts'
import type { Db } from '../../platform/store/store.ts'
import { q } from '../store/query.ts'
import type { IpAllocationRow, NetworkTables } from '../store/tables.ts'

const insert = shapedStatement<NetworkTables, { row: IpAllocationRow }, Pick<IpAllocationRow, 'ip_address'>>((from, { row }) =>
  from
    .insertInto('ip_allocations')
    .values(row)
    .onConflict((c) => c.columns(['subnet_id', 'ip_address']).doNothing())
    .returning('ip_address'),
)
/** Takes the address; false when somebody has it. */
export const allocationInsert = async (db: Db, row: IpAllocationRow): Promise<boolean> => (await insert.first(db, { row })) !== undefined

/** The first free position after a taken one, within a range; null when the rest of the range is taken. */
export async function allocationGap(db: Db, subnetId: string, { from, to }: { from: number; to: number }): Promise<number | null> {
  const { rows } = await sql<{ free: number }>`
    select a.position + 1 as free from ip_allocations a
    where a.subnet_id = ${subnetId} and a.position >= ${from} and a.position < ${to}
      and not exists (select 1 from ip_allocations b where b.subnet_id = a.subnet_id and b.position = a.position + 1)
    order by a.position limit 1`.execute(db.as<never>())
  return rows[0] === undefined ? null : Number(rows[0].free)
}

const ofPorts = statement<NetworkTables, { list: string }, IpAllocationRow>((from, { list }, db) =>
  from
    .selectFrom('ip_allocations')
    .selectAll()
    .where(inList(db, 'port_id', list))
    .orderBy('port_id')
    .orderBy('ordinal'),
)
export const allocationsOfPorts = (db: Db, portIds: string[]) => ofPorts.rows(db, { list: idList(portIds) })

const addresses = statement<NetworkTables, { list: string }, Pick<IpAllocationRow, 'port_id' | 'subnet_id' | 'ip_address'>>(
  (from, { list }, db) =>
    from
      .selectFrom('ip_allocations')
      .select(['port_id', 'subnet_id', 'ip_address'])
      .where(inList(db, 'port_id', list))
      .orderBy('port_id')
      .orderBy('ordinal'),
)
/** Only the addresses, in order. */
export const addressesOfPorts = (db: Db, portIds: string[]) => addresses.rows(db, { list: idList(portIds) })

/** Its place in the port's list. */
export const allocationPlace = (db: Db, row: IpAllocationRow, ordinal: number) =>
  q(db)
    .updateTable('ip_allocations')
    .set({ ordinal })
    .where('subnet_id', '=', row.subnet_id)
    .where('ip_address', '=', row.ip_address)
    .execute()

export const allocationsDelete = (db: Db, portId: string, ips: { subnetId: string; ip: string }[]) =>
  q(db)
    .deleteFrom('ip_allocations')
    .where('port_id', '=', portId)
    .where(
      idsIn(
        db,
        'subnet_id',
        ips.map(({ subnetId }) => subnetId),
      ),
    )
    .where(
      idsIn(
        db,
        'ip_address',
        ips.map(({ ip }) => ip),
      ),
    )
    .execute()

/** The addresses of a subnet in use, with the kind of their owner: decides whether it may be deleted. At most `limit`. */
export const allocationsOfSubnet = (db: Db, subnetId: string, limit: number) =>
  q(db)
    .selectFrom('ip_allocations')
    .innerJoin('ports', 'ports.id', 'ip_allocations.port_id')
    .select(['ip_allocations.ip_address', 'ip_allocations.port_id', 'ports.device_owner', 'ports.device_id'])
    .where('ip_allocations.subnet_id', '=', subnetId)
    .limit(limit)
    .execute()

/** All of them. */
export async function addressesOfSubnet(db: Db, subnetId: string): Promise<Set<string>> {
  const rows = await q(db).selectFrom('ip_allocations').select('ip_address').where('subnet_id', '=', subnetId).execute()
  return new Set(rows.map(({ ip_address }) => ip_address))
}

/** How many addresses of each subnet are in use. */
export async function allocationCounts(db: Db, subnetIds: string[]): Promise<Map<string, number>> {
  const rows = await q(db)
    .selectFrom('ip_allocations')
    .select((e) => ['subnet_id', e.fn.countAll<number>().as('count')])
    .where(idsIn(db, 'subnet_id', subnetIds))
    .groupBy('subnet_id')
    .execute()
  return new Map(rows.map((row) => [row.subnet_id, Number(row.count)]))
}

// SQL of network agents: one row for each kind on each host.
import { sql, type UpdateResult } from 'kysely'
import { idList, inList } from '../../platform/store/ids-in.ts'
import { statement } from '../../platform/store/statement.ts'
import type { Db } from '../../platform/store/store.ts'
import type { ListShape } from '../store/list.ts'
import { q } from '../store/query.ts'
import type { NetworkAgentRow, NetworkTables } from '../store/tables.ts'

const text = (column: string) => ({ column, kind: 'text' as const })

export const agentShape: ListShape = {
  table: 'network_agents',
  visible: () => sql<boolean>`1 = 0`,
  columns: {
    id: text('id'),
    agent_type: text('agent_type'),
    host: text('host'),
    admin_state_up: { column: 'admin_state_up', kind: 'boolean' },
    description: { ...text('description'), nullable: true },
    created_at: text('created_at'),
    started_at: text('started_at'),
    heartbeat_timestamp: text('heartbeat_at'),
  },
  booleans: ['alive'],
  // what is told by the kind of an agent, and by who is connected: agents.ts filters by these
  special: Object.fromEntries(['binary', 'topic', 'availability_zone', 'alive'].map((name) => [name, () => sql<boolean>`1 = 1`])),
}

/** Makes the row when it is missing. */
export const agentEnsure = (db: Db, row: NetworkAgentRow) =>
  q(db)
    .insertInto('network_agents')
    .values(row)
    .onConflict((c) => c.columns(['host', 'agent_type']).doNothing())
    .execute()

const names = statement<NetworkTables, { hosts: string }, Pick<NetworkAgentRow, 'host' | 'agent_type'>>((from, { hosts }, db) =>
  from
    .selectFrom('network_agents')
    .select(['host', 'agent_type'])
    .where(inList(db, 'host', hosts)),
)
export const agentNames = (db: Db, hosts: readonly string[]) => names.rows(db, { hosts: idList(hosts) })

const beat = statement<NetworkTables, { hosts: string; now: string }, UpdateResult>((from, { hosts, now }, db) =>
  from
    .updateTable('network_agents')
    .set({ heartbeat_at: now })
    .where(inList(db, 'host', hosts)),
)
export const heartbeatsUpdate = (db: Db, hosts: readonly string[], now: string) => beat.change(db, { hosts: idList(hosts), now })

export const agentUpdate = (db: Db, id: string, change: Partial<NetworkAgentRow>) =>
  q(db).updateTable('network_agents').set(change).where('id', '=', id).returningAll().executeTakeFirstOrThrow()

export const agentDelete = (db: Db, id: string) => q(db).deleteFrom('network_agents').where('id', '=', id).execute()
export const agentsOfHost = (db: Db, host: string, agentType: string) =>
  q(db).selectFrom('network_agents').selectAll().where('host', '=', host).where('agent_type', '=', agentType).execute()

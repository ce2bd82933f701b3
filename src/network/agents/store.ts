// SQL of network agents: one row for each kind on each host.
import { sql } from 'kysely'
import { rows } from '../../platform/store/rows.ts'
import type { ListShape } from '../store/list.ts'
import type { NetworkAgentRow } from '../store/tables.ts'

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
  // not columns: agents.ts filters by these, from the agent's kind and from whether its host is connected
  special: Object.fromEntries(['binary', 'topic', 'availability_zone', 'alive'].map((name) => [name, () => sql<boolean>`1 = 1`])),
}

export const agentRows = rows<NetworkAgentRow>('network_agents')

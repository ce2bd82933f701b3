// Agents: what makes networks on a host, as operators know them. One row a kind and host; alive while the host is connected.
import { isoSeconds } from '../platform/clock.ts'
import type { Context } from '../platform/context.ts'
import { sql } from 'kysely'
import { notFound } from '../platform/errors.ts'
import { settable, shown, type Attributes } from './api/attribute.ts'
import { boolean, orNull, text } from './api/readers.ts'
import type { Resource } from './api/resource.ts'
import { agentDelete, agentEnsure, agentsBeatSet, agentShape, agentUpdate } from './store/agents.ts'
import { toInt } from './store/query.ts'
import type { NetworkAgentRow } from './store/tables.ts'
import { networkZone } from './zones.ts'

const kinds = [
  { type: 'Linux bridge agent', binary: 'neutron-linuxbridge-agent', topic: 'N/A', zone: null },
  { type: 'L3 agent', binary: 'neutron-l3-agent', topic: 'l3_agent', zone: networkZone },
  { type: 'DHCP agent', binary: 'neutron-dhcp-agent', topic: 'dhcp_agent', zone: networkZone },
  { type: 'Metadata agent', binary: 'neutron-metadata-agent', topic: 'N/A', zone: null },
]

/** Makes a host's agents known. */
export async function agentsEnsure(tx: Context, host: string): Promise<void> {
  const now = isoSeconds(tx.clock.nowMs())
  for (const { type } of kinds) {
    await agentEnsure(tx.db, { id: tx.ids.uuid(), host, agent_type: type, admin_state_up: 1, description: null, configurations: '{}', created_at: now, started_at: now, heartbeat_at: now })
  }
}

/** They have been heard of just now. */
export async function agentsBeat(tx: Context, host: string): Promise<void> {
  await agentsBeatSet(tx.db, host, isoSeconds(tx.clock.nowMs()))
}

/** 2026-11-22 19:36:06 */
const spaced = (iso: string) => iso.replace('T', ' ').replace('Z', '')

const agentAttributes: Attributes = {
  id: shown, agent_type: shown, binary: shown, topic: shown, host: shown, admin_state_up: settable(boolean), created_at: shown, started_at: shown, heartbeat_timestamp: shown, alive: shown,
  configurations: shown, description: settable(orNull(text(255))), availability_zone: shown, resources_synced: shown, resource_versions: shown,
}

type AgentRow = NetworkAgentRow & { project_id: string }

function view(ctx: Context, row: NetworkAgentRow) {
  const kind = kinds.find(({ type }) => type === row.agent_type)
  return {
    id: row.id, agent_type: row.agent_type, binary: kind?.binary ?? '', topic: kind?.topic ?? 'N/A', host: row.host, admin_state_up: row.admin_state_up === 1,
    created_at: spaced(row.created_at), started_at: spaced(row.started_at), heartbeat_timestamp: spaced(row.heartbeat_at),
    alive: ctx.hosts.find(row.host) !== undefined, description: row.description, resources_synced: null, availability_zone: kind?.zone ?? null, configurations: JSON.parse(row.configurations),
  }
}

export const agents: Resource<AgentRow> = {
  name: 'agent', collection: 'agents', path: '/agents', attributes: agentAttributes, shape: agentShape,
  visible: () => sql<boolean>`1 = 0`,
  missing: (id) => notFound(`Agent ${id} could not be found.`, { type: 'AgentNotFound' }),
  views: async (ctx, rows) => rows.map((row) => view(ctx, row)),
  async update(tx, row, values) {
    const change = {
      ...(values['admin_state_up'] === undefined ? {} : { admin_state_up: toInt(values['admin_state_up']) }),
      ...(values['description'] === undefined ? {} : { description: values['description'] as string | null }),
    }
    return { ...(await agentUpdate(tx.db, row.id, change)), project_id: '' }
  },
  remove: async (tx, row) => void (await agentDelete(tx.db, row.id)),
}

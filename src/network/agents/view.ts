// Agents → what the API shows.
import type { AgentFacts, AgentRow } from './agents.ts'
import type { Loaded } from '../api/resource.ts'

/** 2026-11-22 19:36:06 */
const spaced = (iso: string) => iso.replace('T', ' ').replace('Z', '')

export const agentView = ({ row, facts }: Loaded<AgentRow, AgentFacts>): Record<string, unknown> => ({
  id: row.id,
  agent_type: row.agent_type,
  binary: facts.binary,
  topic: facts.topic,
  host: row.host,
  admin_state_up: row.admin_state_up,
  created_at: spaced(row.created_at),
  started_at: spaced(row.started_at),
  heartbeat_timestamp: spaced(row.heartbeat_at),
  alive: facts.alive,
  description: row.description,
  resources_synced: null,
  availability_zone: facts.zone,
  configurations: row.configurations,
})

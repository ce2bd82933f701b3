// Agents: what makes networks on a host, as operators know them. One row a kind and host; alive while the host is connected.
import { readBoolean } from '../../platform/api/words.ts'
import { isoSeconds } from '../../platform/clock.ts'
import { cache, type Context } from '../../platform/context.ts'
import { notFound } from '../../platform/errors.ts'
import type { Resource } from '../api/resource.ts'
import { agentAttributes } from './attributes.ts'
import { agentRows, agentShape } from './store.ts'
import type { NetworkAgentRow } from '../store/tables.ts'
import { networkZone } from '../zones.ts'

const kinds = [
  { type: 'Linux bridge agent', binary: 'neutron-linuxbridge-agent', topic: 'N/A', zone: null },
  { type: 'L3 agent', binary: 'neutron-l3-agent', topic: 'l3_agent', zone: networkZone },
  { type: 'DHCP agent', binary: 'neutron-dhcp-agent', topic: 'dhcp_agent', zone: networkZone },
  { type: 'Metadata agent', binary: 'neutron-metadata-agent', topic: 'N/A', zone: null },
]

/** Makes the agents of these hosts known. */
export async function agentsEnsure(tx: Context, hosts: readonly string[]): Promise<void> {
  const now = isoSeconds(tx.clock.nowMs())
  const known = new Set((await agentRows.list(tx.db, { host: hosts })).map(({ host, agent_type }) => `${agent_type} ${host}`))
  for (const host of hosts) {
    for (const { type } of kinds) {
      if (known.has(`${type} ${host}`)) continue
      await agentRows.insertMissing(tx.db, {
        id: tx.ids.uuid(),
        host,
        agent_type: type,
        admin_state_up: true,
        description: null,
        configurations: {},
        created_at: now,
        started_at: now,
        heartbeat_at: now,
      })
    }
  }
}

/** Hosts whose agents this process has seen in the store. */
const knownHosts = (ctx: Context) => cache(ctx, 'network.agents', () => new Set<string>())

/** Records a heartbeat of all agents of these hosts; creates the agents of a new host. */
export async function agentsHeartbeat(tx: Context, hosts: readonly string[]): Promise<void> {
  const known = knownHosts(tx)
  const fresh = hosts.filter((host) => !known.has(host))
  if (fresh.length > 0) await agentsEnsure(tx, fresh)
  for (const host of fresh) known.add(host)
  await agentRows.update(tx.db, { host: hosts }, { heartbeat_at: isoSeconds(tx.clock.nowMs()) })
}

export type AgentRow = NetworkAgentRow & { project_id: string }

export interface AgentFacts {
  binary: string
  topic: string
  zone: string | null
  alive: boolean
}

const isAmong = (words: string[] | undefined, value: string): boolean =>
  words === undefined || words.some((word) => word.toLowerCase() === value.toLowerCase())

export const agents: Resource<AgentRow, AgentFacts, typeof agentAttributes> = {
  name: 'agent',
  attributes: agentAttributes,
  shape: agentShape,
  missing: (id) => notFound(`Agent ${id} could not be found.`, { type: 'AgentNotFound' }),
  load: async (ctx, rows) =>
    rows.map((row) => {
      const kind = kinds.find(({ type }) => type === row.agent_type)
      return {
        row,
        facts: {
          binary: kind?.binary ?? '',
          topic: kind?.topic ?? 'N/A',
          zone: kind?.zone ?? null,
          alive: ctx.hosts.find(row.host) !== undefined,
        },
      }
    }),
  keeps: ({ facts }, filters) =>
    (['binary', 'topic'] as const).every((name) => isAmong(filters.get(name), facts[name])) &&
    isAmong(filters.get('availability_zone'), facts.zone ?? '') &&
    (filters.get('alive') ?? []).every((word) => readBoolean(word) === facts.alive),
  async update(tx, row, values) {
    const isNamed = Object.keys(values).length > 0
    return { ...((isNamed ? await agentRows.advance(tx.db, { id: row.id }, values) : undefined) ?? row), project_id: '' }
  },
  async delete(tx, row) {
    // the next heartbeat of its host creates a living agent anew
    knownHosts(tx).delete(row.host)
    await agentRows.delete(tx.db, row.id)
  },
}

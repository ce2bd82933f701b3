// The filters of this host: from the spec to the rules, loaded when they differ, and the end of flows that the new
// rules would not have let begin.
import { loadRules } from '../run.ts'
import type { Agents } from '../context.ts'
import { bridgeName, tableName } from '../names.ts'
import type { HostNetworkSpec } from '../../../contract/network.ts'
import type { WantedLinks } from '../l2/wanted.ts'
import { endFlows } from './conntrack.ts'
import { createJudge } from './flows.ts'
import type { FilterInput, FilterPort } from './input.ts'
import { emptyRuleset, hostRuleset } from './ruleset.ts'
import { allowedAddresses } from './spoofing.ts'

/** What the rules are computed from. */
export function filterInput(spec: HostNetworkSpec, wanted: WantedLinks, agents: Agents): FilterInput {
  const { registry, options, memory } = agents
  const filtered = spec.ports.filter((port) => port.portSecurityEnabled && port.adminStateUp)
  return {
    table: tableName(registry.instance),
    networks: spec.networks
      .filter((network) => !wanted.faults.has(network.id))
      .map((network) => ({
        bridge: bridgeName(network.id),
        zone: network.hostAddresses.length > 0 ? 0 : registry.zone(network.id),
        hostAddresses: network.hostAddresses,
      })),
    ports: filtered.map((port) => ({ spec: port, bridge: bridgeName(port.networkId), mark: registry.mark(port.id) })),
    securityGroups: spec.securityGroups,
    blocked: [...new Set([...wanted.closed, ...memory.unclaimed.keys()])].sort(),
    masquerade: options.egress !== false,
  }
}

/** Loads the rules in one transaction when they are not those that stand. */
export async function applyFilters(input: FilterInput, agents: Agents, deep: boolean): Promise<void> {
  const empty = input.networks.length === 0 && input.ports.length === 0 && input.blocked.length === 0
  const rules = empty ? emptyRuleset(input.table) : hostRuleset(input)
  if (rules === agents.memory.rules && !deep) return
  agents.memory.rules = ''
  await loadRules(rules)
  agents.memory.rules = rules
}

/** Ends what the rules no longer allow. Without memory of the last rules (after a start) every flow is judged. */
export async function endForbiddenFlows(before: FilterInput | null, now: FilterInput, agents: Agents): Promise<void> {
  const gone = before === null ? [] : goneAddresses(before, now)
  if (before !== null && gone.length === 0 && !hasChanged(before, now)) return
  if (before === null && now.ports.length === 0) return
  await endFlows(createJudge(now, gone), { zone: null, log: agents.log })
}

function goneAddresses(before: FilterInput, now: FilterInput): { zone: number; address: string }[] {
  const list = (input: FilterInput) => {
    const zones = new Map(input.networks.map((network) => [network.bridge, network.zone]))
    return input.ports.flatMap((port) =>
      ([4, 6] as const).flatMap((version) =>
        allowedAddresses(port.spec, version).map((address) => ({
          zone: zones.get(port.bridge) ?? 0,
          address,
          key: `${port.bridge} ${address}`,
        })),
      ),
    )
  }
  const kept = new Set(list(now).map((entry) => entry.key))
  return list(before).filter((entry) => !kept.has(entry.key) && !entry.address.includes('/'))
}

/** Whether a port that stays has other rules than before. */
function hasChanged(before: FilterInput, now: FilterInput): boolean {
  const rulesOf = (input: FilterInput) => new Map(input.securityGroups.map((group) => [group.id, JSON.stringify(group.rules)]))
  const [old, fresh] = [rulesOf(before), rulesOf(now)]
  const was = new Map(before.ports.map((port) => [port.spec.id, port]))
  const groupsOf = (port: FilterPort) => [...port.spec.securityGroupIds].sort().join(' ')
  return now.ports.some((port) => {
    const earlier = was.get(port.spec.id)
    if (!earlier) return false
    return groupsOf(earlier) !== groupsOf(port) || port.spec.securityGroupIds.some((id) => old.get(id) !== fresh.get(id))
  })
}

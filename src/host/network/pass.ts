// One pass of the real driver: from a spec to the kernel, in the order that leaves no gap. What nobody wants is
// closed, then namespaces and rules stand, then devices are opened, then what lies inside namespaces follows.
import { writeFileSync } from 'node:fs'
import type { HostNetworkReport, HostNetworkSpec } from '../../contract/network.ts'
import { HostError } from '../../contract/call.ts'
import type { Agents } from './context.ts'
import { applyFilters, endForbiddenFlows, filterInput } from './filters/agent.ts'
import { deleteFlows } from './filters/conntrack.ts'
import { giveForwardingBack, takeForwarding } from './forwarding.ts'
import { type Links, readLinks } from './l2/links.ts'
import { planL2 } from './l2/plan.ts'
import { applyTunnels } from './l2/tunnels.ts'
import { wantedLinks, type WantedLinks } from './l2/wanted.ts'
import { aliasOf, tapName } from './names.ts'
import { reportOf } from './report.ts'
import { batch } from './run.ts'
import { saneSpec } from './sanity.ts'
import { agentNamespaces, applyInside, ensureNamespaces, removeNamespaces } from './inside.ts'

/** Makes it so, and says what is. `deep`: rules are loaded again even when they should stand already. */
export async function pass(asked: HostNetworkSpec, agents: Agents, deep: boolean): Promise<HostNetworkReport> {
  const { spec, faults } = saneSpec(asked)
  const { memory, registry, options } = agents
  claim(spec, agents)
  const wanted = wantedLinks(spec, options.segments)
  const links = await readLinks()
  const inside = agentNamespaces(spec, wanted)
  const alias = aliasOf(registry.instance)

  const fresh = await ensureNamespaces(inside, agents)
  const orphans = wanted.slaves.filter(({ make, name }) => make?.kind === 'veth' && fresh.has(make.namespace) && links.has(name))
  const plan = planL2({ wanted, links: without(links, orphans), alias, unclaimed: new Set(memory.unclaimed.keys()) })
  await runClosing([...orphans.map((orphan) => `link del dev ${orphan.name}`), ...plan.closing], agents)

  const filters = filterInput(spec, wanted, agents)
  await applyFilters(filters, agents, deep)
  const broken = await open(plan, wanted, agents)
  await endForbiddenFlows(memory.filters, filters, agents)
  memory.filters = filters

  const insideFaults = await applyInside(inside, spec, agents)
  await removeNamespaces(inside, agents)
  await settleNumbers(spec, agents)
  if (options.egress !== false && spec.networks.some((network) => network.hostAddresses.length > 0)) takeForwarding(registry.instance)
  else giveForwardingBack(registry.instance)

  memory.spec = spec
  memory.lost = new Set(plan.missing.filter((name) => memory.present.has(name) || memory.lost.has(name)))
  memory.missing = new Set(plan.missing)
  memory.present = new Set([...wanted.bridges, ...wanted.slaves].map((device) => device.name).filter((name) => !memory.missing.has(name)))
  return reportOf(asked, { wanted, missing: memory.missing, lost: memory.lost, broken, faults: new Map([...insideFaults, ...faults]) })
}

/** A tap that was made before its port was named is claimed by the spec that names it, or removed with the first that should. */
function claim(spec: HostNetworkSpec, { memory }: Agents): void {
  const named = new Set(spec.ports.map((port) => tapName(port.id)))
  for (const [tap, known] of memory.unclaimed) if (named.has(tap) || spec.generation > known) memory.unclaimed.delete(tap)
}

const without = (links: Links, gone: { name: string }[]): Links => {
  const names = new Set(gone.map((entry) => entry.name))
  return new Map([...links].filter(([name]) => !names.has(name)))
}

async function runClosing(lines: string[], { log }: Agents): Promise<void> {
  const faults = await batch(lines)
  // a guest's tap may vanish by itself between reading and deleting
  for (const [line, fault] of faults) log.debug({ command: lines[line], fault }, 'not closed')
}

/** Opens what the plan says; returns device → what went wrong. */
async function open(plan: ReturnType<typeof planL2>, wanted: WantedLinks, { memory }: Agents): Promise<Map<string, string>> {
  const broken = new Map<string, string>()
  for (const [line, fault] of await batch(plan.opening)) {
    const owner = plan.owners[line]
    if (owner === undefined) throw new HostError('failed', `ip: ${fault}`)
    broken.set(owner, [broken.get(owner), `${plan.opening[line]}: ${fault}`].filter(Boolean).join('; '))
  }
  for (const bridge of wanted.bridges) if (bridge.addresses.length > 0) refuseAdvertisements(bridge.name)
  for (const { uplink } of wanted.uplinks) {
    if (uplink.kind !== 'made' || broken.has(uplink.name)) continue
    const table = JSON.stringify(uplink.peers)
    if (memory.forwardingTables.get(uplink.name) === table && !plan.owners.includes(uplink.name)) continue
    const fault = await applyTunnels(uplink.name, uplink.peers)
    if (fault === null) memory.forwardingTables.set(uplink.name, table)
    else broken.set(uplink.name, fault)
  }
  return broken
}

/** The machine takes no routes from whoever speaks on a network of guests. */
function refuseAdvertisements(bridge: string): void {
  try {
    writeFileSync(`/proc/sys/net/ipv6/conf/${bridge}/accept_ra`, '0')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error // a machine without IPv6
  }
}

/** Numbers of what is gone are free again; flows of a zone end with its network. */
async function settleNumbers(spec: HostNetworkSpec, { registry }: Agents): Promise<void> {
  const freed = registry.keep(new Set(spec.networks.map((network) => network.id)), new Set(spec.ports.map((port) => port.id)))
  if (freed.length > 0) await deleteFlows(freed.map((zone) => `-D -w ${zone}`))
}

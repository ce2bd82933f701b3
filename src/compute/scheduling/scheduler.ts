// Chooses a host for a server: placement's candidates, then the filters (filters/, one idea each), then the
// weighers; the decision is kept as an event. In the transaction of the server's row, together with the claim, so
// that nobody can take the room in between.
import type { HostInventory } from '../../contract/host.ts'
import { cache, type Context } from '../../platform/context.ts'
import { assert } from '../../platform/errors.ts'
import { eventAppend } from '../../platform/events.ts'
import { allocationCandidatesFind, shortagesOf, allocationsClaim } from '../../placement/index.ts'
import { filters, forcedFilters } from './filters/index.ts'
import type { Group, Question } from './filters/filter.ts'
import { HostState } from './host-state.ts'
import { hintedServers } from './filters/other-servers.ts'
import { hostFacts, inventoryOf, type HostFacts } from '../hosts/facts.ts'
import { wantedOf, type Wanted } from './resources.ts'
import { serverGroupMembers, serverGroups } from '../server-groups/store.ts'
import { hostsOfServers, serverCounts } from '../servers/store/hosts.ts'
import type { NodeRow } from '../hosts/store.ts'
import { weighed } from './weighers.ts'

export interface ScheduleFlavor {
  vcpus: number
  ramMib: number
  rootGib: number
  ephemeralGib: number
  swapMib: number
  extraSpecs: Record<string, string>
}

export interface ScheduleRequest {
  serverId: string
  projectId: string
  userId: string
  /** whose allocation it becomes; the server's id when not given */
  consumerId?: string
  flavor: ScheduleFlavor
  image: { id: string; properties: Record<string, string> } | null
  /** the root disk is a volume: no DISK_GB for it */
  bootFromVolume: boolean
  availabilityZone: string | null
  /** a host asked for by name (az:host, migrate to host); skips the filters only when `forced` */
  host?: string | null
  forced?: boolean
  /** hosts that must not be chosen (the one a migration leaves) */
  ignoreHosts?: string[]
  /** os:scheduler_hints */
  hints?: Record<string, unknown>
  /** the server group that the server is or becomes a member of */
  groupId?: string | null
  /** the instance action that this is part of */
  action: string
}

export interface FilterCount {
  filter: string
  /** hosts that passed */
  left: number
  removed: string[]
  /** what some of the removed lack, for operators: 'host: VCPU: 100 wanted, 13 free (…)' */
  lacks?: string[]
}

export interface Decision {
  /** null: no valid host */
  host: string | null
  node: string | null
  /** of the chosen host */
  availabilityZone: string | null
  /** what a user reads: 'No valid host was found. …'; '' when one was */
  reason: string
  filters: FilterCount[]
}

const enoughHosts = 128

/** Decides and claims the allocation; writes the decision's event. Never throws for want of a host: see `reason`. */
export async function schedule(tx: Context, request: ScheduleRequest): Promise<Decision> {
  assert(tx.db.inTransaction, 'a host is chosen in the transaction that uses it')
  const wanted = wantedOf(request)
  const question = await questionOf(tx, request)
  const looked = { request, wanted, question }
  const some = someHosts(tx, request)
  let choice = await choose(tx, looked, some)
  if (!choice.chosen && some) choice = await choose(tx, looked, null)
  const { chosen, order, decision } = choice
  if (chosen) {
    const consumerId = request.consumerId ?? request.serverId
    await allocationsClaim(tx, {
      consumerId,
      projectId: request.projectId,
      userId: request.userId,
      allocations: { [chosen.nodeId]: wanted.resources },
    })
  }
  await recordDecision(
    tx,
    request,
    decision,
    order.slice(0, 10).map(({ host, weight }) => ({ host: host.name, weight: Number(weight.toFixed(3)) })),
  )
  return decision
}

interface Looked {
  request: ScheduleRequest
  wanted: Wanted
  question: Question
}

/**
 * A part of a large cloud, another one each time: the best of so many is nearly as good as the best of all, and a server
 * costs the same among 1,000 hosts as among 128. Null: all of them, which is also who is asked when none of these will do.
 */
function someHosts(tx: Context, { host, groupId, hints }: ScheduleRequest): string[] | null {
  const names = tx.hosts.names()
  if (names.length <= enoughHosts || host || groupId || Object.keys(hints ?? {}).length > 0) return null
  const start = Math.floor(tx.ids.fraction() * names.length)
  return [...names.slice(start), ...names.slice(0, start)].slice(0, enoughHosts)
}

async function choose(tx: Context, { request, wanted, question }: Looked, among: string[] | null) {
  const facts = await hostFacts(tx, among)
  const counts: FilterCount[] = []
  let hosts = await candidates(tx, facts, wanted)
  const withRoom = new Set(hosts.map((host) => host.name))
  counts.push({
    filter: 'Placement',
    left: hosts.length,
    removed: facts.map((fact) => fact.node.host).filter((name) => !withRoom.has(name)),
  })
  for (const filter of request.forced ? forcedFilters : filters) {
    const left = hosts.filter((host) => filter.passes(host, question))
    if (left.length < hosts.length)
      counts.push({
        filter: filter.name,
        left: left.length,
        removed: hosts.filter((host) => !left.includes(host)).map((host) => host.name),
      })
    hosts = left
  }
  const [placement] = counts
  if (hosts.length === 0 && placement)
    placement.lacks = await lacksOf(
      tx,
      facts.filter(({ node }) => !withRoom.has(node.host)),
      wanted,
    )
  const order = weighed(hosts, question)
  const chosen = order[0]?.host
  const decision: Decision = {
    host: chosen?.name ?? null,
    node: chosen?.hostname ?? null,
    availabilityZone: chosen?.zone ?? null,
    reason: chosen ? '' : noValidHost(counts, facts.length),
    filters: counts,
  }
  return { chosen, order, decision }
}

const explained = 5

/** What the first of the hosts without room lack. */
async function lacksOf(tx: Context, facts: HostFacts[], wanted: Wanted): Promise<string[]> {
  const some = facts.slice(0, explained)
  const lacks = await shortagesOf(tx, { ...wanted, providerIds: some.map(({ node }) => node.id) })
  return some.flatMap(({ node }) => (lacks.get(node.id) ?? []).map((line) => `${node.host} lacks ${line}`))
}

async function questionOf(tx: Context, request: ScheduleRequest): Promise<Question> {
  return {
    request,
    group: await groupOf(tx, request),
    hostsOfServers: await hostsOfServers(tx.db, hintedServers(request.hints)),
  }
}

async function groupOf(tx: Context, request: ScheduleRequest): Promise<Group | null> {
  if (!request.groupId) return null
  const row = await serverGroups.fetch(tx.db, request.groupId)
  if (!row) return null
  const members = new Map<string, number>()
  for (const member of await serverGroupMembers(tx.db, [row.id])) {
    if (member.id !== request.serverId && member.host !== null) members.set(member.host, (members.get(member.host) ?? 0) + 1)
  }
  const rules = row.rules
  return { policy: row.policy, maxServersPerHost: rules.max_server_per_host ?? 1, members }
}

/** Hosts that placement has room in. */
async function candidates(tx: Context, facts: HostFacts[], wanted: Wanted): Promise<HostState[]> {
  const found = new Map(
    (await allocationCandidatesFind(tx, { ...wanted, providerIds: facts.map(({ node }) => node.id) })).map((candidate) => [
      candidate.providerId,
      candidate,
    ]),
  )
  const counted = facts.some((fact) => fact.aggregates.some((aggregate) => 'max_instances_per_host' in aggregate.metadata))
  const servers = counted ? await serverCounts(tx.db) : new Map<string, number>()
  return facts.flatMap((fact) => {
    const candidate = found.get(fact.node.id)
    if (!candidate) return []
    return new HostState({
      fact,
      inventories: candidate.inventories,
      servers: servers.get(fact.node.host) ?? 0,
      inventory: () => parsedOf(tx, fact.node),
    })
  })
}

/** Texts that change with the machine only, and are asked for with every server. */
function parsedOf(ctx: Context, node: NodeRow): HostInventory {
  const known = cache(ctx, 'compute.parsed-inventories', () => new Map<string, { text: string; inventory: HostInventory }>())
  const found = known.get(node.id)
  if (found?.text === node.inventory) return found.inventory
  const inventory = inventoryOf(node)
  known.set(node.id, { text: node.inventory, inventory })
  return inventory
}

/** Nova's words; what follows them is for admins. */
export const noHostText = 'No valid host was found. There are not enough hosts available.'

/** Says which filter removed whom: at most five hosts by name for each. */
function noValidHost(counts: FilterCount[], total: number): string {
  const removals = counts
    .filter(({ removed }) => removed.length > 0)
    .map(
      ({ filter, removed }) =>
        `${filter} removed ${removed.slice(0, 5).join(', ')}${removed.length > 5 ? ` and ${removed.length - 5} more` : ''}`,
    )
  const why = total === 0 ? 'There is no compute host.' : removals.length > 0 ? `${removals.join('; ')}.` : ''
  return `${noHostText} ${why}`.trim()
}

async function recordDecision(
  tx: Context,
  request: ScheduleRequest,
  decision: Decision,
  weights: { host: string; weight: number }[],
): Promise<void> {
  await eventAppend(tx, {
    resourceType: 'server',
    resourceId: request.serverId,
    projectId: request.projectId,
    action: request.action,
    event: 'schedule',
    result: 'decision',
    message: decision.host === null ? decision.reason : `Chose host ${decision.host}`,
    host: decision.host,
    details: { filters: decision.filters, weights },
  })
}

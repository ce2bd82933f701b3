// Allocations are servers' flavors on hosts, and nothing else; what quotas count of a server is its flavor too.
import { isDeepStrictEqual } from 'node:util'
import { allocationsClaim, allocationsOfConsumers, allocationsRelease, consumersPage, type Amounts } from '../../placement/index.ts'
import type { Context } from '../../platform/context.ts'
import type { Check, Finding, Repair } from '../../platform/fsck/check.ts'
import { pages } from '../../platform/fsck/pages.ts'
import { wantedOf } from '../scheduling/resources.ts'
import { nodesList } from '../hosts/store.ts'
import { migrationsOpenByIds, serversKnown, serversPlacedPage, type PlacedServer } from '../servers/store/checks.ts'
import { flavorBefore, serverChange, serverFetch, type ServerFlavor } from '../servers/store/servers.ts'
import { migrationOf } from './resting.ts'

export const allocationsCheck: Check = { name: 'allocations', invariant: 3, find }

async function* find(ctx: Context): AsyncGenerator<Finding> {
  const nodes = new Map((await nodesList(ctx.db)).map(({ host, id }) => [host, id]))
  for await (const servers of pages(
    (after, limit) => serversPlacedPage(ctx.db, after, limit),
    ({ id }) => id,
  )) {
    const moves = servers.flatMap((server) => migrationOf(server) ?? [])
    const held = await allocationsOfConsumers(ctx, [...servers.map(({ id }) => id), ...moves])
    for (const server of servers) {
      yield* sizes(server)
      // in the midst of a change the rows go from one to the other step by step
      if (server.task_state === null) yield* holdings(server, { nodes, held })
    }
  }
  yield* strangers(ctx)
}

interface Facts {
  /** host → its provider */
  nodes: Map<string, string>
  held: Map<string, Amounts>
}

function* holdings(server: PlacedServer, { nodes, held }: Facts): Generator<Finding> {
  const of = { resourceType: 'server', resourceId: server.id, host: server.host }
  const wanted = amounts(server.host, server.flavor, { server, nodes })
  const has = held.get(server.id) ?? {}
  if (text(has) !== text(wanted))
    yield {
      ...of,
      message: `it holds ${text(has)}, its flavor on ${server.host ?? 'no host'} is ${text(wanted)}`,
      repair: claimRepair(server, server.id, wanted),
    }
  const { before } = server
  if (before?.migrationId === undefined) return
  const { migrationId } = before
  const kept = amounts(before.host, flavorBefore(before), { server, nodes })
  const keeps = held.get(migrationId) ?? {}
  if (text(keeps) !== text(kept))
    yield {
      ...of,
      message: `its move ${migrationId} holds ${text(keeps)}, its old flavor is ${text(kept)}`,
      repair: claimRepair(server, migrationId, kept),
    }
}

function amounts(
  host: string | null,
  flavor: ServerFlavor,
  { server, nodes }: { server: PlacedServer; nodes: Map<string, string> },
): Amounts {
  const provider = host === null ? undefined : nodes.get(host)
  const { resources } = wantedOf({ flavor, image: null, bootFromVolume: server.image_id === '' })
  return provider === undefined || Object.keys(resources).length === 0 ? {} : { [provider]: resources }
}

/** The same amounts, the same text; 'nothing' for none. */
function text(all: Amounts): string {
  const parts = Object.entries(all)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([provider, resources]) => {
      const each = Object.entries(resources)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, amount]) => `${amount} ${name}`)
      return `${each.join(', ')} of ${provider}`
    })
  return parts.join('; ') || 'nothing'
}

/** Quotas count these two columns, never the flavor itself. */
function* sizes(server: PlacedServer): Generator<Finding> {
  const { vcpus, ramMib } = server.flavor
  if (server.vcpus === vcpus && server.ram_mib === ramMib) return
  const message = `quotas count ${server.vcpus} cores and ${server.ram_mib} MiB of it, its flavor has ${vcpus} and ${ramMib}`
  yield { resourceType: 'server', resourceId: server.id, message, repair: sizesRepair(server, { vcpus, ram_mib: ramMib }) }
}

const sizesRepair = ({ id, flavor }: PlacedServer, sizes: { vcpus: number; ram_mib: number }): Repair => ({
  words: "count the flavor's",
  async run({ ctx }) {
    await ctx.transaction(async (tx) => {
      if (isDeepStrictEqual((await serverFetch(tx.db, id))?.flavor, flavor)) await serverChange(tx.db, id, sizes)
    })
  },
})

/** Compute's consumers are servers and their open moves. Other claims by the API say what they are. */
async function* strangers(ctx: Context): AsyncGenerator<Finding> {
  for await (const consumers of pages(
    (after, limit) => consumersPage(ctx, after, limit),
    ({ id }) => id,
  )) {
    const ours = consumers.filter(({ type }) => type === 'INSTANCE' || type === 'MIGRATION').map(({ id }) => id)
    const facts = await ctx.transaction(async ({ db }) => ({
      servers: await serversKnown(db, ours),
      moves: await migrationsOpenByIds(db, ours),
    }))
    const known = new Set([...facts.servers.filter(({ deleted }) => !deleted).map(({ id }) => id), ...facts.moves.map(({ id }) => id)])
    const deleted = new Set(facts.servers.filter((row) => row.deleted).map(({ id }) => id))
    for (const id of ours) {
      if (known.has(id)) continue
      const message = `it holds an allocation, and ${deleted.has(id) ? 'is deleted' : 'is neither a server nor a move that is open'}`
      yield { resourceType: 'server', resourceId: id, message, repair: releaseRepair(id) }
    }
  }
}

const claimRepair = ({ project_id, user_id }: PlacedServer, consumerId: string, allocations: Amounts): Repair => ({
  words: 'set the allocation',
  run: ({ ctx }) => ctx.transaction((tx) => allocationsClaim(tx, { consumerId, projectId: project_id, userId: user_id, allocations })),
})

const releaseRepair = (consumerId: string): Repair => ({
  words: 'release the allocation',
  run: ({ ctx }) => ctx.transaction((tx) => allocationsRelease(tx, consumerId)),
})

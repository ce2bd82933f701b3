// A build that failed for a reason of its host goes on at another one: at most three hosts, as in Nova. All was undone
// at the first by then, so that there is never a second guest; its room is given back and the next one's claimed in one commit.
import type { CreateData } from '../create.saga.ts'
import { HostError, type HostErrorCode } from '../../../../contract/call.ts'
import { allocationsRelease } from '../../../../placement/index.ts'
import type { Context } from '../../../../platform/context.ts'
import { ApiError } from '../../../../platform/errors.ts'
import { hostFacts } from '../../../hosts/facts.ts'
import { schedule } from '../../../scheduling/scheduler.ts'
import { buildLimit } from '../../../scheduling/placing.ts'
import { serverChange, serverFetch } from '../../store/servers.ts'

const mostHosts = 3
/** an image that is broken, or a volume that is taken, is so everywhere */
const ofHost = new Set<HostErrorCode>(['no_space', 'failed', 'unreachable', 'unsupported'])

/** May the same succeed on another host? */
export const isOfHost = (error: unknown): boolean =>
  (error instanceof HostError && ofHost.has(error.code)) || (error instanceof ApiError && error.code === 'unavailable')

/** Puts the server on the next host, with its claim there; null: it stays as it is, and its build has failed. */
export async function nextHost(tx: Context, data: CreateData): Promise<CreateData | null> {
  const tried = [...(data.tried ?? []), data.host]
  // volumes lie where the server was to be
  if (!data.hostFailed || !data.anyHost || data.hasVolumes || tried.length >= mostHosts) return null
  const server = await serverFetch(tx.db, data.serverId)
  if (server?.vm_state !== 'building' || server.host !== data.host) return null
  const others = (await hostFacts(tx)).filter(({ node, alive }) => alive && !tried.includes(node.host))
  if (others.length === 0) return null
  await allocationsRelease(tx, server.id)
  const decision = await schedule(tx, {
    action: 'create',
    serverId: server.id,
    projectId: server.project_id,
    userId: server.user_id,
    flavor: server.flavor,
    bootFromVolume: false,
    image: { id: server.image_id, properties: server.image_properties },
    availabilityZone: server.pinned_az,
    hints: server.hints,
    groupId: server.group_id,
    ignoreHosts: tried,
  })
  if (decision.host === null) return null
  await serverChange(tx.db, server.id, {
    host: decision.host,
    node: decision.node,
    availability_zone: decision.availabilityZone,
    task_state: 'scheduling',
  })
  const { hostFailed: _, ...rest } = data
  return {
    ...rest,
    tried,
    host: decision.host,
    availabilityZone: decision.availabilityZone,
    buildLimit: await buildLimit(tx, decision.host),
  }
}

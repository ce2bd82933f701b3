// Which networks a new server gets: what its user asked for, checked, or the only one that there is. Errors are Nova's.
import type { Context } from '../platform/context.ts'
import { ApiError, badRequest, conflict, forbidden } from '../platform/errors.ts'
import { isUuidLike } from '../platform/ids.ts'
import { canonicalIp } from './addresses.ts'
import { defaultGroupEnsure } from './default-group.ts'
import type { ServerNetwork, ServerNetworkRequest, ServerNetworksQuestion } from './face.ts'
import { portByAnyAddress } from './store/addresses.ts'
import { networkFetch, networksOfProject, sharedIds } from './store/networks.ts'
import { portFetch } from './store/ports.ts'
import { allocationsOfPorts } from './store/ip-allocations.ts'
import { groupsByName } from './store/security-groups.ts'
import { subnetCounts } from './store/server-ports.ts'
import { topologyEnsure } from './auto-topology.ts'

/** Checks what a user asked for and chooses networks where nothing was said. */
export async function networksForServer(ctx: Context, question: ServerNetworksQuestion): Promise<ServerNetwork[]> {
  const { requested } = question
  if (requested === 'none') return []
  if (requested === undefined || requested === 'auto' || requested.length === 0) return onlyNetwork(ctx, question, requested === 'auto')
  const networks: ServerNetwork[] = []
  const ports = new Set<string>()
  for (const request of requested) {
    if (request.portId !== undefined && ports.has(request.portId)) throw conflict(`Port ${request.portId} is still in use.`)
    if (request.portId !== undefined) ports.add(request.portId)
    networks.push(await (request.portId === undefined ? byNetwork(ctx, request, question) : byPort(ctx, request.portId, { request, question })))
  }
  return networks
}

async function onlyNetwork(ctx: Context, { projectId }: ServerNetworksQuestion, isAuto: boolean): Promise<ServerNetwork[]> {
  const found = (await networksOfProject(ctx.db, projectId, 50)).filter(({ external }) => external === 0)
  if (found.length > 1) throw conflict('Multiple possible networks found, use a Network ID to be more specific.')
  const [network] = found
  if (!network) return isAuto ? [{ networkId: (await topologyEnsure(ctx, projectId)).network_id, portId: null, fixedIp: null, tag: null }] : []
  await subnetRequired(ctx, network.id)
  return [{ networkId: network.id, portId: null, fixedIp: null, tag: null }]
}

async function subnetRequired(ctx: Context, networkId: string): Promise<void> {
  if (!(await subnetCounts(ctx.db, [networkId])).has(networkId)) throw badRequest(`Network ${networkId} requires a subnet in order to boot instances on.`)
}

async function byNetwork(ctx: Context, request: ServerNetworkRequest, { projectId, count }: ServerNetworksQuestion): Promise<ServerNetwork> {
  const { networkId = '', fixedIp = null, tag = null } = request
  const network = await networkFetch(ctx.db, networkId)
  const isAdmin = ctx.allows({}, 'context_is_admin')
  const isShared = network ? (await sharedIds(ctx.db, [networkId], projectId)).has(networkId) : false
  const isSeen = network && (isAdmin || network.project_id === projectId || isShared || network.external === 1)
  if (!isSeen) throw badRequest(`Network ${networkId} could not be found.`)
  if (network.external === 1 && !isAdmin && !isShared && network.project_id !== projectId) throw forbidden(`It is not allowed to create an interface on external network ${networkId}`)
  await subnetRequired(ctx, networkId)
  if (fixedIp !== null && count > 1) throw badRequest('Failed to launch multiple instances with 1 fixed IP.')
  if (fixedIp !== null && (await portByAnyAddress(ctx.db, networkId, canonicalIp(fixedIp)))) throw badRequest(`Fixed IP ${fixedIp} is already in use.`)
  return { networkId, portId: null, fixedIp: fixedIp === null ? null : canonicalIp(fixedIp), tag }
}

async function byPort(ctx: Context, portId: string, { request, question }: { request: ServerNetworkRequest; question: ServerNetworksQuestion }): Promise<ServerNetwork> {
  const port = isUuidLike(portId) ? await portFetch(ctx.db, portId) : undefined
  const isSeen = port && (port.project_id === question.projectId || ctx.allows({}, 'context_is_admin'))
  if (!isSeen) throw badRequest(`Port ${portId} could not be found.`)
  if (question.count > 1) throw badRequest('Unable to launch multiple instances with a single configured port ID. Please launch your instance one by one with different ports.')
  if (port.device_id !== '' || port.server_id !== '') throw conflict(`Port ${portId} is still in use.`)
  const addresses = await allocationsOfPorts(ctx.db, [portId])
  if (addresses.length === 0 && port.ip_allocation !== 'none') throw badRequest(`Port ${portId} requires a FixedIP in order to be used.`)
  return { networkId: port.network_id, portId, fixedIp: null, tag: request.tag ?? null }
}

/** Security groups by name or id in the project, as a server request names them; 400 in Nova's words when one is missing. */
export async function securityGroupsForServer(ctx: Context, projectId: string, names: string[]): Promise<string[]> {
  if (names.length === 0) return []
  if (names.includes('default')) await defaultGroupEnsure(ctx, projectId)
  const found = await groupsByName(ctx.db, projectId, names)
  return [...new Set(names)].map((name) => {
    const byId = found.find(({ id }) => id === name)
    const byName = found.filter((group) => group.name === name)
    if (byId) return byId.id
    if (byName.length > 1) throw conflict(`Multiple security_group matches found for name '${name}', use an ID to be more specific.`)
    const [only] = byName
    if (!only) throw new ApiError('bad_request', `Unable to find security_group with name or id '${name}'`)
    return only.id
  })
}

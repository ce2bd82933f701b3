// Which networks a new server gets: what its user asked for, checked, or the only one that there is. Errors are Nova's.
import type { Context } from '../../platform/context.ts'
import { ApiError, badRequest, conflict } from '../../platform/errors.ts'
import { canonicalIp } from '../addresses/addresses.ts'
import { resourceFetch } from '../api/resource.ts'
import { defaultGroupEnsure } from '../security-groups/default-group.ts'
import type { ServerNetwork, ServerNetworkRequest, ServerNetworksQuestion } from './types.ts'
import { isUsable, pooled } from '../addresses/ipam.ts'
import { portUpdateAuthorize, portCreateAuthorize, serverNetworkAuthorize } from '../ports/permission.ts'
import { groupKindsCheck } from '../ports/rules.ts'
import { ports } from '../ports/ports.ts'
import { portByAnyAddress } from '../addresses/owners.store.ts'
import { networksOfProject } from '../networks/store.ts'
import { groupsByName } from '../security-groups/store.ts'
import { subnetCounts } from './store.ts'
import { subnetsOfNetwork } from '../subnets/store.ts'
import { topologyEnsure } from '../networks/auto-topology.ts'

/** Checks what a user asked for and chooses networks where nothing was said. */
export async function networksForServer(ctx: Context, question: ServerNetworksQuestion): Promise<ServerNetwork[]> {
  const { requested } = question
  if (requested === 'none') return []
  if (requested === undefined || requested === 'auto' || requested.length === 0) return onlyNetwork(ctx, question, requested === 'auto')
  const networks: ServerNetwork[] = []
  const taken = new Set<string>()
  for (const request of requested) {
    if (request.portId !== undefined && taken.has(request.portId)) throw conflict(`Port ${request.portId} is still in use.`)
    if (request.portId !== undefined) taken.add(request.portId)
    networks.push(
      await (request.portId === undefined ? byNetwork(ctx, request, question) : byPort(ctx, request.portId, { request, question })),
    )
  }
  return networks
}

async function onlyNetwork(ctx: Context, { projectId }: ServerNetworksQuestion, isAuto: boolean): Promise<ServerNetwork[]> {
  const found = (await networksOfProject(ctx.db, projectId, 50)).filter(({ external }) => !external)
  if (found.length > 1)
    throw conflict('Multiple possible networks found, use a Network ID to be more specific.', { type: 'NetworkAmbiguous' })
  const [network] = found
  if (!network) return isAuto ? [{ networkId: await autoNetwork(ctx, projectId), portId: null, fixedIp: null, tag: null }] : []
  await subnetCheck(ctx, network.id)
  await portCreateAuthorize(ctx, { network_id: network.id, project_id: projectId })
  return [{ networkId: network.id, portId: null, fixedIp: null, tag: null }]
}

/** The project's own topology; what it lacks is Neutron's to say and a bad request to Nova. */
async function autoNetwork(ctx: Context, projectId: string): Promise<string> {
  try {
    return (await topologyEnsure(ctx, projectId)).network_id
  } catch (error) {
    if (!(error instanceof ApiError) || error.type !== 'AutoAllocationFailure') throw error
    throw badRequest(`Unable to automatically allocate a network for project ${projectId}`, { cause: error })
  }
}

async function subnetCheck(ctx: Context, networkId: string): Promise<void> {
  if (!(await subnetCounts(ctx.db, [networkId])).has(networkId))
    throw badRequest(`Network ${networkId} requires a subnet in order to boot instances on.`)
}

async function byNetwork(
  ctx: Context,
  request: ServerNetworkRequest,
  { projectId, count }: ServerNetworksQuestion,
): Promise<ServerNetwork> {
  const { networkId = '', tag = null } = request
  await serverNetworkAuthorize(ctx, networkId).catch(unseen(`Network ${networkId} could not be found.`))
  await subnetCheck(ctx, networkId)
  const fixedIp = request.fixedIp === undefined ? null : canonicalIp(request.fixedIp)
  if (fixedIp !== null && count > 1) throw badRequest('Failed to launch multiple instances with 1 fixed IP.')
  await portCreateAuthorize(ctx, {
    network_id: networkId,
    project_id: projectId,
    ...(fixedIp === null ? {} : { fixed_ips: [{ ip_address: fixedIp }] }),
  })
  if (fixedIp !== null) await addressFreeCheck(ctx, networkId, fixedIp)
  return { networkId, portId: null, fixedIp, tag }
}

/** Comes after the permission: only an actor who may choose an address may learn that it is taken. */
async function addressFreeCheck(ctx: Context, networkId: string, fixedIp: string): Promise<void> {
  if (await portByAnyAddress(ctx.db, networkId, fixedIp))
    throw badRequest(`Fixed IP ${fixedIp} is already in use.`, { type: 'FixedIpAlreadyInUse' })
  const isOfSubnet = (await subnetsOfNetwork(ctx.db, networkId)).some((subnet) => isUsable(pooled(subnet).cidr, fixedIp))
  if (!isOfSubnet) throw badRequest(`Fixed IP ${fixedIp} is not a valid ip address for network ${networkId}.`)
}

const unseen =
  (message: string) =>
  (error: unknown): never => {
    throw error instanceof ApiError && error.code === 'not_found' ? badRequest(message, { type: 'NotFound', cause: error }) : error
  }

async function byPort(
  ctx: Context,
  portId: string,
  { request, question }: { request: ServerNetworkRequest; question: ServerNetworksQuestion },
): Promise<ServerNetwork> {
  const { row: port, facts } = await resourceFetch(ctx, ports, portId).catch(unseen(`Port ${portId} could not be found.`))
  if (question.count > 1)
    throw badRequest(
      'Unable to launch multiple instances with a single configured port ID. Please launch your instance one by one with different ports.',
    )
  if (port.project_id !== question.projectId) throw badRequest(`Port ${portId} not usable for instance.`)
  if (port.device_id !== '' || port.server_id !== '') throw conflict(`Port ${portId} is still in use.`)
  if (facts.isBindingFailed) throw badRequest(`Binding failed for port ${portId}, please check neutron logs for more information.`)
  if (facts.addresses.length === 0 && port.ip_allocation !== 'none')
    throw badRequest(`Port ${portId} requires a FixedIP in order to be used.`)
  await serverNetworkAuthorize(ctx, port.network_id).catch(unseen(`Network ${port.network_id} could not be found.`))
  await portUpdateAuthorize(ctx, portId, { device_id: '' })
  return { networkId: port.network_id, portId, fixedIp: null, tag: request.tag ?? null }
}

/** Security groups by name or id in the project, as a server request names them; 400 in Nova's words when one is missing. */
export async function securityGroupsForServer(ctx: Context, projectId: string, names: string[]): Promise<string[]> {
  if (names.length === 0) return []
  if (names.includes('default')) await defaultGroupEnsure(ctx, projectId)
  const found = await groupsByName(ctx.db, projectId, names)
  const ids = [...new Set(names)].map((name) => {
    const byId = found.find(({ id }) => id === name)
    const named = found.filter((group) => group.name === name)
    const own = named.filter((group) => group.project_id === projectId)
    const byName = own.length > 0 ? own : named
    if (byId) return byId.id
    if (byName.length > 1) throw conflict(`Multiple security_group matches found for name '${name}', use an ID to be more specific.`)
    const [only] = byName
    if (!only) throw new ApiError('bad_request', `Unable to find security_group with name or id '${name}'`)
    return only.id
  })
  await groupKindsCheck(ctx, ids)
  return ids
}

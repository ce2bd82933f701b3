// Ports of servers: attach, detach, fixed addresses, security groups. The port is bound with the request;
// interface.saga.ts plugs it.
import {
  attachedPortMove,
  attachedPortsList,
  networksForServer,
  portAttach,
  portsLeft,
  portsOfServers,
  serverPortUpdate,
  securityGroupsForServer,
  type ServerNetwork,
  type ServerNetworkRequest,
  type ServerPort,
} from '../../../network/index.ts'
import type { Context } from '../../../platform/context.ts'
import { ApiError, badRequest, conflict, forbidden, notFound } from '../../../platform/errors.ts'
import { defaultZone } from '../../hosts/facts.ts'
import { serverActions } from '../states.ts'
import { assertAllowed, serverBegin, serverEvent, serverGet } from '../servers.ts'
import { serverAttachInterfaceSaga, serverDetachInterfaceSaga } from './interface.saga.ts'

export interface Interface {
  port: ServerPort
  tag: string | null
}

/** A server's ports with their tags. */
export async function serverInterfaces(ctx: Context, id: string): Promise<Interface[]> {
  await serverGet(ctx, id)
  return interfacesOf(ctx, id)
}

async function interfacesOf(ctx: Context, id: string): Promise<Interface[]> {
  const tags = new Map((await attachedPortsList(ctx, [id])).map(({ portId, tag }) => [portId, tag]))
  return ((await portsOfServers(ctx, [id])).get(id) ?? []).map((port) => ({ port, tag: tags.get(port.portId) ?? null }))
}

export async function serverInterface(ctx: Context, id: string, portId: string): Promise<Interface> {
  const found = (await serverInterfaces(ctx, id)).find(({ port }) => port.portId === portId)
  if (!found) throw notFound(`Instance ${id} does not have a port with id ${portId}`)
  return found
}

/** Attaches a port, or one that is made on a network; the answer shows it at once, the guest gets it soon. */
export async function serverInterfaceAttach(ctx: Context, id: string, wanted: ServerNetworkRequest): Promise<Interface> {
  const seen = await serverGet(ctx, id)
  assertAllowed(ctx, serverActions.attachInterface, seen)
  return ctx.transaction(async (tx) => {
    const server = await serverGet(tx, id)
    const network = await networkToAttach(tx, server.project_id, wanted)
    if (server.host === null) throw conflict(`Instance ${id} is not ready`)
    const portId = await withoutAddress(
      network.networkId,
      portAttach(
        tx,
        { ...network, tag: wanted.tag ?? null },
        {
          serverId: id,
          projectId: server.project_id,
          hostname: server.hostname,
          host: server.host,
          availabilityZone: server.availability_zone ?? defaultZone,
          state: 'attaching',
        },
      ),
    )
    await serverBegin(tx, server, 'attachInterface')
    await tx.work.enqueue(
      tx,
      serverAttachInterfaceSaga,
      { serverId: id, host: server.host, portId, made: network.portId === null },
      { resourceId: id },
    )
    const found = (await interfacesOf(tx, id)).find(({ port }) => port.portId === portId)
    if (!found) throw new Error(`the port ${portId} that was attached is not the server's`)
    return found
  })
}

/** Looked up with the user's rights, where the port is made. */
async function networkToAttach(tx: Context, projectId: string, wanted: ServerNetworkRequest): Promise<ServerNetwork> {
  const isNamed = wanted.networkId !== undefined || wanted.portId !== undefined
  const [network] = await networksForServer(tx, { projectId, requested: isNamed ? [wanted] : undefined, count: 1 }).catch(
    (error: unknown) => {
      throw forAttach(error)
    },
  )
  if (!network) throw badRequest(`No specific network was requested and none are available for project '${projectId}'.`)
  if (network.portId === null && (await portsLeft(tx, projectId)) < 1) throw forbidden('Maximum number of ports exceeded')
  return network
}

/** What is "bad request" when a server is made is "not found" or "conflict" here, and the other way round where the choice of a network is left open. */
function forAttach(error: unknown): unknown {
  if (!(error instanceof ApiError)) return error
  if (error.type === 'NetworkAmbiguous') return badRequest(error.message)
  if (error.type === 'NotFound') return notFound(error.message)
  return error.type === 'FixedIpAlreadyInUse' ? conflict(error.message) : error
}

/** Where a network has no address left Neutron says conflict, and Nova bad request. */
const withoutAddress = <T>(networkId: string, made: Promise<T>): Promise<T> =>
  made.catch((error: unknown) => {
    throw error instanceof ApiError && error.type === 'IpAddressGenerationFailure'
      ? badRequest(`No fixed IP addresses available for network: ${networkId}`, { cause: error })
      : error
  })

/** Accepts taking a port out. */
export async function serverInterfaceDetach(ctx: Context, id: string, portId: string): Promise<void> {
  await ctx.transaction(async (tx) => {
    const server = await serverGet(tx, id)
    assertAllowed(tx, serverActions.detachInterface, server)
    const port = (await attachedPortsList(tx, [id])).find((each) => each.portId === portId)
    if (!port || port.state === 'detaching') throw notFound(`Port id ${portId} could not be found.`)
    // one that is on its way in is taken out when it is there, or has failed
    await attachedPortMove(tx, portId, { to: 'detaching' })
    await serverBegin(tx, server, 'detachInterface')
    await tx.work.enqueue(tx, serverDetachInterfaceSaga, { serverId: id, portId }, { resourceId: id })
  })
}

/** One more address of a network, on the server's port there. */
export async function serverFixedIpAdd(ctx: Context, id: string, networkId: string): Promise<void> {
  await ctx.transaction(async (tx) => {
    const server = await serverGet(tx, id)
    assertAllowed(tx, { word: 'addFixedIp', event: 'addFixedIp', from: null, tasks: null }, server)
    const port = ((await portsOfServers(tx, [id])).get(id) ?? []).find((each) => each.networkId === networkId)
    const [first] = port?.fixedIps ?? []
    if (!port || !first) throw badRequest(`Network ${networkId} is not attached to instance ${id}.`)
    await withoutAddress(
      networkId,
      serverPortUpdate(tx, port.portId, {
        fixedIps: [...port.fixedIps.map(({ subnetId, ipAddress }) => ({ subnetId, ipAddress })), { subnetId: first.subnetId }],
      }),
    )
    await serverEvent(tx, server, { action: 'addFixedIp', result: 'success' })
  })
}

export async function serverFixedIpRemove(ctx: Context, id: string, address: string): Promise<void> {
  await ctx.transaction(async (tx) => {
    const server = await serverGet(tx, id)
    assertAllowed(tx, { word: 'removeFixedIp', event: 'removeFixedIp', from: null, tasks: null }, server)
    const port = ((await portsOfServers(tx, [id])).get(id) ?? []).find((each) =>
      each.fixedIps.some(({ ipAddress }) => ipAddress === address),
    )
    if (!port) throw badRequest(`Instance ${id} does not have fixed IP '${address}'.`)
    await serverPortUpdate(tx, port.portId, {
      fixedIps: port.fixedIps.filter(({ ipAddress }) => ipAddress !== address).map(({ subnetId, ipAddress }) => ({ subnetId, ipAddress })),
    })
    await serverEvent(tx, server, { action: 'removeFixedIp', result: 'success' })
  })
}

/** The groups of all the server's ports change together. */
export async function serverSecurityGroup(ctx: Context, id: string, change: { add?: string; remove?: string }): Promise<void> {
  await ctx.transaction(async (tx) => {
    const server = await serverGet(tx, id)
    const name = change.add ?? change.remove ?? ''
    const [groupId] = await securityGroupsForServer(tx, server.project_id, [name]).catch((error: unknown) => {
      throw error instanceof ApiError && error.code === 'bad_request' ? notFound(error.message) : error
    })
    if (groupId === undefined) throw notFound(`Security group ${name} not found.`)
    const ports = (await portsOfServers(tx, [id])).get(id) ?? []
    const changed = ports.filter(
      (port) => port.portSecurityEnabled && port.securityGroups.some((group) => group.id === groupId) !== (change.add !== undefined),
    )
    if (change.remove !== undefined && changed.length === 0) throw notFound(`Security group ${name} not associated with the instance ${id}`)
    for (const port of changed)
      await serverPortUpdate(tx, port.portId, { securityGroupIds: groupsAfter(port, groupId, change.add !== undefined) })
    await serverEvent(tx, server, { action: change.add === undefined ? 'removeSecurityGroup' : 'addSecurityGroup', result: 'success' })
  })
}

const groupsAfter = (port: ServerPort, groupId: string, added: boolean): string[] => {
  const others = port.securityGroups.map((group) => group.id).filter((id) => id !== groupId)
  return added ? [...others, groupId] : others
}

// The face of the network domain: the only file of it that others import.
import type { GuestPort } from '../host/contract.ts'
import type { Domain } from '../platform/api/operation.ts'
import type { Context } from '../platform/context.ts'
import { reconciler, type Reconciler, type WorkContext } from '../platform/work/definition.ts'
import { networkPolicy } from './policy.ts'
import { networkService } from './service.ts'
import { network } from './store/migrations/0001-network.ts'
import { routers } from './store/migrations/0002-routers.ts'
import type { NetworkBootstrap, NewPort, PortChange, PortsBinding, ServerNetwork, ServerNetworksQuestion, ServerPort, ServerPortDetails } from './face.ts'

export type * from './face.ts'

const notYet = (): never => {
  throw new Error('not yet')
}

/** Makes a port (in the caller's transaction when there is one); returns its id and addresses. Not authorised here. */
export const portCreate = async (_ctx: Context, _wanted: NewPort): Promise<{ id: string; networkId: string; mac: string; fixedIps: { subnetId: string; ipAddress: string }[] }> => notYet()
export const portUpdate = async (_ctx: Context, _id: string, _change: PortChange): Promise<void> => notYet()
/** Deletes the port; fine when it is gone. */
export const portDelete = async (_ctx: Context, _id: string): Promise<void> => notYet()
/** Any port by id, whoever owns it; undefined when there is none. */
export const portGet = async (_ctx: Context, _id: string): Promise<{ id: string; projectId: string; networkId: string; deviceId: string; deviceOwner: string; mac: string; status: string; host: string } | undefined> => notYet()
/** Gives ports to a server on a host: device, owner, binding; wakes the host's reconciler after the commit. */
export const portsBind = async (_tx: Context, _binding: PortsBinding): Promise<void> => notYet()
/** Takes the binding (and, unless keepDevice, the device) away from ports; the rows stay. */
export const portsUnbind = async (_tx: Context, _what: { ids: string[]; keepDevice?: boolean }): Promise<void> => notYet()
/** The ports of servers in few queries, by server id, in the order in which they were attached. */
export const portsOfServers = async (_ctx: Context, _serverIds: string[]): Promise<Map<string, ServerPort[]>> => notYet()
/** The same for one server with its subnets: for network_data.json. */
export const portDetailsOfServer = async (_ctx: Context, _serverId: string): Promise<ServerPortDetails[]> => notYet()
/** Resolves when the host's network reports the ports wired and filtered; many callers share one round. */
export const portsWired = async (_work: WorkContext, _hostName: string, _portIds: string[]): Promise<void> => notYet()
/** What a guest's spec says of its ports. */
export const guestPorts = async (_ctx: Context, _serverId: string): Promise<GuestPort[]> => notYet()
/** Checks what a user asked for and chooses networks where nothing was said; errors are Nova's. */
export const networksForServer = async (_ctx: Context, _question: ServerNetworksQuestion): Promise<ServerNetwork[]> => notYet()
/** Security groups by name or id in the project, as a server request names them; 400 in Nova's words when one is missing. */
export const securityGroupsForServer = async (_ctx: Context, _projectId: string, _names: string[]): Promise<string[]> => notYet()
/** Whose port a request to 169.254.169.254 came from. */
export const metadataOwner = async (_ctx: Context, _from: { networkId: string | null; routerId: string | null; address: string }): Promise<{ portId: string; serverId: string; projectId: string } | null> => notYet()
/** The external network `public`, and a network, subnet and router for demo. Safe to call again. */
export const networkBootstrap = async (_ctx: Context, _what: NetworkBootstrap): Promise<void> => notYet()

/** Makes a host's networks as the rows say. Key: the host's name. */
export const hostNetworkReconciler: Reconciler = reconciler({ name: 'host-network', everyMs: 60_000, run: async () => undefined })

export const domain: Domain = {
  name: 'network',
  migrations: { '0001-network': network, '0002-routers': routers },
  policy: networkPolicy,
  services: [networkService],
  work: [hostNetworkReconciler],
}

// The face of the network domain: the only file of it that other domains import. How it is wired into the cloud: domain.ts.
export type * from './servers/types.ts'
export { portWatch, type PortWatcher } from './servers/watchers.ts'
export { networkBootstrap } from './bootstrap.ts'
export { networksForServer, securityGroupsForServer } from './servers/networks.ts'
export {
  guestPorts,
  serverPortCreate,
  serverPortDelete,
  portsBind,
  portsLeft,
  portsUnbind,
  portsWire,
  serverPortUpdate,
} from './servers/ports.ts'
export { portIdsOfServers, portOwners, portsWithServer, type PortOwner } from './checks/port-owners.ts'
export { metadataOwner, portDetailsOfServer, portsOfServers } from './servers/details.ts'

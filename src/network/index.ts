// The face of the network domain: the only file of it that other domains import. How it is wired into the cloud: domain.ts.
export type * from './servers/types.ts'
export { portWatch, type PortWatcher } from './servers/watchers.ts'
export { networkBootstrap } from './bootstrap.ts'
export { networksForServer, securityGroupsForServer } from './servers/networks.ts'
export { guestPorts, portsBind, portsLeft, portsUnbind, portsWire, serverPortUpdate } from './servers/ports.ts'
export { attachedPortMove, attachedPortsList, attachedPortsPage, attachedPortsRelease, portAttach } from './servers/attached.ts'
export { metadataOwner, portDetailsOfServer, portsOfServers } from './servers/details.ts'

// The types of network's face for other domains: ports of servers, their wiring, the sender of a metadata request.
import type { AttachState } from '../store/tables.ts'

export interface FixedIp {
  subnetId: string
  ipAddress: string
}

/** What a port is to be made of. Left out: Neutron's defaults (an address of each family, the default security group). */
export interface NewPort {
  networkId: string
  projectId: string
  name?: string
  description?: string
  adminStateUp?: boolean
  macAddress?: string
  fixedIps?: { subnetId?: string; ipAddress?: string }[]
  securityGroupIds?: string[]
  deviceId?: string
  /** 'compute:nova', 'network:dhcp', … */
  deviceOwner?: string
  /** binds it at once */
  host?: string
  dnsName?: string
  tags?: string[]
  /** of a server's port: the tag of the guest's device */
  tag?: string | null
  /** of a server's port */
  state?: AttachState
  /** which of the ports that its server is given at once, from 0: a guest's NICs come in that order */
  order?: number
}

export interface PortChange {
  name?: string
  adminStateUp?: boolean
  fixedIps?: { subnetId?: string; ipAddress?: string }[]
  securityGroupIds?: string[]
}

/** One entry of a server request's `networks`. */
export interface ServerNetworkRequest {
  networkId?: string | undefined
  portId?: string | undefined
  fixedIp?: string | undefined
  tag?: string | undefined
}

export interface ServerNetworksQuestion {
  projectId: string
  /** undefined: the project's only network, if it has one; 'auto': that, or one that is made */
  requested: ServerNetworkRequest[] | 'auto' | 'none' | undefined
  /** how many servers are made with it: more than one cannot share a port or an address */
  count: number
}

/** A network that a new server gets: with a port that the user made (portId), or one to be made. */
export interface ServerNetwork {
  networkId: string
  portId: string | null
  fixedIp: string | null
  tag: string | null
}

/** A port of a server, for the server's views: addresses, interfaces. */
export interface ServerPort {
  portId: string
  serverId: string
  networkId: string
  networkName: string
  mac: string
  status: string
  fixedIps: FixedIp[]
  /** fixedIp → floating address */
  floatingIps: { fixedIp: string; address: string }[]
  securityGroups: { id: string; name: string }[]
  adminStateUp: boolean
  portSecurityEnabled: boolean
  mtuBytes: number
  host: string
}

/** Facts of one port's networks as config drive and metadata show them (network_data.json). */
export interface ServerPortDetails extends ServerPort {
  subnets: {
    id: string
    cidr: string
    ipVersion: 4 | 6
    gatewayIp: string | null
    dnsNameservers: string[]
    hostRoutes: { destination: string; nexthop: string }[]
    enableDhcp: boolean
    ipv6AddressMode: string | null
  }[]
}

/** A port as a server has it. */
export interface AttachedPort {
  portId: string
  serverId: string
  /** where it is bound; '' nowhere */
  host: string
  tag: string | null
  state: AttachState
}

/** What a server that is given a port says. */
export interface PortTaker {
  serverId: string
  projectId: string
  /** its name there, for DNS */
  hostname: string
  host: string
  availabilityZone: string
  state: AttachState
  /** of a port that is made */
  securityGroupIds?: string[]
  order?: number
}

export interface PortsBinding {
  ids: string[]
  host: string
  serverId: string
  /** of the host: device_owner becomes compute:<zone> */
  availabilityZone: string
  /** of the first of them among the ports that the server is given at once */
  order?: number
}

export interface NetworkBootstrap {
  /** who owns the demo network and router */
  demoProjectId: string
  /** who owns `public` */
  adminProjectId: string
  /** of `public`, in a new cloud */
  publicCidr: string
}

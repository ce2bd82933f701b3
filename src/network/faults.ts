// Neutron's errors by the names and words that its clients know, where more than one file throws them.
import { badRequest, conflict, notFound, type ApiError } from '../platform/errors.ts'

export const networkNotFound = (id: string) => notFound(`Network ${id} could not be found.`, { type: 'NetworkNotFound' })
export const subnetNotFound = (id: string) => notFound(`Subnet ${id} could not be found.`, { type: 'SubnetNotFound' })
export const portNotFound = (id: string) => notFound(`Port ${id} could not be found.`, { type: 'PortNotFound' })
export const routerNotFound = (id: string) => notFound(`Router ${id} could not be found`, { type: 'RouterNotFound' })
export const securityGroupNotFound = (id: string) => notFound(`Security group ${id} does not exist`, { type: 'SecurityGroupNotFound' })

/** 400 InvalidInput: what Neutron's plugin says of values that cannot be. */
export const invalidInput = (reason: string): ApiError => badRequest(`Invalid input for operation: ${reason}.`, { type: 'InvalidInput' })

/** 400 of an attribute's own check. */
export const invalidAttribute = (name: string, reason: string): ApiError =>
  badRequest(`Invalid input for ${name}. Reason: ${reason}.`, { type: 'HTTPBadRequest' })

export const ipInUse = (ip: string, subnetId: string) =>
  conflict(`IP address ${ip} already allocated in subnet ${subnetId}`, { type: 'IpAddressAlreadyAllocated' })

export const networkInUse = (id: string, reason: string) =>
  conflict(`Unable to complete operation on network ${id}. ${reason}.`, { type: 'NetworkInUse' })
export const subnetInUse = (id: string, reason: string) =>
  conflict(`Unable to complete operation on subnet ${id}: ${reason}.`, { type: 'SubnetInUse' })

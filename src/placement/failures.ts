// Placement's own error codes (shown since microversion 1.23) and the texts that several operations share.
import type { FaultFormat } from '../platform/api/validate.ts'
import { ApiError, badRequest, conflict, notFound } from '../platform/errors.ts'

export const codes = {
  concurrentUpdate: 'placement.concurrent_update',
  duplicateName: 'placement.duplicate_name',
  inventoryInUse: 'placement.inventory.inuse',
  providerInUse: 'placement.resource_provider.inuse',
  cannotDeleteParent: 'placement.resource_provider.cannot_delete_parent',
  providerNotFound: 'placement.resource_provider.not_found',
  duplicateKey: 'placement.query.duplicate_key',
  badValue: 'placement.query.bad_value',
  missingValue: 'placement.query.missing_value',
} as const

export const concurrentUpdate = (message: string): ApiError => conflict(message, { type: codes.concurrentUpdate })

export const providerMissing = (id: string): ApiError => notFound(`No resource provider with uuid ${id} found`)

export const noSuchClass = (name: string): string => `No such resource class ${name}.`

export const badQuery = (message: string): ApiError => badRequest(message, { type: codes.badValue })

/** What several writers say when a provider's generation has moved. */
export const generationConflict = "Resource provider's generation already changed. Please update the generation and try again."

const invalidInventory = (resourceClass: string, providerId: string) =>
  `Inventory for '${resourceClass}' on resource provider '${providerId}' invalid.`
const cannotCreate = (resourceClass: string, providerId: string) =>
  `Unable to create allocation for '${resourceClass}' on resource provider '${providerId}'.`

/** Why an allocation cannot be made, in placement's words. */
export const allocationFailures = {
  invalid: (resourceClass: string, providerId: string) =>
    conflict(`Unable to allocate inventory: ${invalidInventory(resourceClass, providerId)}`),
  constraints: (resourceClass: string, providerId: string) =>
    conflict(
      `Unable to allocate inventory: ${cannotCreate(resourceClass, providerId)} The requested amount would violate inventory constraints.`,
    ),
  capacity: (resourceClass: string, providerId: string) =>
    conflict(`Unable to allocate inventory: ${cannotCreate(resourceClass, providerId)} The requested amount would exceed the capacity.`),
}

/** JSON does not validate: 0 is less than the minimum of 1 … Failed validating 'minimum' in schema['properties']['total'] */
export const placementFaults: FaultFormat = (what, { keyword, schemaPath }, words) => {
  const where = schemaPath
    .split('/')
    .slice(1, -1)
    .map((part) => `['${decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~')}']`)
  const prefix = what === 'body' ? 'JSON does not validate' : 'Invalid query string parameters'
  return `${prefix}: ${words}\n\nFailed validating '${keyword}' in schema${where.join('')}`
}

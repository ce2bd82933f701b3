// The cloud about itself, for its operators: why a resource is as it is, what work is under way or gave up. A service
// of our own beside OpenStack's, which `stackling why` speaks to. It owns no tables.
import { novaErrors } from '../../platform/api/error-formats.ts'
import type { Domain } from '../../platform/api/operation.ts'
import type { WorkDefinition } from '../../platform/work/definition.ts'
import { operationsPolicy } from './policy.ts'
import { operationsRoutes } from './routes.ts'

/** `definitions` is all the work of the domains that it looks into: what the steps are called. */
export const operationsDomain = (definitions: WorkDefinition[]): Domain => ({
  name: 'operations',
  migrations: {},
  policy: operationsPolicy,
  services: [{ type: 'stackling', prefix: '/operations', bases: [''], errors: novaErrors, operations: operationsRoutes(definitions) }],
  work: [],
})

// The cloud about itself, for its operators: why a resource is as it is, what work is under way or was abandoned, whether rows
// and what is real agree. A service of our own beside OpenStack's, which `stackling why` and `stackling fsck` speak to.
import { novaErrors } from '../../platform/api/error-formats.ts'
import type { Domain } from '../../platform/api/operation.ts'
import { timelineRetention } from '../../platform/events/retention.ts'
import type { Check } from '../../platform/fsck/check.ts'
import { fsckWatch } from './fsck-watch.ts'
import { operationsPolicy } from './policy.ts'
import { operationsRoutes } from './routes.ts'

/** Looks into the domains: `products` says what their work's steps and their resources are called, `checks` is all that fsck compares. */
export const operationsDomain = (looked: { products: Domain[]; checks: Check[] }): Domain => ({
  name: 'operations',
  migrations: {},
  facts: {},
  policy: operationsPolicy,
  // an admin of a domain does not operate the cloud
  policyScopes: { usual: ['system', 'project'] },
  services: [{ type: 'stackling', prefix: '/operations', bases: [''], errors: novaErrors, operations: operationsRoutes(looked) }],
  work: [fsckWatch(looked.checks), timelineRetention],
})

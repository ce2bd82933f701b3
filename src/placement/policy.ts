// Placement's policy as data: names and defaults as operators know them. Only admins and services, but for a project's own usage.
import type { Rules } from '../platform/api/policy.ts'

const adminOrService = 'role:admin or role:service'

const operations = [
  'resource_providers:list',
  'resource_providers:create',
  'resource_providers:show',
  'resource_providers:update',
  'resource_providers:delete',
  'resource_classes:list',
  'resource_classes:create',
  'resource_classes:show',
  'resource_classes:update',
  'resource_classes:delete',
  'resource_providers:inventories:list',
  'resource_providers:inventories:create',
  'resource_providers:inventories:show',
  'resource_providers:inventories:update',
  'resource_providers:inventories:delete',
  'resource_providers:aggregates:list',
  'resource_providers:aggregates:update',
  'resource_providers:usages',
  'traits:list',
  'traits:show',
  'traits:update',
  'traits:delete',
  'resource_providers:traits:list',
  'resource_providers:traits:update',
  'resource_providers:traits:delete',
  'allocations:manage',
  'allocations:list',
  'allocations:update',
  'allocations:delete',
  'resource_providers:allocations:list',
  'allocation_candidates:list',
]

export const placementPolicy: Rules = {
  ...Object.fromEntries(operations.map((name) => [`placement:${name}`, adminOrService])),
  // what moves allocations between providers all at once is for services alone
  'placement:reshaper:reshape': 'role:service',
  'placement:usages': `${adminOrService} or rule:project_reader_api`,
}

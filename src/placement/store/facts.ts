// What the timeline is told of placement's rows. Generations count writes, which the timeline does better.
import type { FactsOf } from '../../platform/store/facts.ts'

export const facts: FactsOf = {
  resource_providers: { type: 'resource_provider', facts: ['name', 'parent_id', 'root_id'], quiet: ['generation', 'updated_at'] },
  inventories: {
    type: 'resource_provider',
    id: 'provider_id',
    part: { name: 'inventory', key: ['resource_class'] },
    facts: ['total', 'reserved', 'allocation_ratio'],
    quiet: ['updated_at'],
  },
  provider_traits: { type: 'resource_provider', id: 'provider_id', part: { name: 'trait', key: ['trait'] }, facts: [] },
  provider_aggregates: { type: 'resource_provider', id: 'provider_id', part: { name: 'aggregate', key: ['aggregate_id'] }, facts: [] },
  consumers: { type: 'consumer', project: 'project_id', facts: ['project_id', 'user_id', 'consumer_type'], quiet: ['generation'] },
  allocations: {
    type: 'consumer',
    id: 'consumer_id',
    part: { name: 'allocation', key: ['provider_id', 'resource_class'] },
    facts: ['used'],
  },
  custom_resource_classes: { type: 'resource_class', id: 'name', facts: [] },
  custom_traits: { type: 'trait', id: 'name', facts: [] },
}

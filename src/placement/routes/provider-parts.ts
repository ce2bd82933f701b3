// /resource_providers/:uuid/{aggregates,traits,usages,allocations}.
import type { Operation } from '../../platform/api/operation.ts'
import { table } from '../../platform/table.ts'
import { providerAggregates, providerAggregatesUpdate, providerAllocations, providerUsages } from '../provider-parts.ts'
import { providerTraits, providerTraitsUpdate } from '../traits.ts'
import { providers } from './providers.ts'
import { answer } from './answer.ts'
import { aggregatesAll, aggregatesBare, traitsAll } from '../schemas.ts'

const rule = (what: string) => `placement:resource_providers:${what}`

export const providerPartOperations: Operation[] = [
  providers.below('/aggregates', {
    summary: 'List a provider’s aggregates',
    policy: rule('aggregates:list'),
    versions: ['1.1', null],
    async handler(ctx, id) {
      const { provider, aggregates } = await providerAggregates(ctx, id)
      return answer(ctx, { aggregates, ...(ctx.microversion.atLeast('1.19') ? { resource_provider_generation: provider.generation } : {}) })
    },
  }),
  providers.below('/aggregates', {
    method: 'PUT',
    summary: 'Replace a provider’s aggregates',
    policy: rule('aggregates:update'),
    versions: ['1.1', '1.18'],
    body: aggregatesBare,
    async handler(ctx, id, request) {
      const { aggregates } = await providerAggregatesUpdate(ctx, id, request.body, undefined)
      return answer(ctx, { aggregates })
    },
  }),
  providers.below('/aggregates', {
    method: 'PUT',
    summary: 'Replace a provider’s aggregates',
    policy: rule('aggregates:update'),
    versions: ['1.19', null],
    body: aggregatesAll,
    async handler(ctx, id, request) {
      const given = request.body
      const { provider, aggregates } = await providerAggregatesUpdate(ctx, id, given.aggregates, given.resource_provider_generation)
      return answer(ctx, { aggregates, resource_provider_generation: provider.generation })
    },
  }),
  providers.below('/traits', {
    summary: 'List a provider’s traits',
    policy: rule('traits:list'),
    versions: ['1.6', null],
    async handler(ctx, id) {
      const { provider, traits } = await providerTraits(ctx, id)
      return answer(ctx, { traits, resource_provider_generation: provider.generation })
    },
  }),
  providers.below('/traits', {
    method: 'PUT',
    summary: 'Replace a provider’s traits',
    policy: rule('traits:update'),
    versions: ['1.6', null],
    body: traitsAll,
    async handler(ctx, id, request) {
      const given = request.body
      const provider = await providerTraitsUpdate(ctx, id, given.traits, given.resource_provider_generation)
      return answer(ctx, { traits: given.traits, resource_provider_generation: provider.generation })
    },
  }),
  providers.below('/traits', {
    method: 'DELETE',
    summary: 'Take all traits from a provider',
    policy: rule('traits:delete'),
    versions: ['1.6', null],
    status: 204,
    async handler(ctx, id) {
      await providerTraitsUpdate(ctx, id, [])
    },
  }),
  providers.below('/usages', {
    summary: 'Show what is used of a provider',
    policy: rule('usages'),
    async handler(ctx, id) {
      const { provider, usages } = await providerUsages(ctx, id)
      return answer(ctx, { resource_provider_generation: provider.generation, usages })
    },
  }),
  providers.below('/allocations', {
    summary: 'List allocations of a provider',
    policy: rule('allocations:list'),
    async handler(ctx, id) {
      const { provider, rows, consumers } = await providerAllocations(ctx, id)
      const allocations: Record<string, { resources: Record<string, number>; consumer_generation?: number | null }> = table()
      for (const row of rows) {
        const generation = ctx.microversion.atLeast('1.28')
          ? { consumer_generation: consumers.get(row.consumer_id)?.generation ?? null }
          : {}
        ;(allocations[row.consumer_id] ??= { resources: {}, ...generation }).resources[row.resource_class] = row.used
      }
      return answer(
        ctx,
        { allocations, resource_provider_generation: provider.generation },
        { modifiedAt: rows.map((row) => row.created_at) },
      )
    },
  }),
]

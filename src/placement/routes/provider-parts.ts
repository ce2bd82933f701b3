// /resource_providers/:uuid/{aggregates,traits,usages,allocations}.
import type { ApiRequest, Operation } from '../../platform/api/operation.ts'
import { table } from '../../platform/table.ts'
import { providerAggregates, providerAggregatesSet, providerAllocations, providerUsages } from '../provider-parts.ts'
import { providerTraits, providerTraitsSet } from '../traits.ts'
import { answer, empty, placementOperation } from './answer.ts'
import { aggregatesAll, aggregatesBare, traitsAll } from './schemas.ts'

const path = (part: string) => `/resource_providers/:uuid/${part}`
const rule = (what: string) => `placement:resource_providers:${what}`
const id = ({ params }: ApiRequest) => params['uuid'] ?? ''

export const providerPartOperations: Operation[] = [
  placementOperation({
    method: 'GET',
    path: path('aggregates'),
    summary: 'List a provider’s aggregates',
    policy: rule('aggregates:list'),
    versions: ['1.1', null],
    status: 200,
    async handler(ctx, request) {
      const { provider, aggregates } = await providerAggregates(ctx, id(request))
      return answer(ctx, { aggregates, ...(ctx.microversion.atLeast('1.19') ? { resource_provider_generation: provider.generation } : {}) })
    },
  }),
  placementOperation({
    method: 'PUT',
    path: path('aggregates'),
    summary: 'Replace a provider’s aggregates',
    policy: rule('aggregates:update'),
    versions: ['1.1', '1.18'],
    status: 200,
    body: aggregatesBare,
    async handler(ctx, request) {
      const { aggregates } = await providerAggregatesSet(ctx, id(request), request.body as string[], undefined)
      return answer(ctx, { aggregates })
    },
  }),
  placementOperation({
    method: 'PUT',
    path: path('aggregates'),
    summary: 'Replace a provider’s aggregates',
    policy: rule('aggregates:update'),
    versions: ['1.19', null],
    status: 200,
    body: aggregatesAll,
    async handler(ctx, request) {
      const given = request.body as { aggregates: string[]; resource_provider_generation: number }
      const { provider, aggregates } = await providerAggregatesSet(ctx, id(request), given.aggregates, given.resource_provider_generation)
      return answer(ctx, { aggregates, resource_provider_generation: provider.generation })
    },
  }),
  placementOperation({
    method: 'GET',
    path: path('traits'),
    summary: 'List a provider’s traits',
    policy: rule('traits:list'),
    versions: ['1.6', null],
    status: 200,
    async handler(ctx, request) {
      const { provider, traits } = await providerTraits(ctx, id(request))
      return answer(ctx, { traits, resource_provider_generation: provider.generation })
    },
  }),
  placementOperation({
    method: 'PUT',
    path: path('traits'),
    summary: 'Replace a provider’s traits',
    policy: rule('traits:update'),
    versions: ['1.6', null],
    status: 200,
    body: traitsAll,
    async handler(ctx, request) {
      const given = request.body as { traits: string[]; resource_provider_generation: number }
      const provider = await providerTraitsSet(ctx, id(request), given.traits, given.resource_provider_generation)
      return answer(ctx, { traits: given.traits, resource_provider_generation: provider.generation })
    },
  }),
  placementOperation({
    method: 'DELETE',
    path: path('traits'),
    summary: 'Take all traits from a provider',
    policy: rule('traits:delete'),
    versions: ['1.6', null],
    status: 204,
    async handler(ctx, request) {
      await providerTraitsSet(ctx, id(request), [])
      return empty(204)
    },
  }),
  placementOperation({
    method: 'GET',
    path: path('usages'),
    summary: 'Show what is used of a provider',
    policy: rule('usages'),
    status: 200,
    async handler(ctx, request) {
      const { provider, usages } = await providerUsages(ctx, id(request))
      return answer(ctx, { resource_provider_generation: provider.generation, usages })
    },
  }),
  placementOperation({
    method: 'GET',
    path: path('allocations'),
    summary: 'List allocations of a provider',
    policy: rule('allocations:list'),
    status: 200,
    async handler(ctx, request) {
      const { provider, rows, consumers } = await providerAllocations(ctx, id(request))
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

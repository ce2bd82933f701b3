// /allocations, /usages and /reshaper.
import Type from 'typebox'
import type { ApiRequest, Operation } from '../../platform/api/operation.ts'
import type { Context } from '../../platform/context.ts'
import { table } from '../../platform/table.ts'
import {
  allocationsSet,
  consumerAllocations,
  consumerRelease,
  projectUsages,
  projectUsagesByType,
  type AllocationsBody,
  type ConsumerAllocations,
} from '../consumers.ts'
import { reshape, type Reshaping } from '../reshaper.ts'
import { answer, empty, one, placementOperation } from './answer.ts'
import { allocationsOfConsumer, allocationsOfMany, reshapings } from './schemas.ts'

const rule = (what: string) => `placement:allocations:${what}`
const id = ({ params }: ApiRequest) => params['consumer'] ?? ''

function consumerView(ctx: Context, { consumer, rows, providers }: ConsumerAllocations) {
  const allocations: Record<string, { resources: Record<string, number>; generation: number }> = table()
  for (const row of rows) {
    const generation = providers.get(row.provider_id)?.generation ?? 0
    ;(allocations[row.provider_id] ??= { resources: {}, generation }).resources[row.resource_class] = row.used
  }
  if (!consumer || !ctx.microversion.atLeast('1.12')) return { allocations }
  return {
    allocations,
    project_id: consumer.project_id,
    user_id: consumer.user_id,
    ...(ctx.microversion.atLeast('1.28') ? { consumer_generation: consumer.generation } : {}),
    ...(ctx.microversion.atLeast('1.38') ? { consumer_type: consumer.consumer_type ?? 'unknown' } : {}),
  }
}

const owner = Type.String({ minLength: 1, maxLength: 255 })
const usageQuery = { project_id: owner, user_id: Type.Optional(owner) }
const closed = { additionalProperties: false }
const usage = { method: 'GET', path: '/usages', summary: 'Show what a project uses', policy: 'placement:usages', status: 200 } as const

export const allocationOperations: Operation[] = [
  placementOperation({
    method: 'GET',
    path: '/allocations/:consumer',
    summary: 'List a consumer’s allocations',
    policy: rule('list'),
    status: 200,
    async handler(ctx, request) {
      const found = await consumerAllocations(ctx, id(request))
      return answer(ctx, consumerView(ctx, found), { modifiedAt: found.rows.map((row) => row.created_at) })
    },
  }),
  ...allocationsOfConsumer.map(([versions, body]) =>
    placementOperation({
      method: 'PUT',
      path: '/allocations/:consumer',
      summary: 'Replace a consumer’s allocations',
      policy: rule('update'),
      versions,
      status: 204,
      body,
      async handler(ctx, request) {
        await allocationsSet(ctx, { [id(request)]: request.body as AllocationsBody })
        return empty(204)
      },
    }),
  ),
  ...allocationsOfMany.map(([versions, body]) =>
    placementOperation({
      method: 'POST',
      path: '/allocations',
      summary: 'Replace the allocations of several consumers',
      policy: rule('manage'),
      versions,
      status: 204,
      body,
      async handler(ctx, request) {
        await allocationsSet(ctx, request.body as Record<string, AllocationsBody>)
        return empty(204)
      },
    }),
  ),
  placementOperation({
    method: 'DELETE',
    path: '/allocations/:consumer',
    summary: 'Give a consumer’s allocations back',
    policy: rule('delete'),
    status: 204,
    async handler(ctx, request) {
      await consumerRelease(ctx, id(request))
      return empty(204)
    },
  }),
  placementOperation({
    ...usage,
    versions: ['1.9', '1.37'],
    query: Type.Object(usageQuery, closed),
    handler: async (ctx, request) =>
      answer(ctx, { usages: await projectUsages(ctx, { projectId: one(request, 'project_id') ?? '', userId: one(request, 'user_id') }) }),
  }),
  placementOperation({
    ...usage,
    versions: ['1.38', null],
    query: Type.Object(
      {
        ...usageQuery,
        consumer_type: Type.Optional(Type.String({ pattern: '^[A-Z0-9_]+$|^all|^unknown$', minLength: 1, maxLength: 255 })),
      },
      closed,
    ),
    async handler(ctx, request) {
      const question = {
        projectId: one(request, 'project_id') ?? '',
        userId: one(request, 'user_id'),
        consumerType: one(request, 'consumer_type'),
      }
      return answer(ctx, { usages: await projectUsagesByType(ctx, question) })
    },
  }),
  ...reshapings.map(([versions, body]) =>
    placementOperation({
      method: 'POST',
      path: '/reshaper',
      summary: 'Move inventories and their allocations',
      policy: 'placement:reshaper:reshape',
      versions,
      status: 204,
      body,
      async handler(ctx, request) {
        await reshape(ctx, request.body as Reshaping)
        return empty(204)
      },
    }),
  ),
]

// /allocations, /usages and /reshaper.
import { Type } from '../../platform/api/type.ts'
import { operation, type Operation } from '../../platform/api/operation.ts'
import { resource } from '../../platform/api/resource.ts'
import type { Context } from '../../platform/context.ts'
import { table } from '../../platform/table.ts'
import {
  allocationsUpdate,
  consumerAllocations,
  consumerAllocationsDelete,
  projectUsages,
  projectUsagesByType,
  type ConsumerAllocations,
} from '../consumers.ts'
import { reshape } from '../reshaper.ts'
import { answer, one } from './answer.ts'
import { allocationsOfConsumer, allocationsOfMany, reshapings } from '../schemas.ts'

const allocations = resource({
  path: '/allocations',
  key: 'consumer',
  one: 'a consumer’s allocations',
  many: 'allocations',
  rule: (act) => `placement:allocations:${act === 'show' ? 'list' : act === 'create' ? 'manage' : act}`,
  status: { create: 204, update: 204 },
})

function consumerView(ctx: Context, { consumer, rows, providers }: ConsumerAllocations) {
  const shown: Record<string, { resources: Record<string, number>; generation: number }> = table()
  for (const row of rows) {
    const generation = providers.get(row.provider_id)?.generation ?? 0
    ;(shown[row.provider_id] ??= { resources: {}, generation }).resources[row.resource_class] = row.used
  }
  if (!consumer || !ctx.microversion.atLeast('1.12')) return { allocations: shown }
  return {
    allocations: shown,
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
  allocations.show({
    summary: 'List a consumer’s allocations',
    async handler(ctx, consumer) {
      const found = await consumerAllocations(ctx, consumer)
      return answer(ctx, consumerView(ctx, found), { modifiedAt: found.rows.map((row) => row.created_at) })
    },
  }),
  ...allocationsOfConsumer.map(([versions, body]) =>
    allocations.update({
      summary: 'Replace a consumer’s allocations',
      versions,
      body,
      handler: (ctx, consumer, request) => allocationsUpdate(ctx, { [consumer]: request.body }),
    }),
  ),
  ...allocationsOfMany.map(([versions, body]) =>
    allocations.create({
      summary: 'Replace the allocations of several consumers',
      versions,
      body,
      handler: (ctx, request) => allocationsUpdate(ctx, request.body),
    }),
  ),
  allocations.delete({
    summary: 'Give a consumer’s allocations back',
    handler: (ctx, consumer) => consumerAllocationsDelete(ctx, consumer),
  }),
  operation({
    ...usage,
    versions: ['1.9', '1.37'],
    query: Type.Object(usageQuery, closed),
    handler: async (ctx, request) =>
      answer(ctx, { usages: await projectUsages(ctx, { projectId: one(request, 'project_id') ?? '', userId: one(request, 'user_id') }) }),
  }),
  operation({
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
    operation({
      method: 'POST',
      path: '/reshaper',
      summary: 'Move inventories and their allocations',
      policy: 'placement:reshaper:reshape',
      versions,
      status: 204,
      body,
      handler: (ctx, request) => reshape(ctx, request.body),
    }),
  ),
]

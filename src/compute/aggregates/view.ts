// Aggregate → what the API shows: uuid since 2.41; a new one without hosts and metadata.
import type { Context } from '../../platform/context.ts'
import type { Aggregate } from './aggregates.ts'
import type { AggregateRow } from './store.ts'
import { naive, naiveOrNull } from '../views/times.ts'

const common = (ctx: Context, row: AggregateRow) => ({
  id: row.id,
  ...(ctx.microversion.atLeast('2.41') ? { uuid: row.uuid } : {}),
  name: row.name,
  created_at: naive(row.created_at),
  updated_at: naiveOrNull(row.updated_at),
  deleted_at: null,
  deleted: false,
  availability_zone: row.metadata['availability_zone'] ?? null,
})

const full = (ctx: Context, { row, hosts }: Aggregate) => ({ ...common(ctx, row), hosts, metadata: row.metadata })

export const aggregateCreatedView = (ctx: Context, row: AggregateRow) => ({ aggregate: common(ctx, row) })

export const aggregateView = (ctx: Context, aggregate: Aggregate) => ({ aggregate: full(ctx, aggregate) })

export const aggregateListView = (ctx: Context, aggregates: Aggregate[]) => ({
  aggregates: aggregates.map((aggregate) => full(ctx, aggregate)),
})

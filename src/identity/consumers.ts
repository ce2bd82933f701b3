// OAuth1 consumers: registered applications, to which users lend some of their roles (oauth1/).
import type { Context } from '../platform/context.ts'
import { badRequest } from '../platform/errors.ts'
import { extraMerged, extraOf } from './extra.ts'
import { sameId } from './found.ts'
import { permit, permitFound } from './permission.ts'
import { change } from './revision.ts'
import { nullable, optional, text, type Body } from './schemas.ts'
import { consumers, type ConsumerRow } from './store/delegation-tables.ts'
import { referredDelete } from './store/references.ts'

export const consumerProperties = { description: optional(nullable(text)) }
export type ConsumerBody = Body<typeof consumerProperties>

const attributes = ['description', 'secret']

export function consumersList(ctx: Context): Promise<ConsumerRow[]> {
  permit(ctx)
  return consumers.list(ctx.db)
}

export async function consumerGet(ctx: Context, id: string): Promise<ConsumerRow> {
  return permitFound(ctx, await consumers.fetch(ctx.db, id), { what: 'consumer', id })
}

/** The secret is in the row that this returns and in no later answer. */
export async function consumerCreate(ctx: Context, body: ConsumerBody): Promise<ConsumerRow> {
  permit(ctx)
  const row = {
    id: ctx.ids.hex(),
    description: body.description ?? null,
    secret: ctx.ids.bytes(16).toString('hex'),
    extra: extraOf(body, attributes),
  }
  await change(ctx, { type: 'consumer', id: row.id, action: 'create' }, (tx) => consumers.insert(tx.db, row))
  return row
}

export async function consumerUpdate(ctx: Context, id: string, body: ConsumerBody): Promise<ConsumerRow> {
  const row = await consumerGet(ctx, id)
  sameId(id, body['id'])
  if ('secret' in body) throw badRequest('The secret of a consumer cannot be updated.')
  const next = {
    description: body.description === undefined ? row.description : body.description,
    extra: extraMerged(row.extra, body, attributes),
  }
  await change(ctx, { type: 'consumer', id, action: 'update' }, (tx) => consumers.update(tx.db, { id }, next))
  return { ...row, ...next }
}

export async function consumerDelete(ctx: Context, id: string): Promise<void> {
  await consumerGet(ctx, id)
  await change(ctx, { type: 'consumer', id, action: 'delete' }, (tx) => referredDelete(tx.db, 'consumer', id))
}

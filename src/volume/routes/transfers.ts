// /os-volume-transfer, and since 3.55 /volume-transfers, which show more.
import { Type } from '../../platform/api/type.ts'
import type { Context } from '../../platform/context.ts'
import { lenientBoolean } from '../../platform/api/words.ts'
import type { Operation } from '../../platform/api/operation.ts'
import { transferAccept, transferDelete, transferCreate, transferGet, transfersList, type TransferRow } from '../transfers.ts'
import { linksOf, micros } from '../views/texts.ts'
import { flag, name, optional, trimmed, uuid, without, wrapped } from './bodies.ts'
import { listOf } from './list-query.ts'
import { transfers } from './resources.ts'

const summary = (ctx: Context, row: TransferRow) => ({
  id: row.id,
  volume_id: row.volume_id,
  name: row.name,
  links: linksOf(ctx, 'os-volume-transfer', row.id),
})
const detail = (ctx: Context, row: TransferRow) => ({
  ...summary(ctx, row),
  created_at: micros(row.created_at),
  ...(ctx.microversion.atLeast('3.55') ? { no_snapshots: row.no_snapshots } : {}),
  ...(ctx.microversion.atLeast('3.57')
    ? { destination_project_id: row.destination_project_id, source_project_id: row.source_project_id, accepted: row.accepted }
    : {}),
})

const sorts = {
  keys: ['id', 'name', 'display_name', 'created_at', 'volume_id'],
  alias: { display_name: 'name' },
  nullAs: { name: '' },
}
const list = { key: 'transfers', sorts, list: transfersList }

const created = { volume_id: uuid, name: optional(name), no_snapshots: optional(flag) }

function operationsAt(path: string, since: string, properties: typeof created): Operation[] {
  const offers = transfers(path, since)
  return [
    listOf(offers, list, summary),
    listOf(offers, list, detail, { path: '/detail' }),
    offers.create({
      summary: 'Offer a volume',
      body: wrapped('transfer', properties),
      async handler(ctx, { body }) {
        const { transfer } = body
        const { row, authKey } = await transferCreate(ctx, {
          volumeId: transfer.volume_id,
          name: trimmed(transfer.name) ?? null,
          noSnapshots: lenientBoolean(transfer.no_snapshots),
        })
        return { transfer: { ...detail(ctx, row), auth_key: authKey } }
      },
    }),
    offers.show({ handler: async (ctx, id) => ({ transfer: detail(ctx, await transferGet(ctx, id)) }) }),
    offers.below('/accept', {
      method: 'POST',
      summary: 'Accept a volume',
      policy: 'volume:accept_transfer',
      status: 202,
      body: wrapped('accept', { auth_key: Type.String({ minLength: 1, maxLength: 255 }) }),
      handler: async (ctx, id, { body }) => ({ transfer: summary(ctx, await transferAccept(ctx, id, body.accept.auth_key)) }),
    }),
    offers.delete({ summary: 'Take back an offer', handler: (ctx, id) => transferDelete(ctx, id) }),
  ]
}

export const transferOperations: Operation[] = [
  ...operationsAt('/os-volume-transfer', '3.0', without(created, 'no_snapshots')),
  ...operationsAt('/volume-transfers', '3.55', created),
]

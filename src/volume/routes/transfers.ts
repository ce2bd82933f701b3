// /os-volume-transfer, and since 3.55 /volume-transfers, which show more.
import Type from 'typebox'
import type { Context } from '../../platform/context.ts'
import { lenientBoolean } from '../../platform/api/words.ts'
import { operation, type ApiRequest, type Operation } from '../../platform/api/operation.ts'
import { transferAccept, transferDelete, transferCreate, transferGet, transfersList, type TransferRow } from '../transfers.ts'
import { linksOf, micros } from '../views/texts.ts'
import { flag, name, trimmed, uuid, without, wrapped } from './bodies.ts'
import { listQuery, nextLink, readListQuery } from './list-query.ts'

const idOf = (request: ApiRequest): string => request.params['id'] ?? ''
const optional = Type.Optional

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

const created = { volume_id: uuid, name: optional(name), no_snapshots: optional(flag) }

function operationsAt(base: string, versions: [string, string | null], properties: typeof created): Operation[] {
  const list = (path: string, view: typeof summary) =>
    operation({
      method: 'GET',
      path,
      summary: 'List transfers',
      policy: 'volume:get_all_transfers',
      versions,
      query: listQuery,
      status: 200,
      async handler(ctx, request) {
        const query = readListQuery(ctx, request.query, {
          keys: ['id', 'name', 'display_name', 'created_at', 'volume_id'],
          alias: { display_name: 'name' },
          nullAs: { name: '' },
        })
        const rows = await transfersList(ctx, query)
        return {
          transfers: rows.map((row) => view(ctx, row)),
          ...nextLink(ctx, 'transfers', { url: request.url, limit: query.limit, rows }),
        }
      },
    })
  return [
    list(base, summary),
    list(`${base}/detail`, detail),
    operation({
      method: 'POST',
      path: base,
      summary: 'Offer a volume',
      policy: 'volume:create_transfer',
      versions,
      status: 202,
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
    operation({
      method: 'GET',
      path: `${base}/:id`,
      summary: 'Show a transfer',
      policy: 'volume:get_transfer',
      versions,
      status: 200,
      handler: async (ctx, request) => ({ transfer: detail(ctx, await transferGet(ctx, idOf(request))) }),
    }),
    operation({
      method: 'POST',
      path: `${base}/:id/accept`,
      summary: 'Accept a volume',
      policy: 'volume:accept_transfer',
      versions,
      status: 202,
      body: wrapped('accept', { auth_key: Type.String({ minLength: 1, maxLength: 255 }) }),
      async handler(ctx, request) {
        const { accept } = request.body
        return { transfer: summary(ctx, await transferAccept(ctx, idOf(request), accept.auth_key)) }
      },
    }),
    operation({
      method: 'DELETE',
      path: `${base}/:id`,
      summary: 'Take back an offer',
      policy: 'volume:delete_transfer',
      versions,
      status: 202,
      handler: (ctx, request) => transferDelete(ctx, idOf(request)),
    }),
  ]
}

export const transferOperations: Operation[] = [
  ...operationsAt('/os-volume-transfer', ['3.0', null], without(created, 'no_snapshots')),
  ...operationsAt('/volume-transfers', ['3.55', null], created),
]

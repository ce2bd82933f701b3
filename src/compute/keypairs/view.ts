// KeypairRow → what the API shows, by microversion: `type` since 2.2, `deleted` and friends only on show.
import type { Context } from '../../platform/context.ts'
import type { KeypairRow } from './store.ts'

const common = (ctx: Context, row: KeypairRow) => ({
  name: row.name,
  public_key: row.public_key,
  fingerprint: row.fingerprint,
  ...(ctx.microversion.atLeast('2.2') ? { type: row.type } : {}),
})

export const keypairListView = (ctx: Context, rows: KeypairRow[]) => ({ keypairs: rows.map((row) => ({ keypair: common(ctx, row) })) })

export const keypairShowView = (ctx: Context, row: KeypairRow) => ({
  keypair: {
    ...common(ctx, row),
    user_id: row.user_id,
    id: 0,
    created_at: row.created_at.replace('Z', '000'),
    deleted: false,
    deleted_at: null,
    updated_at: null,
  },
})

export const keypairCreatedView = (ctx: Context, row: KeypairRow, privateKey: string | null) => ({
  keypair: { ...common(ctx, row), user_id: row.user_id, ...(privateKey === null ? {} : { private_key: privateKey }) },
})

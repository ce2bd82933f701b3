// OAuth1: tokens that a consumer asks for, tokens that a user gave it, and the nonces that were used.
import type { Kysely } from 'kysely'
import { createTable } from './table.ts'

export async function oauth1(db: Kysely<never>): Promise<void> {
  await createTable(db, 'identity_request_tokens', {
    columns: {
      id: 'key',
      secret: 'text!',
      consumer_id: 'text!',
      project_id: 'text!',
      verifier: 'text',
      authorizing_user_id: 'text',
      roles: 'text',
      expires_at: 'text',
    },
    indexes: [['consumer_id']],
  })
  await createTable(db, 'identity_access_tokens', {
    columns: {
      id: 'key',
      secret: 'text!',
      consumer_id: 'text!',
      project_id: 'text!',
      authorizing_user_id: 'text!',
      roles: 'text!',
      expires_at: 'text',
    },
    indexes: [['authorizing_user_id'], ['consumer_id']],
  })
  await createTable(db, 'identity_nonces', { columns: { id: 'key', expires_at: 'text!' }, indexes: [['expires_at']] })
}

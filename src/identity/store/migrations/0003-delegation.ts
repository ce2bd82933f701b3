// What lets somebody act for a user: application credentials, trusts, stored credentials, OAuth1 consumers.
import type { Kysely } from 'kysely'
import { createTable } from './table.ts'

export async function delegation(db: Kysely<never>): Promise<void> {
  await createTable(db, 'identity_application_credentials', {
    columns: {
      id: 'key',
      name: 'text!',
      user_id: 'text!',
      project_id: 'text!',
      secret_hash: 'text!',
      description: 'text',
      expires_at: 'text',
      unrestricted: 'integer!',
      roles: 'text!',
      access_rules: 'text',
      created_at: 'text!',
    },
    unique: ['user_id', 'name'],
    indexes: [['project_id']],
  })
  await createTable(db, 'identity_access_rules', {
    columns: { id: 'key', user_id: 'text!', service: 'text!', path: 'text!', method: 'text!' },
    unique: ['user_id', 'service', 'path', 'method'],
  })
  await createTable(db, 'identity_trusts', {
    columns: {
      id: 'key',
      trustor_user_id: 'text!',
      trustee_user_id: 'text!',
      project_id: 'text',
      impersonation: 'integer!',
      expires_at: 'text',
      remaining_uses: 'integer',
      redelegated_trust_id: 'text',
      redelegation_count: 'integer!',
      roles: 'text!',
      extra: 'text!',
      deleted_at: 'text',
      created_at: 'text!',
    },
    indexes: [['trustor_user_id'], ['trustee_user_id'], ['redelegated_trust_id']],
  })
  await createTable(db, 'identity_credentials', {
    columns: { id: 'key', user_id: 'text!', project_id: 'text', type: 'text!', encrypted_blob: 'text!', extra: 'text!' },
    indexes: [['user_id']],
  })
  await createTable(db, 'identity_consumers', { columns: { id: 'key', description: 'text', secret: 'text!', extra: 'text!' } })
}

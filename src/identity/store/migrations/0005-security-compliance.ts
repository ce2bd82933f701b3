// What the rules for passwords and logins need to know: when a user was last here, who chose the password, earlier ones,
// and which passcode was the last.
import type { Kysely } from 'kysely'
import { createTable } from './table.ts'

export async function securityCompliance(db: Kysely<never>): Promise<void> {
  await db.schema.alterTable('identity_users').addColumn('last_active_on', 'text').execute()
  await db.schema
    .alterTable('identity_users')
    .addColumn('password_self_service', 'integer', (c) => c.notNull().defaultTo(0))
    .execute()
  await createTable(db, 'identity_password_history', {
    columns: { id: 'key', user_id: 'text!', password_hash: 'text!' },
    indexes: [['user_id']],
  })
  await createTable(db, 'identity_passcodes', { columns: { credential_id: 'key', step: 'integer!' } })
}

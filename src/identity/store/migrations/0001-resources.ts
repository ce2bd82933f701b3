// Domains and projects (one table: a domain is a project that acts as one), users, groups, roles and who has them.
import { sql, type Kysely } from 'kysely'
import { createTable } from './table.ts'

export async function resources(db: Kysely<never>): Promise<void> {
  await createTable(db, 'identity_revision', { columns: { id: 'key', value: 'integer!' } })
  await sql`insert into identity_revision (id, value) values ('identity', 1)`.execute(db)
  await createTable(db, 'identity_projects', {
    columns: {
      id: 'key',
      name: 'text!',
      domain_id: 'text!',
      parent_id: 'text',
      is_domain: 'integer!',
      enabled: 'integer!',
      description: 'text!',
      extra: 'text!',
      options: 'text!',
      epoch: 'integer!',
      created_at: 'text!',
    },
    unique: ['domain_id', 'name'],
    indexes: [['parent_id']],
  })
  await createTable(db, 'identity_project_tags', { columns: { project_id: 'text!', name: 'text!' }, primary: ['project_id', 'name'] })
  await createTable(db, 'identity_users', {
    columns: {
      id: 'key',
      name: 'text!',
      domain_id: 'text!',
      enabled: 'integer!',
      default_project_id: 'text',
      extra: 'text!',
      options: 'text!',
      epoch: 'integer!',
      password_hash: 'text',
      password_created_at: 'text',
      password_expires_at: 'text',
      failures: 'integer!',
      failed_at: 'text',
      created_at: 'text!',
    },
    unique: ['domain_id', 'name'],
  })
  await createTable(db, 'identity_groups', {
    columns: { id: 'key', name: 'text!', domain_id: 'text!', description: 'text!', extra: 'text!', created_at: 'text!' },
    unique: ['domain_id', 'name'],
  })
  await createTable(db, 'identity_user_groups', {
    columns: { user_id: 'text!', group_id: 'text!' },
    primary: ['user_id', 'group_id'],
    indexes: [['group_id']],
  })
  await createTable(db, 'identity_roles', {
    columns: { id: 'key', name: 'text!', domain_id: 'text!', description: 'text', extra: 'text!', options: 'text!', created_at: 'text!' },
    unique: ['domain_id', 'name'],
  })
  await createTable(db, 'identity_implied_roles', {
    columns: { prior_role_id: 'text!', implied_role_id: 'text!' },
    primary: ['prior_role_id', 'implied_role_id'],
  })
  await createTable(db, 'identity_assignments', {
    columns: { actor_type: 'text!', actor_id: 'text!', target_type: 'text!', target_id: 'text!', role_id: 'text!', inherited: 'integer!' },
    primary: ['actor_id', 'target_id', 'role_id', 'inherited', 'actor_type', 'target_type'],
    indexes: [['target_id'], ['role_id']],
  })
  await createTable(db, 'identity_revocations', {
    columns: {
      id: 'key',
      audit_id: 'text',
      audit_chain_id: 'text',
      user_id: 'text',
      project_id: 'text',
      domain_id: 'text',
      issued_before: 'text!',
      revoked_at: 'text!',
      expires_at: 'text!',
    },
    indexes: [['audit_id'], ['audit_chain_id'], ['expires_at']],
  })
}

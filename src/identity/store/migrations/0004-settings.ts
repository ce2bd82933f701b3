// Stored policies and their associations, unified limits, per-domain configuration.
import type { Kysely } from 'kysely'
import { createTable } from './table.ts'

export async function settings(db: Kysely<never>): Promise<void> {
  await createTable(db, 'identity_policies', { columns: { id: 'key', type: 'text!', blob: 'text!', extra: 'text!' } })
  await createTable(db, 'identity_policy_associations', {
    columns: { id: 'key', policy_id: 'text!', endpoint_id: 'text', service_id: 'text', region_id: 'text' },
    indexes: [['policy_id']],
  })
  await createTable(db, 'identity_registered_limits', {
    columns: { id: 'key', service_id: 'text!', region_id: 'text', resource_name: 'text!', default_limit: 'integer!', description: 'text' },
    indexes: [['service_id', 'resource_name']],
  })
  await createTable(db, 'identity_limits', {
    columns: {
      id: 'key',
      registered_limit_id: 'text!',
      service_id: 'text!',
      region_id: 'text',
      resource_name: 'text!',
      project_id: 'text',
      domain_id: 'text',
      resource_limit: 'integer!',
      description: 'text',
    },
    indexes: [['project_id'], ['registered_limit_id']],
  })
  await createTable(db, 'identity_domain_options', {
    columns: { domain_id: 'text!', group_name: 'text!', option_name: 'text!', value: 'text!' },
    primary: ['domain_id', 'group_name', 'option_name'],
  })
}

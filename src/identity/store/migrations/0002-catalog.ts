// Regions, services, endpoints and which project sees which endpoint.
import type { Kysely } from 'kysely'
import { createTable } from './table.ts'

export async function catalog(db: Kysely<never>): Promise<void> {
  await createTable(db, 'identity_regions', { columns: { id: 'key', description: 'text!', parent_region_id: 'text', extra: 'text!' } })
  await createTable(db, 'identity_services', { columns: { id: 'key', type: 'text!', enabled: 'integer!', extra: 'text!' } })
  await createTable(db, 'identity_endpoints', {
    columns: { id: 'key', interface: 'text!', region_id: 'text', service_id: 'text!', url: 'text!', enabled: 'integer!', extra: 'text!' },
    indexes: [['service_id']],
  })
  await createTable(db, 'identity_endpoint_groups', { columns: { id: 'key', name: 'text!', description: 'text', filters: 'text!' } })
  await createTable(db, 'identity_project_endpoints', {
    columns: { project_id: 'text!', endpoint_id: 'text!' },
    primary: ['project_id', 'endpoint_id'],
  })
  await createTable(db, 'identity_project_endpoint_groups', {
    columns: { project_id: 'text!', endpoint_group_id: 'text!' },
    primary: ['project_id', 'endpoint_group_id'],
  })
}

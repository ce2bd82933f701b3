// SQL of address scopes.
import { sql } from 'kysely'
import { standardColumns, type ListShape } from '../store/list.ts'
import { sharedFilter, sharedWith } from '../networks/store.ts'
import { standardRows } from '../store/query.ts'

export const addressScopeShape: ListShape = {
  table: 'address_scopes',
  visible: (projectId) =>
    sql<boolean>`(address_scopes.project_id = ${projectId} or ${sharedWith('address_scope', 'address_scopes.id', projectId)})`,
  columns: {
    id: standardColumns['id']!,
    name: standardColumns['name']!,
    project_id: standardColumns['project_id']!,
    ip_version: { column: 'ip_version', kind: 'integer' },
  },
  booleans: ['shared'],
  special: { shared: sharedFilter('address_scope', 'address_scopes.id') },
}

export const addressScopeRows = standardRows('address_scopes')

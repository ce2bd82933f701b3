// SQL of address scopes.
import { sql } from 'kysely'
import type { Db } from '../../platform/store/store.ts'
import { standardColumns, type ListShape } from '../store/list.ts'
import { sharedFilter, sharedWith } from '../networks/store.ts'
import { q } from '../store/query.ts'
import type { AddressScopeRow } from '../store/tables.ts'

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

export const addressScopeInsert = (db: Db, row: AddressScopeRow) => q(db).insertInto('address_scopes').values(row).execute()
export const addressScopeDelete = (db: Db, id: string) => q(db).deleteFrom('address_scopes').where('id', '=', id).execute()

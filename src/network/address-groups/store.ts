// SQL of address groups.
import { sql } from 'kysely'
import { standardColumns, type ListShape } from '../store/list.ts'
import { sharedFilter, sharedWith } from '../networks/store.ts'
import { standardRows } from '../store/query.ts'

export const addressGroupShape: ListShape = {
  table: 'address_groups',
  visible: (projectId) =>
    sql<boolean>`(address_groups.project_id = ${projectId} or ${sharedWith('address_group', 'address_groups.id', projectId)})`,
  columns: {
    id: standardColumns['id']!,
    name: standardColumns['name']!,
    description: standardColumns['description']!,
    project_id: standardColumns['project_id']!,
  },
  booleans: ['shared'],
  special: { shared: sharedFilter('address_group', 'address_groups.id') },
}

export const addressGroupRows = standardRows('address_groups')

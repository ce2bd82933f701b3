// SQL of subnet pools.
import { sql } from 'kysely'
import { standardColumns, standardFilters, type ListShape } from '../store/list.ts'
import { sharedFilter, sharedWith } from '../networks/store.ts'
import { standardRows } from '../store/query.ts'

const integer = (column: string, nullable = false) => ({ column, kind: 'integer' as const, nullable })

export const subnetpoolShape: ListShape = {
  table: 'subnetpools',
  visible: (projectId) => sql<boolean>`(subnetpools.project_id = ${projectId} or ${sharedWith('subnetpool', 'subnetpools.id', projectId)})`,
  columns: {
    ...standardColumns,
    ip_version: integer('ip_version'),
    default_prefixlen: integer('default_prefixlen'),
    min_prefixlen: integer('min_prefixlen'),
    max_prefixlen: integer('max_prefixlen'),
    default_quota: integer('default_quota', true),
    is_default: { column: 'is_default', kind: 'boolean' },
    address_scope_id: { column: 'address_scope_id', kind: 'text', nullable: true },
  },
  booleans: ['shared'],
  special: { ...standardFilters('subnetpools'), shared: sharedFilter('subnetpool', 'subnetpools.id') },
}

export const subnetpoolRows = standardRows('subnetpools')

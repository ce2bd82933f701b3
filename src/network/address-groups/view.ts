// An address group → what the API shows.
import type { AddressGroupRow } from '../store/tables.ts'

export const addressGroupView = ({ row }: { row: AddressGroupRow }): Record<string, unknown> => ({
  id: row.id,
  name: row.name,
  project_id: row.project_id,
  addresses: row.addresses,
  description: row.description,
  tenant_id: row.project_id,
})

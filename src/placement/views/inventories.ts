// InventoryRow → what the API shows.
import type { Inventories } from '../inventories.ts'
import type { InventoryRow, ProviderRow } from '../store/tables.ts'

const one = ({ total, reserved, min_unit, max_unit, step_size, allocation_ratio }: InventoryRow) => ({
  total,
  reserved,
  min_unit,
  max_unit,
  step_size,
  allocation_ratio,
})

export const inventoryView = ({ provider, row }: { provider: ProviderRow; row: InventoryRow }) => ({
  ...one(row),
  resource_provider_generation: provider.generation,
})

export const inventoriesView = ({ provider, rows }: Inventories) => ({
  resource_provider_generation: provider.generation,
  inventories: Object.fromEntries(rows.map((row) => [row.resource_class, one(row)])),
})

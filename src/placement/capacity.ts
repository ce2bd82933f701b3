// The arithmetic of inventories: what fits. Pure.
import type { InventoryRow } from './store/tables.ts'

export type Capacity = Pick<InventoryRow, 'total' | 'reserved' | 'allocation_ratio'>
export type Units = Pick<InventoryRow, 'min_unit' | 'max_unit' | 'step_size'>

/** (total - reserved) * allocation_ratio, not rounded. */
export const capacityOf = (inventory: Capacity): number => (inventory.total - inventory.reserved) * inventory.allocation_ratio

/** One allocation's amount is within the inventory's units. */
export const fitsUnits = (inventory: Units, amount: number): boolean =>
  amount >= inventory.min_unit && amount <= inventory.max_unit && amount % inventory.step_size === 0

/** There is room for `amount` beside what is used. */
export const fitsCapacity = (inventory: Capacity & { used: number }, amount: number): boolean =>
  inventory.used + amount <= capacityOf(inventory)

export const fits = (inventory: Capacity & Units & { used: number }, amount: number): boolean =>
  fitsUnits(inventory, amount) && fitsCapacity(inventory, amount)

// The tables of placement, as Kysely sees them.
import type { Db } from '../../platform/store/store.ts'

export interface ProviderRow {
  id: string
  name: string
  /** rises with every change of the provider, its inventories, traits, aggregates or allocations */
  generation: number
  parent_id: string | null
  root_id: string
  created_at: string
  updated_at: string
}

export interface InventoryRow {
  provider_id: string
  resource_class: string
  total: number
  reserved: number
  min_unit: number
  max_unit: number
  step_size: number
  allocation_ratio: number
  updated_at: string
}

export interface ConsumerRow {
  id: string
  project_id: string
  user_id: string
  generation: number
  /** null: made before microversion 1.38, shown as 'unknown' */
  consumer_type: string | null
  created_at: string
}

export interface AllocationRow {
  consumer_id: string
  provider_id: string
  resource_class: string
  used: number
  created_at: string
}

export interface NamedRow {
  name: string
  created_at: string
}

export interface PlacementTables {
  resource_providers: ProviderRow
  inventories: InventoryRow
  consumers: ConsumerRow
  allocations: AllocationRow
  custom_resource_classes: NamedRow
  custom_traits: NamedRow
  provider_traits: { provider_id: string; trait: string }
  /** `given` is how whoever set it spelt the id */
  provider_aggregates: { provider_id: string; aggregate_id: string; given: string; ordinal: number }
}

export const placementTables = (db: Db) => db.as<PlacementTables>()

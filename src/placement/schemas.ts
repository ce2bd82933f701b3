// The bodies that placement takes, as JSON Schema. Where a body changed with the microversion, `Allocations` and the like are what
// one handler reads of all its forms.
import type { Static, TSchema, TUnsafe } from 'typebox'
import { Type } from '../platform/api/type.ts'
import { form, mapOf, object, orNull, type Properties } from '../platform/api/schema.ts'

const maxInteger = 0x7fffffff
const className = '^[A-Z0-9_]+$'
export const customName = '^CUSTOM_[A-Z0-9_]+$'
const uuidKey = '^[0-9a-fA-F-]{36}$'
const groupKey = '^[a-zA-Z0-9_-]{1,64}$'

const uuid = Type.String({ format: 'uuid' })
const integer = (minimum: number) => Type.Integer({ minimum, maximum: maxInteger })
const generation = Type.Integer()
const name = Type.String({ maxLength: 200 })
const parent = { parent_provider_uuid: orNull(uuid) }

export const providerNewInTree = object({ name, uuid, ...parent }, ['name'])
export type NewProvider = Static<typeof providerNewInTree>
export const providerNew = form<NewProvider>()(object({ name, uuid }, ['name']))
export const providerChangedInTree = object({ name, ...parent }, ['name'])
export type ProviderChange = Static<typeof providerChangedInTree>
export const providerChanged = form<ProviderChange>()(object({ name }, ['name']))

const inventory = {
  total: integer(1),
  reserved: integer(0),
  min_unit: integer(1),
  max_unit: integer(1),
  step_size: integer(1),
  allocation_ratio: Type.Number({ maximum: 3.40282e38 }),
  resource_provider_generation: generation,
}
export const inventoriesAll = object(
  {
    resource_provider_generation: generation,
    inventories: Type.Unsafe<Record<string, InventoryBody>>({
      type: 'object',
      patternProperties: { [className]: object(inventory, ['total']) },
    }),
  },
  ['resource_provider_generation', 'inventories'],
)
export const inventoryNew = object({ ...inventory, resource_class: Type.String({ pattern: className }) }, ['total', 'resource_class'])
export const inventoryChanged = object(inventory, ['total', 'resource_provider_generation'])
const oneInventory = object(inventory, ['total'])
export type InventoryBody = Static<typeof oneInventory>

export const aggregatesBare = Type.Array(uuid, { uniqueItems: true })
export const aggregatesAll = object({ aggregates: aggregatesBare, resource_provider_generation: generation }, [
  'aggregates',
  'resource_provider_generation',
])

const trait = Type.String({ minLength: 1, maxLength: 255 })
export const traitsAll = object({ traits: Type.Array(trait, { uniqueItems: true }), resource_provider_generation: generation }, [
  'traits',
  'resource_provider_generation',
])

export const resourceClass = object({ name: Type.String({ pattern: customName, maxLength: 255 }) }, ['name'])

const owner = Type.String({ minLength: 1, maxLength: 255 })
const amounts = mapOf(className, Type.Integer({ minimum: 1 }), { minProperties: 1 })
const listed = Type.Array(
  object({ resource_provider: object({ uuid }, ['uuid']), resources: amounts }, ['resource_provider', 'resources']),
  {
    minItems: 1,
  },
)
const mapped = (least: number) => mapOf(uuidKey, object({ generation, resources: amounts }, ['resources']), { minProperties: least })
const consumer_generation = Type.Unsafe<number | null>({ type: ['integer', 'null'] })
const mappings = Type.Unsafe<Record<string, string[]>>({
  type: 'object',
  minProperties: 1,
  patternProperties: { [groupKey]: Type.Array(uuid, { minItems: 1 }) },
})
const consumer_type = Type.String({ pattern: className, minLength: 1, maxLength: 255 })

const owned = <P extends Properties, R extends keyof P & string = never>(least: number, more: P, required: R[]) =>
  object({ allocations: mapped(least), project_id: owner, user_id: owner, ...more }, ['allocations', 'project_id', 'user_id', ...required])
const since138 = owned(0, { consumer_generation, mappings, consumer_type }, ['consumer_generation', 'consumer_type'])
const since134 = owned(0, { consumer_generation, mappings }, ['consumer_generation'])
const since128 = owned(0, { consumer_generation }, ['consumer_generation'])

/** What a consumer is to hold, in any of the forms. */
export interface Allocations {
  allocations: Static<ReturnType<typeof mapped>> | Static<typeof listed>
  project_id?: string
  user_id?: string
  consumer_generation?: number | null
  consumer_type?: string
}
const allocations = form<Allocations>()

type Versions = [min: string | null, max: string | null]

/** Bodies of PUT /allocations/{consumer}, by the microversions that take them. */
export const allocationsOfConsumer: [Versions, TUnsafe<Allocations>][] = [
  [[null, '1.7'], allocations(object({ allocations: listed }, ['allocations']))],
  [
    ['1.8', '1.11'],
    allocations(object({ allocations: listed, project_id: owner, user_id: owner }, ['allocations', 'project_id', 'user_id'])),
  ],
  [['1.12', '1.27'], allocations(owned(1, {}, []))],
  [['1.28', '1.33'], allocations(since128)],
  [['1.34', '1.37'], allocations(since134)],
  [['1.38', null], allocations(since138)],
]

const many = (each: TSchema, least: number) => mapOf(uuidKey, Type.Unsafe<Allocations>(each), { minProperties: least })

/** Bodies of POST /allocations. */
export const allocationsOfMany: [Versions, ReturnType<typeof many>][] = [
  [['1.13', '1.27'], many(owned(0, {}, []), 1)],
  [['1.28', '1.33'], many(since128, 1)],
  [['1.34', '1.37'], many(since134, 1)],
  [['1.38', null], many(since138, 1)],
]

const reshaping = (each: TSchema) =>
  object({ inventories: mapOf(uuidKey, inventoriesAll, { minProperties: 1 }), allocations: many(each, 0) }, ['inventories', 'allocations'])
export type Reshaping = Static<ReturnType<typeof reshaping>>

/** Bodies of POST /reshaper. */
export const reshapings: [Versions, ReturnType<typeof reshaping>][] = [
  [['1.30', '1.33'], reshaping(since128)],
  [['1.34', '1.37'], reshaping(since134)],
  [['1.38', null], reshaping(since138)],
]

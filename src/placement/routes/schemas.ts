// The bodies that placement takes, as JSON Schema.
import Type, { type TSchema } from 'typebox'

const maxInteger = 0x7fffffff
const className = '^[A-Z0-9_]+$'
export const customName = '^CUSTOM_[A-Z0-9_]+$'
const uuidKey = '^[0-9a-fA-F-]{36}$'
const groupKey = '^[a-zA-Z0-9_-]{1,64}$'

/** An object whose keys all match the pattern. */
const mapOf = (pattern: string, value: object, more: object = {}) => ({
  type: 'object',
  patternProperties: { [pattern]: value },
  additionalProperties: false,
  ...more,
})

const object = (properties: Record<string, object>, required: string[]) => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
})

const uuid = { type: 'string', format: 'uuid' }
const uuidOrNull = { anyOf: [uuid, { type: 'null' }] }
const integer = (minimum: number) => ({ type: 'integer', minimum, maximum: maxInteger })
const generation = { type: 'integer' }
const name = { type: 'string', maxLength: 200 }
const schema = <T = unknown>(raw: object): TSchema => Type.Unsafe<T>(raw)

export const providerNew = schema(object({ name, uuid }, ['name']))
export const providerNewInTree = schema(object({ name, uuid, parent_provider_uuid: uuidOrNull }, ['name']))
export const providerChanged = schema(object({ name }, ['name']))
export const providerChangedInTree = schema(object({ name, parent_provider_uuid: uuidOrNull }, ['name']))

const inventory = {
  total: integer(1),
  reserved: integer(0),
  min_unit: integer(1),
  max_unit: integer(1),
  step_size: integer(1),
  allocation_ratio: { type: 'number', maximum: 3.40282e38 },
}
const inventories = object(
  {
    resource_provider_generation: generation,
    inventories: {
      type: 'object',
      patternProperties: { [className]: object({ ...inventory, resource_provider_generation: generation }, ['total']) },
    },
  },
  ['resource_provider_generation', 'inventories'],
)
export const inventoryNew = schema(
  object({ ...inventory, resource_provider_generation: generation, resource_class: { type: 'string', pattern: className } }, [
    'total',
    'resource_class',
  ]),
)
export const inventoryChanged = schema(
  object({ ...inventory, resource_provider_generation: generation }, ['total', 'resource_provider_generation']),
)
export const inventoriesAll = schema(inventories)

const uuids = { type: 'array', items: uuid, uniqueItems: true }
export const aggregatesBare = schema(uuids)
export const aggregatesAll = schema(
  object({ aggregates: uuids, resource_provider_generation: generation }, ['aggregates', 'resource_provider_generation']),
)

const trait = { type: 'string', minLength: 1, maxLength: 255 }
export const traitsAll = schema(
  object({ traits: { type: 'array', items: trait, uniqueItems: true }, resource_provider_generation: generation }, [
    'traits',
    'resource_provider_generation',
  ]),
)

export const resourceClass = schema(object({ name: { type: 'string', pattern: customName, maxLength: 255 } }, ['name']))

const owner = { type: 'string', minLength: 1, maxLength: 255 }
const amounts = mapOf(className, { type: 'integer', minimum: 1 }, { minProperties: 1 })
const listed = {
  type: 'array',
  minItems: 1,
  items: object({ resource_provider: object({ uuid }, ['uuid']), resources: amounts }, ['resource_provider', 'resources']),
}
const mapped = (least: number) => mapOf(uuidKey, object({ generation, resources: amounts }, ['resources']), { minProperties: least })
const consumerGeneration = { type: ['integer', 'null'] }
const mappings = { type: 'object', minProperties: 1, patternProperties: { [groupKey]: { type: 'array', minItems: 1, items: uuid } } }
const consumerType = { type: 'string', pattern: className, minLength: 1, maxLength: 255 }

const owned = (least: number, more: Record<string, object>, required: string[]) =>
  object({ allocations: mapped(least), project_id: owner, user_id: owner, ...more }, ['allocations', 'project_id', 'user_id', ...required])
const since128 = owned(0, { consumer_generation: consumerGeneration }, ['consumer_generation'])
const since134 = owned(0, { consumer_generation: consumerGeneration, mappings }, ['consumer_generation'])
const since138 = owned(0, { consumer_generation: consumerGeneration, mappings, consumer_type: consumerType }, [
  'consumer_generation',
  'consumer_type',
])

/** Bodies of PUT /allocations/{consumer}, by the microversions that take them. */
export const allocationsOfConsumer: [versions: [string | null, string | null], body: TSchema][] = [
  [[null, '1.7'], schema(object({ allocations: listed }, ['allocations']))],
  [['1.8', '1.11'], schema(object({ allocations: listed, project_id: owner, user_id: owner }, ['allocations', 'project_id', 'user_id']))],
  [['1.12', '1.27'], schema(owned(1, {}, []))],
  [['1.28', '1.33'], schema(since128)],
  [['1.34', '1.37'], schema(since134)],
  [['1.38', null], schema(since138)],
]

const many = (each: object, least: number) => mapOf(uuidKey, each, { minProperties: least })

/** Bodies of POST /allocations. */
export const allocationsOfMany: [versions: [string | null, string | null], body: TSchema][] = [
  [['1.13', '1.27'], schema(many(owned(0, {}, []), 1))],
  [['1.28', '1.33'], schema(many(since128, 1))],
  [['1.34', '1.37'], schema(many(since134, 1))],
  [['1.38', null], schema(many(since138, 1))],
]

const reshaping = (each: object) =>
  schema(
    object({ inventories: mapOf(uuidKey, inventories, { minProperties: 1 }), allocations: many(each, 0) }, ['inventories', 'allocations']),
  )

/** Bodies of POST /reshaper. */
export const reshapings: [versions: [string | null, string | null], body: TSchema][] = [
  [['1.30', '1.33'], reshaping(since128)],
  [['1.34', '1.37'], reshaping(since134)],
  [['1.38', null], reshaping(since138)],
]

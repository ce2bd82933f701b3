// The JSON schemas of metadata definitions at /v2/schemas/metadefs/…; bodies are held against the same.
import { collection } from './schemas.ts'
import { table } from '../platform/table.ts'

type Schema = Record<string, unknown>
const readOnlyText = { readOnly: true, type: 'string' }
const time = (description: string) => ({ type: 'string', readOnly: true, description, format: 'date-time' })
const text = (description: string, maxLength: number): Schema => ({ type: 'string', description, maxLength })
const shortText = { type: 'string', maxLength: 80 }
const dataType = { type: 'string', enum: ['array', 'boolean', 'integer', 'number', 'object', 'string', null] }
const ref = (name: string) => ({ $ref: `#/definitions/${name}` })

const propertyFields: Record<string, Schema> = table({
  name: shortText,
  title: { type: 'string' },
  description: { type: 'string' },
  operators: { type: 'array', items: { type: 'string' } },
  type: dataType,
  required: ref('stringArray'),
  minimum: { type: 'number' },
  maximum: { type: 'number' },
  maxLength: ref('positiveInteger'),
  minLength: ref('positiveIntegerDefault0'),
  pattern: { type: 'string' },
  enum: { type: 'array' },
  readonly: { type: 'boolean' },
  default: {},
  items: { type: 'object', properties: { type: dataType, enum: { type: 'array' } } },
  maxItems: ref('positiveInteger'),
  minItems: ref('positiveIntegerDefault0'),
  uniqueItems: { type: 'boolean', default: false },
  additionalItems: { type: 'boolean' },
})

const numbers = {
  positiveInteger: { type: 'integer', minimum: 0 },
  positiveIntegerDefault0: { allOf: [ref('positiveInteger'), { default: 0 }] },
  stringArray: { type: 'array', items: { type: 'string' }, uniqueItems: true },
}
const definitions = {
  ...numbers,
  property: { type: 'object', additionalProperties: { type: 'object', required: ['title', 'type'], properties: propertyFields } },
}
const propertyDefinitions = { ...numbers, stringArray: { ...numbers.stringArray, minItems: 1 } }

const objectFields = { name: shortText, description: { type: 'string' }, required: ref('stringArray'), properties: ref('property') }
const object = {
  name: 'object',
  properties: {
    ...objectFields,
    schema: readOnlyText,
    self: readOnlyText,
    created_at: time('Date and time of object creation'),
    updated_at: time('Date and time of the last object modification'),
  },
  additionalProperties: false,
  required: ['name'],
}
const tag = {
  name: 'tag',
  properties: {
    name: shortText,
    created_at: time('Date and time of tag creation'),
    updated_at: time('Date and time of the last tag modification'),
  },
  additionalProperties: false,
  required: ['name'],
}
const resourceType = {
  name: 'resource_type_association',
  properties: {
    name: text('Resource type names should be aligned with Heat resource types whenever possible', 80),
    prefix: text('Specifies the prefix to use for the given resource type, separator included.', 80),
    properties_target: text('Some resource types allow more than one key / value pair per instance: which of them is meant.', 80),
    created_at: time('Date and time of resource type association'),
    updated_at: time('Date and time of the last resource type association modification'),
  },
  additionalProperties: false,
  required: ['name'],
}
const listed = (name: string, fields: object) => ({
  type: 'array',
  items: { type: 'object', properties: { name: { type: 'string' }, ...fields } },
  title: name,
})
const namespace = {
  name: 'namespace',
  properties: {
    namespace: text('The unique namespace text.', 80),
    display_name: text('The user friendly name for the namespace. Used by UI if available.', 80),
    description: text('Provides a user friendly description of the namespace.', 500),
    visibility: { type: 'string', description: 'Scope of namespace accessibility.', enum: ['public', 'private'] },
    protected: { type: 'boolean', description: 'If true, namespace will not be deletable.' },
    owner: text('Owner of the namespace.', 255),
    created_at: time('Date and time of namespace creation'),
    updated_at: time('Date and time of the last namespace modification'),
    schema: readOnlyText,
    self: readOnlyText,
    resource_type_associations: listed('resource types', { prefix: { type: 'string' }, properties_target: { type: 'string' } }),
    properties: ref('property'),
    objects: listed('objects', { description: { type: 'string' }, required: ref('stringArray'), properties: ref('property') }),
    tags: listed('tags', {}),
  },
  additionalProperties: false,
  required: ['namespace'],
}
const property = { name: 'property', properties: propertyFields, additionalProperties: false, required: ['type', 'title'] }

/** By the last part of the path. */
export const metadefSchemas: Record<string, object> = table({
  namespace: { ...namespace, definitions },
  namespaces: { ...collection('namespaces', namespace), definitions },
  object: { ...object, definitions },
  objects: { ...collection('objects', object), definitions },
  property: { ...property, required: ['type', 'title', 'name'], definitions: propertyDefinitions },
  properties: {
    ...collection('properties', {}),
    properties: {
      properties: { type: 'object', additionalProperties: property },
      first: { type: 'string' },
      next: { type: 'string' },
      schema: { type: 'string' },
    },
    definitions: propertyDefinitions,
  },
  tag,
  tags: collection('tags', tag),
  resource_type: resourceType,
  resource_types: { ...collection('resource_type_associations', resourceType) },
})

/** As request bodies: read-only parts may be sent back as they were shown. */
const body = (schema: object): object => ({ type: 'object', ...schema })
export const metadefBodies = {
  namespace: body({ ...namespace, definitions }),
  object: body({ ...object, definitions }),
  property: body({ ...property, required: ['type', 'title', 'name'], definitions: propertyDefinitions }),
  tag: body(tag),
  tags: body({ properties: { tags: { type: 'array', items: body(tag) } }, required: ['tags'], additionalProperties: false }),
  resourceType: body(resourceType),
}

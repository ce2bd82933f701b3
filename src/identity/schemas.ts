// Parts of Keystone's body schemas. Bodies are open (further attributes are kept as `extra`) unless said otherwise.
import Type, { type TSchema } from 'typebox'

export const idSchema = Type.String({ minLength: 1, maxLength: 64, pattern: '^[a-zA-Z0-9-]+$' })
export const nameSchema = Type.String({ minLength: 1, maxLength: 255, pattern: '\\S+' })
/** of projects, domains and what else sits in narrow columns */
export const shortNameSchema = Type.String({ minLength: 1, maxLength: 64, pattern: '\\S+' })
export const externalIdSchema = Type.String({ minLength: 1, maxLength: 64 })
export const text = Type.String()
export const flag = Type.Boolean()
export const nullable = (schema: TSchema) => Type.Union([schema, Type.Null()])
export const optional = Type.Optional
export const immutableOption = Type.Object({ immutable: optional(nullable(flag)) }, { additionalProperties: false })

type Properties = Record<string, TSchema>

/** { user: { … } }; attributes beyond the named ones are allowed */
export const open = (key: string, properties: Properties, options: object = {}) =>
  Type.Object({ [key]: Type.Object(properties, { additionalProperties: true, ...options }) })

/** { user: { … } } with exactly the named attributes */
export const closed = (key: string, properties: Properties, options: object = {}) =>
  Type.Object({ [key]: Type.Object(properties, { additionalProperties: false, ...options }) })

/** Every query is allowed on lists; what is not a known filter is ignored, as Keystone does. */
export const anyQuery = Type.Record(Type.String(), Type.Unknown())

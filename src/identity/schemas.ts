// Parts of Keystone's body schemas. Bodies are open (further attributes are kept as `extra`) unless said otherwise. A resource's
// attributes are declared once, as properties: the schemas of its bodies and the type that its logic reads come from them.
import type { Static, TProperties, TSchema } from 'typebox'
import { Type } from '../platform/api/type.ts'
import { anyQuery as anySent, openObject, wrapped, type Open } from '../platform/api/schema.ts'

export const idSchema = Type.String({ minLength: 1, maxLength: 64, pattern: '^[a-zA-Z0-9-]+$' })
export const nameSchema = Type.String({ minLength: 1, maxLength: 255, pattern: '\\S+' })
/** of projects, domains and what else sits in narrow columns */
export const shortNameSchema = Type.String({ minLength: 1, maxLength: 64, pattern: '\\S+' })
export const externalIdSchema = Type.String({ minLength: 1, maxLength: 64 })
export const text = Type.String()
export const flag = Type.Boolean()
export const nullable = <S extends TSchema>(schema: S) => Type.Union([schema, Type.Null()])
export const optional = Type.Optional
export const immutableOption = Type.Object({ immutable: optional(nullable(flag)) }, { additionalProperties: false })
/** a project's or a domain's */
export const tagsSchema = Type.Array(Type.String({ minLength: 1, maxLength: 255, pattern: '^[^,/]*$' }), {
  maxItems: 80,
  uniqueItems: true,
})
/** a role by its id or by its name */
export const roleReferences = Type.Array(
  Type.Object({ id: optional(idSchema), name: optional(nameSchema) }, { additionalProperties: false, minProperties: 1, maxProperties: 1 }),
)

export type RoleReference = Static<typeof roleReferences>[number]

/** What a new resource, or a change of one, says: any of the declared attributes, and others. */
export type Body<P extends TProperties> = Partial<Open<P>>

/** { user: { … } }; attributes beyond the named ones are allowed */
export const open = <Name extends string, P extends TProperties>(name: Name, properties: P) => wrapped(name, openObject(properties), {})

/** { user: { … } } with some of the attributes, at least one */
export const openChange = <Name extends string, P extends TProperties>(name: Name, properties: P) =>
  wrapped(name, Type.Unsafe<Body<P>>(openObject(Type.Partial(Type.Object(properties)).properties, { minProperties: 1 })), {})

/** { user: { … } } with exactly the named attributes */
export const closed = <Name extends string, P extends TProperties>(name: Name, properties: P) =>
  wrapped(name, Type.Object(properties, { additionalProperties: false }), {})

/** { limit: { … } } with some of exactly the named attributes */
export const closedChange = <Name extends string, P extends TProperties>(name: Name, properties: P) =>
  wrapped(name, Type.Unsafe<Body<P>>(Type.Object(Type.Partial(Type.Object(properties)).properties, { additionalProperties: false })), {})

/** Every query is allowed on lists; what is not a known filter is ignored, as Keystone does. Of repeated parameters the first counts. */
export const anyQuery = Type.Unsafe<Record<string, string | undefined>>(anySent)

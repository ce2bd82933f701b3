// Builders of request bodies and queries: JSON Schema whose type reaches the handler through operation(). Who builds a body of
// these never casts one. What the builders do not say (patterns, lengths) typebox's own Type does.
import type { Static, TObject, TObjectOptions, TSchema, TUnsafe } from 'typebox'
import { Type } from './type.ts'

export type Properties = Record<string, TSchema>

/** A query as sent, where an operation declares none: a repeated name is a list. */
export type RawQuery = Record<string, string | string[] | undefined>

/** Any query at all; what is no known filter is ignored. */
export const anyQuery = Type.Unsafe<RawQuery>({ type: 'object' })

export const optional = Type.Optional
/** Nothing beside the named members. */
export const closed = { additionalProperties: false } as const

type ObjectOf<P extends Properties, Required extends keyof P> = { [Name in Required]: Static<P[Name]> } & {
  [Name in Exclude<keyof P, Required>]?: Static<Exclude<P[Name], undefined>>
}

/**
 * A closed object of which everything may be left out but the members named as required. A member that a microversion brought is
 * spread in under a condition: its type says that it may be there.
 */
export const object = <P extends Properties, Required extends keyof P & string = never>(
  properties: P,
  required: readonly Required[] = [],
  options: object = {},
): TUnsafe<ObjectOf<P, Required>> => Type.Unsafe({ type: 'object', properties, required, ...closed, ...options })

/** The same, or null. */
export const objectOrNull = <P extends Properties, Required extends keyof P & string = never>(
  properties: P,
  required: readonly Required[] = [],
): TUnsafe<ObjectOf<P, Required> | null> => Type.Unsafe(object(properties, required, { type: ['object', 'null'] }))

/** Of a query, of which everything may be left out; `others`: parameters that nobody knows may come with it. */
export const queryOf = <P extends Properties>(properties: P, others: 'ignored' | 'refused'): TUnsafe<ObjectOf<P, never>> =>
  object(properties, [], { additionalProperties: others === 'ignored' })

/** What a body held before these members came. A handler serves all versions: it knows the type of the last, where they are optional. */
export const without = <P extends Properties>(properties: P, ...later: (keyof P)[]): P =>
  Object.fromEntries(Object.entries(properties).filter(([name]) => !later.includes(name))) as P

/** The type of an open object of these members. */
export type Open<P extends Properties> = Static<TObject<P>> & Record<string, unknown>

/** An object that may have more members than the named ones. */
export const openObject = <P extends Properties>(properties: P, options: TObjectOptions = {}): TUnsafe<Open<P>> =>
  Type.Unsafe(Type.Object(properties, { additionalProperties: true, ...options }))

/** { server: … } and, without other options, nothing beside it. */
export const wrapped = <Key extends string, Inner extends TSchema>(
  key: Key,
  inner: Inner,
  options: TObjectOptions = closed,
): TUnsafe<{ [K in Key]: Static<Inner> }> => Type.Unsafe(Type.Object({ [key]: inner }, options))

/** An object whose keys all match the pattern. */
export const mapOf = <Value extends TSchema>(pattern: string, value: Value, options: object = {}): TUnsafe<Record<string, Static<Value>>> =>
  Type.Unsafe({ type: 'object', patternProperties: { [pattern]: value }, ...closed, ...options })

export const orNull = <Inner extends TSchema>(inner: Inner): TUnsafe<Static<Inner> | null> =>
  Type.Unsafe({ anyOf: [inner, { type: 'null' }] })

/** One of these words. */
export const oneOf = <Word extends string>(...words: readonly Word[]): TUnsafe<Word> => Type.Unsafe({ type: 'string', enum: words })

/**
 * One of several forms of a body, for bodies that change with the microversion and are read by one handler: what every form
 * allows must be something that the reader takes, which `Read`'s optional members make so. `form<Read>()(schema)`
 */
export const form =
  <Read>() =>
  <Form extends TSchema>(schema: Static<Form> extends Read ? Form : never): TUnsafe<Read> =>
    schema as unknown as TUnsafe<Read>

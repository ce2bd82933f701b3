// JSON Schemas whose TypeScript type is known: typebox's types over the builders of it that are used here. Its own module brings 373
// files into every start, for a type algebra of which schemas of an API need nothing.
import type Typebox from 'typebox'
import type { TObject, TPartial, TProperties } from 'typebox'

type Builders = Pick<
  typeof Typebox,
  | 'Array'
  | 'Boolean'
  | 'Enum'
  | 'Integer'
  | 'Literal'
  | 'Null'
  | 'Number'
  | 'Object'
  | 'Optional'
  | 'Record'
  | 'String'
  | 'Union'
  | 'Unknown'
> & {
  /** An object of which everything may be left out. */
  Partial<P extends TProperties>(type: TObject<P>): TPartial<TObject<P>>
  /** A schema written by hand, and what it lets through. */
  Unsafe: typeof Typebox.Unsafe
}

type Schema = Record<string, unknown>

const optionals = new WeakSet<object>()
const mayBeLeftOut = (schema: object): object => {
  const copy = { ...schema }
  optionals.add(copy)
  return copy
}

function objectOf(properties: Record<string, object>, options?: object): Schema {
  const required = Object.keys(properties).filter((name) => !optionals.has(properties[name] ?? {}))
  return { type: 'object', ...(required.length > 0 ? { required } : {}), properties, ...options }
}

const plain = (type: string) => (options?: object) => ({ type, ...options })

const builders = {
  Array: (items: object, options?: object) => ({ type: 'array', items, ...options }),
  Boolean: plain('boolean'),
  Enum: (words: readonly unknown[], options?: object) => ({ enum: words, ...options }),
  Integer: plain('integer'),
  Literal: (value: unknown, options?: object) => ({ type: typeof value, const: value, ...options }),
  Null: plain('null'),
  Number: plain('number'),
  Object: objectOf,
  Optional: mayBeLeftOut,
  Partial: ({ properties }: { properties: Record<string, object> }) =>
    objectOf(Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, mayBeLeftOut(schema)]))),
  /** with any text as key */
  Record: (_key: object, value: object, options?: object) => ({ type: 'object', patternProperties: { '^.*$': value }, ...options }),
  String: plain('string'),
  Union: (anyOf: readonly object[], options?: object) => ({ anyOf, ...options }),
  Unknown: (options?: object) => ({ ...options }),
  Unsafe: (schema: object) => ({ ...schema }),
}

// the types are typebox's, the values JSON Schema: at run time neither knows of the other
export const Type = builders as unknown as Builders

// Kinds of values that Nova's bodies and queries share, as JSON Schema: integers that may come as text, booleans in
// many spellings, names.
import type { TSchema } from 'typebox'
import { Type } from '../../platform/api/type.ts'
import { noInBodies, yesInBodies } from '../../platform/api/words.ts'

const maxInteger = 0x7fffffff

/** A number, or its digits as text. */
export const integer = (minimum: number, maximum = maxInteger) =>
  Type.Unsafe<number | string>({
    type: ['integer', 'string'],
    pattern: minimum < 0 ? '^-?[0-9]+$' : '^[0-9]+$',
    minimum,
    maximum,
    minLength: 1,
  })

export const nonNegativeInteger = integer(0)
export const positiveInteger = integer(1)

export const boolean = Type.Unsafe<boolean | string>({ type: ['boolean', 'string'], enum: [true, ...yesInBodies, false, ...noInBodies] })

const printable = '[^\\p{C}\\p{Zl}\\p{Zp}]'
const printableButColon = '[^\\p{C}\\p{Zl}\\p{Zp}:]'

/** Printable, without white space at its ends. */
export const name = Type.Unsafe<string>({ type: 'string', minLength: 1, maxLength: 255, pattern: `^(?!\\p{Zs})${printable}*(?<!\\p{Zs})$` })

/** The same, or null. */
export const nameOrNone = Type.Unsafe<string | null>({ oneOf: [{ type: 'null' }, name] })

/** Printable, with something else than white space in it: what later calls trim. */
export const nameWithSpaces = Type.Unsafe<string>({ type: 'string', minLength: 1, maxLength: 255, pattern: `^(?=.*\\P{Zs})${printable}*$` })

export const zoneName = Type.Unsafe<string>({
  type: 'string',
  minLength: 1,
  maxLength: 255,
  pattern: `^(?!\\p{Zs})${printableButColon}*(?<!\\p{Zs})$`,
})

export const description = Type.Unsafe<string | null>({
  type: ['string', 'null'],
  minLength: 0,
  maxLength: 255,
  pattern: `^${printable}*$`,
})

export const hostName = Type.Unsafe<string>({ type: 'string', minLength: 1, maxLength: 255, pattern: '^[a-zA-Z0-9-._]*$' })

export const metadataKey = '^[a-zA-Z0-9-_:. ]{1,255}$'

export const metadata = Type.Unsafe<Record<string, string>>({
  type: 'object',
  patternProperties: { [metadataKey]: { type: 'string', maxLength: 255 } },
  additionalProperties: false,
})

export const metadataWithNull = Type.Unsafe<Record<string, string | null>>({
  type: 'object',
  patternProperties: { [metadataKey]: { type: ['string', 'null'], maxLength: 255 } },
  additionalProperties: false,
})

/** Several values of one query parameter: Nova lets them come and takes the last. */
export const many = <Items extends TSchema>(items: Items) => Type.Optional(Type.Array(items))

export const last = <T>(values: T[] | undefined): T | undefined => values?.at(-1)

export { closed, object as open, objectOrNull as openOrNone, queryOf, wrapped, type Properties } from '../../platform/api/schema.ts'

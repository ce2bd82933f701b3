// Parts of Cinder's request bodies: its ways to write a boolean, a size, an optional id, metadata.
import type { TProperties } from 'typebox'
import { Type } from '../../platform/api/type.ts'
import { closed, wrapped as wrap } from '../../platform/api/schema.ts'
import { noInBodies, yesInBodies } from '../../platform/api/words.ts'

export { closed, optional, without } from '../../platform/api/schema.ts'

/** read by lenientBoolean */
export const flag = Type.Unsafe<boolean | string>({ enum: [true, false, ...yesInBodies, ...noInBodies] })

export const name = Type.Unsafe<string | null>({ type: ['string', 'null'], minLength: 0, maxLength: 255 })
export const description = Type.Unsafe<string | null>({ type: ['string', 'null'], minLength: 0, maxLength: 255 })
export const uuid = Type.String({ format: 'uuid' })
export const maybeUuid = Type.Unsafe<string | null>({ anyOf: [{ type: 'null' }, { type: 'string', format: 'uuid' }] })
export const maybeText = Type.Unsafe<string | null>({ type: ['string', 'null'], minLength: 0, maxLength: 255 })
export const size = Type.Unsafe<number | string>({ type: ['integer', 'string'], pattern: '^[0-9]+$', minimum: 1, maximum: 2_147_483_647 })
export const maybeSize = Type.Unsafe<number | string | null>({
  type: ['integer', 'string', 'null'],
  pattern: '^[0-9]+$',
  minimum: 1,
  maximum: 2_147_483_647,
})

const keyPattern = '^[a-zA-Z0-9-_:. /]{1,255}$'
export const metadata = Type.Unsafe<Record<string, string>>({
  type: 'object',
  patternProperties: { [keyPattern]: { type: 'string', maxLength: 255 } },
  additionalProperties: false,
})
export const maybeMetadata = Type.Unsafe<Record<string, string> | null>({
  type: ['object', 'null'],
  patternProperties: { [keyPattern]: { type: 'string', maxLength: 255 } },
  additionalProperties: false,
})
/** extra specs: no spaces in the keys */
export const specs = Type.Unsafe<Record<string, string | null>>({
  type: 'object',
  patternProperties: { '^[a-zA-Z0-9-_:.]{1,255}$': { type: ['string', 'null'], minLength: 0, maxLength: 255 } },
  additionalProperties: false,
})

/** { [key]: { … } } and nothing else, inside and out */
export const wrapped = <Key extends string, P extends TProperties>(key: Key, properties: P, options: object = {}) =>
  wrap(key, Type.Object(properties, { ...closed, ...options }))

/** White space at the ends of names is dropped. */
export const trimmed = (text: string | null | undefined): string | null | undefined => (typeof text === 'string' ? text.trim() : text)

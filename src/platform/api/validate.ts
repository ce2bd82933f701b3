// JSON Schema validation by ajv; compiled at first use, so that start-up and memory pay only for what is called.
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv'
import type { TSchema } from 'typebox'
import { badRequest } from '../errors.ts'
import { faultWords } from './fault-words.ts'
import { formats } from './formats.ts'

const options = { strict: false, allErrors: false, verbose: true, formats }
const bodyValidator = withLinearUniqueness(new Ajv(options))
const queryValidator = withLinearUniqueness(new Ajv({ ...options, coerceTypes: 'array' }))
/** ajv compares every two items with each other where they are lists or objects (F4); a set of their texts does not. */
function withLinearUniqueness(ajv: Ajv): Ajv {
  ajv.removeKeyword('uniqueItems')
  return ajv.addKeyword({
    keyword: 'uniqueItems',
    type: 'array',
    schemaType: 'boolean',
    errors: false,
    before: 'items',
    validate: (wanted: boolean, items: unknown[]) => !wanted || new Set(items.map(canonical)).size === items.length,
  })
}

/** The same text for what JSON Schema calls equal: keys in order, and a number never equal to a text. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  return `{${Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, inner]) => `${JSON.stringify(key)}:${canonical(inner)}`)
    .join()}}`
}

const compiled = new WeakMap<TSchema, ValidateFunction>()

function check(ajv: Ajv, schema: TSchema, value: unknown): ErrorObject | null {
  let validate = compiled.get(schema)
  if (!validate) compiled.set(schema, (validate = ajv.compile(schema)))
  return validate(value) ? null : (validate.errors?.[0] ?? null)
}

/** How a service words a fault: where it is and what is wrong with it. */
export type FaultFormat = (what: 'body' | 'query', error: ErrorObject, words: string) => string

/** Nova's, and of most: names the attribute and the value. */
const usualFormat: FaultFormat = (what, { instancePath: path, data: value }, words) => {
  const where = what === 'body' ? 'field/attribute' : 'query parameters'
  if (path === '') return what === 'body' ? words : `Invalid input for ${where} ${words}`
  const shown = typeof value === 'string' ? value : JSON.stringify(value)
  return `Invalid input for ${where} ${path.split('/').at(-1)}. Value: ${shown.slice(0, 200)}. ${words}`
}

/** Refuses a body that its schema does not allow with 400. */
export function validateBody(schema: TSchema, value: unknown, format: FaultFormat = usualFormat): void {
  const error = check(bodyValidator, schema, value)
  if (error) throw badRequest(format('body', error, faultWords(error)))
}

/** The same for a query; numbers and lists are made from text in place. */
export function validateQuery(schema: TSchema, value: unknown, format: FaultFormat = usualFormat): void {
  const error = check(queryValidator, schema, value)
  if (error) throw badRequest(format('query', error, faultWords(error)))
}

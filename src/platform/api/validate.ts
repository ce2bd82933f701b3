// JSON Schema validation by ajv; compiled at first use, so that start-up and memory pay only for what is called.
import { isIP, isIPv4, isIPv6 } from 'node:net'
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv'
import type { TSchema } from 'typebox'
import { badRequest } from '../errors.ts'
import { isUuidLike } from '../ids.ts'
import { faultWords } from './fault-words.ts'

/** ISO 8601, a day or a moment: JavaScript alone would take '2011/01/01' and 'May 5' too. */
const isoTime = /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?\s?(Z|[+-]?\d\d:?\d\d)?)?$/i

const formats: Record<string, (text: string) => boolean> = {
  uuid: isUuidLike,
  ip: (text) => isIP(text) !== 0,
  ipv4: isIPv4,
  ipv6: isIPv6,
  mac: (text) => /^([0-9a-f]{2}[:-]){5}[0-9a-f]{2}$/i.test(text),
  'date-time': (text) => isoTime.test(text) && !Number.isNaN(Date.parse(text)),
  uri: (text) => URL.canParse(text),
  base64: (text) => /^[A-Za-z0-9+/\s]*={0,2}\s*$/.test(text),
}

const options = { strict: false, allErrors: false, verbose: true, formats }
const bodyValidator = new Ajv(options)
const queryValidator = new Ajv({ ...options, coerceTypes: 'array' })
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

/** For tests: what is wrong with an answer, or null. */
export function answerFault(schema: TSchema, value: unknown): string | null {
  const error = check(bodyValidator, schema, value)
  return error && `${error.instancePath} ${error.message}`
}

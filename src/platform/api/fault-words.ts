// What is wrong with a value, in the words that OpenStack's own validation (Python's jsonschema) uses: clients and
// their tests look for them. Pure.
import type { ErrorObject } from 'ajv'

const longest = 200

/** A JSON value as Python would print it: {'a': True, 'b': None}. */
function pythonRepr(value: unknown): string {
  if (value === null || value === undefined) return 'None'
  if (value === true) return 'True'
  if (value === false) return 'False'
  if (typeof value === 'string') return value.includes("'") && !value.includes('"') ? `"${value}"` : `'${value.replaceAll("'", "\\'")}'`
  if (Array.isArray(value)) return `[${value.map(pythonRepr).join(', ')}]`
  if (typeof value === 'object')
    return `{${Object.entries(value)
      .map(([key, inner]) => `${pythonRepr(key)}: ${pythonRepr(inner)}`)
      .join(', ')}}`
  return String(value)
}

const short = (text: string): string => (text.length > longest ? `${text.slice(0, longest)}...` : text)

/** As much of a value as can be shown: the rest is not even looked at. */
function head(value: unknown): unknown {
  if (typeof value === 'string') return value.slice(0, longest + 1)
  if (Array.isArray(value)) return value.slice(0, longest).map(head)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .slice(0, longest)
      .map(([key, inner]) => [key, head(inner)]),
  )
}

/** 'x' is not of type 'integer'; '' is too short; Additional properties are not allowed ('y' was unexpected) … */
export function faultWords(error: ErrorObject): string {
  const shown = short(pythonRepr(head(error.data)))
  const params = error.params as Record<string, unknown>
  switch (error.keyword) {
    case 'required':
      return `'${String(params['missingProperty'])}' is a required property`
    case 'additionalProperties': {
      const patterns = Object.keys((error.parentSchema as { patternProperties?: object } | undefined)?.patternProperties ?? {})
      if (patterns.length > 0)
        return `'${String(params['additionalProperty'])}' does not match any of the regexes: ${patterns.map((pattern) => `'${pattern}'`).join(', ')}`
      return `Additional properties are not allowed ('${String(params['additionalProperty'])}' was unexpected)`
    }
    case 'type':
      return `${shown} is not of type ${[params['type']]
        .flat()
        .map((type) => `'${String(type)}'`)
        .join(', ')}`
    case 'enum':
      return `${shown} is not one of ${pythonRepr(params['allowedValues'])}`
    case 'const':
      return `${pythonRepr(params['allowedValue'])} was expected`
    case 'pattern':
      return `${shown} does not match '${String(params['pattern'])}'`
    case 'format':
      return `${shown} is not a '${String(params['format'])}'`
    case 'minLength':
    case 'minItems':
      return `${shown} is too short`
    case 'maxLength':
    case 'maxItems':
      return `${shown} is too long`
    case 'minimum':
      return `${shown} is less than the minimum of ${String(params['limit'])}`
    case 'exclusiveMinimum':
      return `${shown} is less than or equal to the minimum of ${String(params['limit'])}`
    case 'maximum':
      return `${shown} is greater than the maximum of ${String(params['limit'])}`
    case 'uniqueItems':
      return `${shown} has non-unique elements`
    case 'minProperties':
      return `${shown} does not have enough properties`
    case 'maxProperties':
      return `${shown} has too many properties`
    case 'anyOf':
    case 'oneOf':
      return `${shown} is not valid under any of the given schemas`
    default:
      return `${shown} ${error.message ?? 'is not valid'}`
  }
}

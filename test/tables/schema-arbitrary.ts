// Bodies from a JSON schema: mostly valid ones, some with one thing wrong. For the fuzz test.
import fc, { type Arbitrary } from 'fast-check'

type Schema = Record<string, any>

const nasty: Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    '',
    ' ',
    -1,
    0,
    1.5,
    2 ** 31,
    2 ** 63,
    true,
    [],
    {},
    '../../etc/passwd',
    "' or 1=1 --",
    '\u0000',
    '💥',
    '%s%n',
    '0',
    'x'.repeat(300),
  ),
  fc.string(),
  fc.integer(),
  fc.jsonValue({ maxDepth: 2 }),
)

/** Ids and other strings that exist in the cloud under test: so that requests get further than 404. */
export interface Known {
  strings: string[]
  /** what a property of this name would sensibly hold */
  named?: Record<string, string[]>
}

export interface Part {
  known: Known
  /** the property's name */
  name?: string
  /** how often (of 100) a value is replaced by something unfit */
  wrong?: number
}

/** An arbitrary for the schema. */
export function schemaArbitrary(schema: Schema, part: Part): Arbitrary<unknown> {
  const wrong = part.wrong ?? 4
  return fc.oneof({ weight: 100 - wrong, arbitrary: fitting(schema, part) }, { weight: wrong, arbitrary: nasty })
}

function fitting(schema: Schema, part: Part): Arbitrary<unknown> {
  const inner = (below: Schema, name = part.name) => schemaArbitrary(below, name === undefined ? part : { ...part, name })
  if ('const' in schema) return fc.constant(schema['const'])
  if (Array.isArray(schema['enum'])) return fc.constantFrom(...(schema['enum'] as unknown[]))
  const alternatives = (schema['anyOf'] ?? schema['oneOf']) as Schema[] | undefined
  if (alternatives) return fc.oneof(...alternatives.map((below) => inner(below)))
  const type = Array.isArray(schema['type']) ? schema['type'][0] : schema['type']
  switch (type) {
    case 'object':
      return object(schema, inner)
    case 'array':
      return fc.array(inner((schema['items'] as Schema | undefined) ?? {}), {
        minLength: schema['minItems'] ?? 0,
        maxLength: Math.min(schema['maxItems'] ?? 3, 3),
      })
    case 'integer':
    case 'number':
      return fc.integer({
        min: schema['minimum'] ?? -2,
        max: Math.max(schema['minimum'] ?? -2, Math.min(schema['maximum'] ?? 1000, 1_000_000)),
      })
    case 'boolean':
      return fc.boolean()
    case 'null':
      return fc.constant(null)
    case 'string':
      return text(schema, part)
    default: {
      const fit = part.name === undefined ? undefined : part.known.named?.[part.name]
      return fit ? fc.oneof({ weight: 4, arbitrary: fc.constantFrom<unknown>(...fit) }, { weight: 1, arbitrary: nasty }) : nasty
    }
  }
}

function object(schema: Schema, inner: (part: Schema, name: string) => Arbitrary<unknown>): Arbitrary<unknown> {
  const properties = (schema['properties'] ?? {}) as Record<string, Schema>
  const model = Object.fromEntries(Object.entries(properties).map(([name, part]) => [name, inner(part, name)]))
  const required = ((schema['required'] ?? []) as string[]).filter((name) => name in model)
  const declared = fc.record(model, { requiredKeys: required })
  if (schema['additionalProperties'] === false || Object.keys(model).length > 0) return declared
  return fc.dictionary(fc.string({ minLength: 1, maxLength: 8 }), nasty, { maxKeys: 3 })
}

function text(schema: Schema, { known, name }: Part): Arbitrary<string> {
  const usual = fc.string({ minLength: schema['minLength'] ?? 0, maxLength: Math.min(schema['maxLength'] ?? 20, 40) })
  const byFormat: Record<string, Arbitrary<string>> = {
    uuid: fc.uuid(),
    ip: fc.ipV4(),
    ipv4: fc.ipV4(),
    ipv6: fc.ipV6(),
    'date-time': fc.constant('2026-01-01T00:00:00Z'),
  }
  const common = fc.constantFrom(
    '10.1.2.0/24',
    '10.1.2.3',
    'fd00::/64',
    'name',
    'ACTIVE',
    'tcp',
    'auto',
    '1',
    'true',
    'fa:16:3e:00:00:01',
    ...known.strings,
  )
  const fit = name === undefined ? undefined : known.named?.[name]
  if (fit)
    return fc.oneof({ weight: 8, arbitrary: fc.constantFrom(...fit) }, { weight: 1, arbitrary: common }, { weight: 1, arbitrary: usual })
  return fc.oneof(byFormat[schema['format'] as string] ?? common, common, usual)
}

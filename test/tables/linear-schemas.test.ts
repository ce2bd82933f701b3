// F2: every pattern and format of every schema, fed with what makes backtracking engines run for ever: a megabyte through
// the text's own schema, and the pattern alone with as much as the limits of a request let through to it.
// What is measured is this process's CPU, the least of several readings.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TSchema } from 'typebox'
import { Type } from '../../src/platform/api/type.ts'
import { formats } from '../../src/platform/api/formats.ts'
import { limits } from '../../src/platform/api/limits.ts'
import { validateBody } from '../../src/platform/api/validate.ts'
import { defined } from '../../src/platform/defined.ts'
import { cpuMs } from '../support/cpu.ts'
import { allOperations } from './operations.ts'

const budgetMs = 20
const megabyte = 1_048_576

/** What repeats, with an end that does not fit. */
const seeds = [
  'a',
  ' ',
  '0',
  '-',
  'A',
  '=',
  '/',
  '.',
  ':',
  '_',
  '\t',
  'a ',
  ' a',
  '0.',
  'a-',
  '/a',
  '::',
  'aA0',
  'é',
  '\u2003',
  'Aa0+/',
  'fa:',
  '1.',
  '2026-01-01T00:00:00.0',
]
const ends = ['', '!', ' ']
const hostile = (length: number, sown = seeds) =>
  sown.flatMap((seed) => ends.map((end) => seed.repeat(Math.ceil(length / seed.length)).slice(0, length - end.length) + end))

interface Part {
  pattern?: string
  format?: string
  maxLength?: number
  patternProperties?: Record<string, unknown>
}

const texts = new Map<string, Part>()
const keys = new Set<string>()

function collect(schema: unknown): void {
  if (typeof schema !== 'object' || schema === null) return
  const { pattern, format, maxLength, patternProperties } = schema as Part
  if (typeof pattern === 'string' || typeof format === 'string') {
    const part: Part = defined({ pattern, format, maxLength })
    texts.set(JSON.stringify(part), part)
  }
  for (const key of Object.keys(patternProperties ?? {})) keys.add(key)
  for (const inner of Object.values(schema)) collect(inner)
}
for (const { operation } of allOperations()) for (const schema of [operation.query, operation.body]) collect(schema)

function dearest(inputs: string[], run: (text: string) => void): number {
  let worst = 0
  for (const input of inputs) {
    const once = cpuMs(() => run(input), 1)
    if (once > worst)
      worst =
        once > budgetMs
          ? Math.max(
              worst,
              cpuMs(() => run(input), 5),
            )
          : once
  }
  return worst
}

const refused = (schema: TSchema) => (text: string) => {
  try {
    validateBody(schema, text)
  } catch (error) {
    assert.equal((error as { code?: string }).code, 'bad_request')
  }
}

// past the limits of its length a text is not looked at: a few show that
const megabytes = hostile(megabyte, ['a', 'A', ' '])

test('F2 no text costs more than 20 ms, whatever its schema', () => {
  for (const part of texts.values()) {
    const schema = Type.Unsafe<string>({ type: 'string', ...part })
    refused(schema)('compiled')
    assert.ok(
      dearest(hostile(Math.min(part.maxLength ?? limits.characters, limits.characters)), refused(schema)) < budgetMs,
      JSON.stringify(part),
    )
    if (part.maxLength !== undefined) assert.ok(dearest(megabytes, refused(schema)) < budgetMs, JSON.stringify(part))
  }
})

test('F2 no format costs more than 20 ms for a megabyte', () => {
  for (const [name, test_] of Object.entries(formats))
    assert.ok(dearest(name === 'base64' ? hostile(megabyte) : megabytes, (text) => void test_(text)) < budgetMs, name)
})

test('F2 no pattern of a property’s name costs more than 20 ms', () => {
  for (const key of keys) {
    const pattern = new RegExp(key, 'u')
    assert.ok(dearest(hostile(limits.keyCharacters), (text) => void pattern.test(text)) < budgetMs, key)
  }
})

test('F4 uniqueness of lists within lists is found in one pass', () => {
  const schema = Type.Unsafe<unknown>({ type: 'array', uniqueItems: true })
  const many = (last: unknown) => [...Array.from({ length: limits.items - 1 }, (_, at) => [at, [{ b: at, a: 1 }]]), last]
  validateBody(schema, many('x'))
  assert.ok(cpuMs(() => validateBody(schema, many('x')), 5) < budgetMs)
  assert.throws(() => validateBody(schema, many([7, [{ a: 1, b: 7 }]])), { message: /has non-unique elements/ })
  assert.throws(() => validateBody(schema, ['a', 'b', 'a']))
  validateBody(schema, [1, '1', true, 'true', null, 'null', [1], '[1]'])
})

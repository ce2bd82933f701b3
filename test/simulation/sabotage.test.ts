// Bugs made on purpose must fit the product that is there, or nobody can make them.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { simulate } from './children.ts'
import { bugs, sabotaged } from './sabotage.ts'

test('each bug made on purpose still fits its file', () => {
  for (const bug of bugs) assert.doesNotThrow(() => sabotaged(bug))
})

test('the simulation finds a bug made on purpose', { timeout: 120_000 }, async () => {
  const { code, output } = await simulate(['--seeds', '3', '--hosts', '5'], 'a deleted server keeps its allocation')
  assert.equal(code, 1, output)
  assert.match(output, /after all was deleted there is: \d+ rows in allocations/)
})

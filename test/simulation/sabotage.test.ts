// Bugs made on purpose must fit the product that is there, or nobody can make them.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bugs } from './bugs.ts'
import { sabotaged } from './sabotage.ts'

test('each bug made on purpose still fits its file', () => {
  for (const bug of bugs) assert.doesNotThrow(() => sabotaged(bug))
})

// `./stackling help` needs no Node, so its text names the commands a second time.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

test('the help names every command that there is, in the same order', () => {
  const help = readFileSync(join(import.meta.dirname, 'help.txt'), 'utf8')
  const main = readFileSync(join(import.meta.dirname, '..', 'main.ts'), 'utf8')
  const shown = [...help.matchAll(/^ {2}([a-z]+) {2,}\S/gm)].map(([, name]) => name)
  const declared = [...main.matchAll(/\bcommand\(\s*'([a-z]+)'/g)].map(([, name]) => name)
  assert.ok(declared.length > 1)
  assert.deepEqual(shown, declared)
})

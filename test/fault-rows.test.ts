// Every fault that was found by use has a test that bears its number at the head of its name: F… by attackers, 'clients …'
// by other clients, G… from public bug reports, 'first use …' by a new user.
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

const root = join(import.meta.dirname, '..')
const upTo = (last: number, prefix: string, without: number[] = []): string[] =>
  Array.from({ length: last }, (_, index) => index + 1).filter((number) => !without.includes(number)).map((number) => `${prefix}${number}`)

const rows = [...upTo(31, 'F', [22]), ...upTo(17, 'clients '), ...upTo(24, 'G', [22, 23]), ...upTo(21, 'first use ')]

test('every fault found by use has a test that is named after it', () => {
  const files = globSync('{src,test}/**/*.test.ts', { cwd: root })
  const names = files.flatMap((path) => [...readFileSync(join(root, path), 'utf8').matchAll(/\b(?:test|it|withLab)\(\s*['"`]([^'"`]+)/g)].map((match) => match[1] ?? ''))
  const missing = rows.filter((row) => !names.some((name) => name.startsWith(`${row} `)))
  assert.deepEqual(missing, [], 'these rows have no test that is named after them')
})

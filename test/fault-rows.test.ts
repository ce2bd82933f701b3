// Every fault that was found by use has a test that bears its number at the head of its name: F… by attackers, 'clients …'
// by other clients, G… from public bug reports, 'first use …' by a new user.
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

const root = join(import.meta.dirname, '..')
const upTo = (last: number, prefix: string, without: number[] = []): string[] =>
  Array.from({ length: last }, (_, index) => index + 1)
    .filter((number) => !without.includes(number))
    .map((number) => `${prefix}${number}`)

const rows = [...upTo(31, 'F', [22]), ...upTo(17, 'clients '), ...upTo(24, 'G', [22, 23]), ...upTo(21, 'first use ')]

/** The rows that a name begins with: 'F14 first use 17: SIGHUP …' has two. */
function rowsOf(name: string): string[] {
  const found: string[] = []
  for (let rest = name; ;) {
    const match = /^(F\d+|clients \d+|G\d+|first use \d+)(?:[:,]?\s|$)/.exec(rest)
    if (!match) return found
    found.push(match[1] ?? '')
    rest = rest.slice(match[0].length)
  }
}

test('every fault found by use has a test that is named after it', () => {
  const files = globSync('{src,test}/**/*.{test,lab}.ts', { cwd: root })
  // a story's steps are tests of their own: { name: '…', run }
  const names = files.flatMap((path) =>
    [...readFileSync(join(root, path), 'utf8').matchAll(/\b(?:(?:test|it|describe|withLab)\(|name:)\s*['"`]([^'"`]+)/g)].map(
      (match) => match[1] ?? '',
    ),
  )
  const named = new Set(names.flatMap(rowsOf))
  assert.deepEqual(
    rows.filter((row) => !named.has(row)),
    [],
    'these rows have no test that is named after them',
  )
})

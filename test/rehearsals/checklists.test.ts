// The checklists of docs/ are true: each is followed to the letter, and what comes of it has types, keeps the rules of the frame and
// answers requests.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { namedPaths } from './named-paths.ts'
import { scratchCopy, type Scratch } from './rehearse.ts'

const pages = ['adding-a-domain.md', 'adding-a-resource.md', 'adding-a-saga.md', 'adding-a-driver.md']
/** the tests that the pages write, and those over all operations that must take in what is new */
const tests = [
  'src/notes/notes.test.ts',
  'src/compute/backup-schedules/backup-schedules.test.ts',
  'src/volume/work/volume-verify.test.ts',
  'src/host/volumes/counting.test.ts',
  'test/tables/no-token.test.ts',
  'test/tables/malformed-body.test.ts',
]

let scratch: Scratch
before(() => void (scratch = scratchCopy()))
after(() => scratch.remove())

for (const page of pages) test(`${page} can be followed`, () => scratch.follow(page))

test('every path that a page names is there', () => {
  const files = scratch.files().map((path) => `/${path}`)
  const isThere = (path: string) => files.some((file) => file.endsWith(`/${path}`))
  assert.deepEqual(
    namedPaths().filter(({ path }) => !isThere(path)),
    [],
  )
})

test('what was made has types', () => passes('node_modules/typescript/bin/tsc', '--noEmit'))
test('it is formatted', () => passes('node_modules/oxfmt/bin/oxfmt', '--check', 'src', 'test'))
test('it lints', () => passes('node_modules/oxlint/bin/oxlint', '--deny-warnings', 'src', 'test'))
test('it keeps the rules of the frame', () =>
  passes('--test', 'test/tidy.test.ts', 'test/tidy-rights.test.ts', 'test/tidy-ratchet.test.ts'))
test('it answers requests', () => passes('--test', '--test-isolation=none', ...tests))
test('it stands in the simulation', () => passes('test/simulation/simulate.ts', '--seeds', '1'))

function passes(...args: string[]): void {
  const output = scratch.run(...args)
  assert.equal(output, null, output ?? '')
}

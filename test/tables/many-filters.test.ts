// F15: as many filters, values and sort keys as a query may hold, at everything that can be asked for: a database has limits of
// its own (terms of a statement, depth of an expression), and none of them may become a 500.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { limits } from '../../src/platform/api/limits.ts'
import { fakeHosts, startTestCloud, type TestCloud } from '../support/cloud.ts'
import { aimed, makeFixtures, type Fixtures } from './fixtures.ts'
import { absentId, allOperations, versionHeaders, type OperationRow } from './operations.ts'

let cloud: TestCloud
let ids: Fixtures
before(async () => {
  cloud = await startTestCloud({ hosts: await fakeHosts(1) })
  ids = await makeFixtures(cloud)
})
after(() => cloud.stop())

/** Filters and sort keys that lists have whether or not they declare them. */
const usual = ['sort', 'fields', 'name', 'status', 'id', 'tag', 'tags', 'tags-any', 'not-tags', 'not-tags-any']
const namesOf = ({ operation }: OperationRow): string[] => [
  ...new Set([...usual, ...Object.keys((operation.query as { properties?: object } | undefined)?.properties ?? {})]),
]

const many = limits.parameters - 2
const repeated = (count: number, part: (index: number) => string, between: string): string =>
  Array.from({ length: count }, (_, index) => part(index)).join(between)

/** sorts up and down by turns: the page after a marker cannot be one comparison of rows */
const keys = (a: string, b: string) => (index: number) => (index % 2 === 0 ? `sort_key=${a}&sort_dir=asc` : `sort_key=${b}&sort_dir=desc`)
const pairs = (a: string, b: string) => (index: number) => (index % 2 === 0 ? `${a}:asc` : `${b}:desc`)

function queriesOf(row: OperationRow): string[] {
  const marker = ids[row.path.split('/').findLast((segment) => !segment.startsWith(':') && ids[segment] !== undefined) ?? ''] ?? absentId
  const sorted = [
    ['created_at', 'id'],
    ['name', 'id'],
    ['display_name', 'uuid'],
  ] as const
  return [
    'limit=0',
    'limit=1',
    repeated(many, (index) => `k${index}=x`, '&'),
    ...namesOf(row).flatMap((name) => [
      `${name}=${repeated(many, (index) => `a${index}`, ',')}`,
      `${name}=in:${repeated(many, (index) => `a${index}`, ',')}`,
      repeated(many, (index) => `${name}=a${index}`, '&'),
    ]),
    ...sorted.flatMap(([a, b]) => [
      `${repeated(many / 2 - 1, keys(a, b), '&')}&limit=1&marker=${marker}`,
      `sort=${repeated(many - 2, pairs(a, b), ',')}&limit=1&marker=${marker}`,
    ]),
  ].filter((query) => query.length < 14_000)
}

for (const row of allOperations()) {
  const { operation, path, name } = row
  if (operation.method !== 'GET') continue
  test(`F15 as many filters as there may be: ${name}`, async () => {
    for (const query of queriesOf(row)) {
      const answer = await cloud.request('GET', `${aimed(path, ids)}?${query}`, { as: 'admin@p1', headers: versionHeaders(row) })
      assert.ok(answer.status !== 500, `GET ${path}?${query.slice(0, 80)}: ${answer.status} ${answer.text}`)
    }
  })
}

// Every operation, as a member (and a reader) of another project, aimed at p1's resources with bodies that fit:
// no answer carries p1's marker, none succeeds on p1's things, and afterwards the owner sees all of it unchanged.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import { fakeHosts, startTestCloud, type TestCloud } from '../support/cloud.ts'
import { makeFixtures, marker, ownersView, type Fixtures } from './fixtures.ts'
import { absentId, allOperations, versionHeaders, type OperationRow } from './operations.ts'
import { schemaArbitrary } from './schema-arbitrary.ts'

let cloud: TestCloud
let ids: Fixtures
let before_: Record<string, string>
before(async () => {
  cloud = await startTestCloud({ hosts: await fakeHosts(1) })
  ids = await makeFixtures(cloud)
  before_ = await ownersView(cloud, ids)
})
after(() => cloud.stop())

/** The path with p1's ids; the last segment before a parameter says whose id belongs there. */
function aimed(path: string): { url: string; hits: boolean } {
  const parts = path.split('/')
  let hits = false
  const filled = parts.map((part, index) => {
    if (part === '*') return 'x'
    if (!part.startsWith(':')) return part
    if (part === ':project_id') return 'p1'
    const id = ids[parts[index - 1] ?? '']
    hits ||= id !== undefined
    return encodeURIComponent(id ?? absentId)
  })
  return { url: filled.join('/'), hits }
}

function body(row: OperationRow): unknown {
  if (!row.operation.body || row.operation.stream) return undefined
  const known = { strings: Object.values(ids) }
  const [sample] = fc.sample(schemaArbitrary(row.operation.body as Record<string, unknown>, { known, wrong: 0 }), { numRuns: 1, seed: 7 })
  return row.operation.action === undefined ? sample : { [row.operation.action]: sample }
}

for (const row of allOperations()) {
  if (row.operation.policy === null) continue
  test(`wrong project: ${row.name}`, async () => {
    const { url, hits } = aimed(row.path)
    for (const as of ['member@p2', 'reader@p2']) {
      const sent = body(row)
      const answer = await cloud.request(row.operation.method, url, { as, headers: versionHeaders(row), ...(sent === undefined ? {} : { body: sent }) })
      assert.ok(!answer.text.includes(marker) || answer.status >= 400, `${as} was shown p1's data: ${answer.text.slice(0, 400)}`)
      assert.ok(answer.status < 500, answer.text)
      if (hits) assert.ok(answer.status >= 400, `${as} ${row.operation.method} ${url}: ${answer.status} ${answer.text.slice(0, 300)}`)
    }
  })
}

test('after all strangers tried, the owner sees everything as it was', async () => {
  assert.deepEqual(await ownersView(cloud, ids), before_)
})

// A fuzz run over every declared operation: whatever comes, no answer is a 5xx, and the cloud still works after it.
// FUZZ_RUNS (default 12) requests an operation, FUZZ_SEED replays one.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import type { TSchema } from 'typebox'
import { fakeHosts, startTestCloud, type TestCloud } from '../support/cloud.ts'
import { absentId, allOperations, fillPath, versionHeaders, type OperationRow } from './operations.ts'
import { schemaArbitrary, type Known } from './schema-arbitrary.ts'

const runs = Number(process.env['FUZZ_RUNS'] ?? 12)
const seed = Number(process.env['FUZZ_SEED'] ?? 20261122)

let cloud: TestCloud
const known: Known = { strings: [absentId] }
before(async () => void (cloud = await startTestCloud({ hosts: await fakeHosts(1) })))
after(() => cloud.stop())

/** Ids in answers are used in later requests: fuzzing then reaches rows that exist. */
function learn(value: unknown): void {
  for (const id of JSON.stringify(value ?? null).match(/"id":\s*"[^"]{1,64}"/g) ?? []) {
    if (known.strings.length < 400) known.strings.push(id.split('"')[3] ?? absentId)
  }
}

function request(row: OperationRow) {
  const pick = fc.nat().map((index) => known.strings[known.strings.length - 1 - (index % Math.min(known.strings.length, 60))] ?? absentId)
  const parameter = fc.oneof({ weight: 8, arbitrary: pick }, { weight: 1, arbitrary: fc.string({ minLength: 1, maxLength: 40 }) })
  const names = [...row.path.matchAll(/:(\w+)/g)].map((match) => match[1] ?? '')
  const bodySchema = row.operation.body as TSchema | undefined
  return fc.record({
    as: fc.constantFrom('admin@p1', 'member@p1', 'member@p2', 'reader@p1'),
    parameters: fc.tuple(...names.map(() => parameter)),
    body: bodySchema && !row.operation.stream ? schemaArbitrary(bodySchema as Record<string, unknown>, known) : fc.constant(undefined),
    query: fc.dictionary(queryName(row), fc.oneof(pick, fc.string({ maxLength: 12 }), fc.constantFrom('1', '-1', 'true', 'name', 'id:asc', '2026-01-01')), { maxKeys: 3 }),
  })
}

function queryName(row: OperationRow) {
  const declared = Object.keys((row.operation.query as { properties?: object } | undefined)?.properties ?? {})
  return fc.constantFrom('limit', 'marker', 'sort_key', 'sort_dir', 'name', 'status', 'fields', 'all_tenants', 'changes-since', 'offset', ...declared)
}

for (const row of allOperations()) {
  test(`fuzz: ${row.name}`, async () => {
    await fc.assert(
      fc.asyncProperty(request(row), async ({ as, parameters, body, query }) => {
        let index = 0
        const path = fillPath(row.path, () => parameters[index++] ?? absentId)
        const url = Object.keys(query).length > 0 ? `${path}?${new URLSearchParams(query)}` : path
        const payload = body === undefined ? {} : { body: JSON.stringify(row.operation.action === undefined ? body : { [row.operation.action]: body }) }
        const answer = await cloud.request(row.operation.method, url, { as, headers: versionHeaders(row), ...payload })
        learn(answer.body)
        assert.ok(answer.status < 500, `${as} ${row.operation.method} ${url} ${JSON.stringify(payload)} → ${answer.status} ${answer.text.slice(0, 300)}`)
      }),
      { numRuns: runs, seed, endOnFailure: true },
    )
  })
}

test('after the fuzz run the cloud still makes and shows a keypair', async () => {
  const made = await cloud.request('POST', '/compute/v2.1/os-keypairs', { as: 'member@after', body: { keypair: { name: 'after' } } })
  assert.equal(made.status, 200, made.text)
})

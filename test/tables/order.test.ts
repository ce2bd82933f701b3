// The order of checks, over every operation: without a token 401, with one that no target could make fit 403, and only
// then is anything of the request looked at, be its body no JSON, its query wrong and its target absent.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { credentialsOf } from '../../src/platform/context.ts'
import { defined } from '../../src/platform/defined.ts'
import { startTestCloud, testActor, type TestCloud } from '../support/cloud.ts'
import { absentId, allOperations, fillPath, isBodyless, versionHeaders } from './operations.ts'

let cloud: TestCloud
before(async () => void (cloud = await startTestCloud()))
after(() => cloud.stop())

/** the rules of all operations of a method and path: what a request might be before its body says which */
const rulesAt = new Map<string, string[]>()
for (const {
  operation: { method, policy, orPolicies },
  path,
} of allOperations())
  rulesAt.set(`${method} ${path}`, [...(rulesAt.get(`${method} ${path}`) ?? []), policy ?? '', ...(orPolicies ?? [])])

const bad = { url: '?limit=minus&limit=x', body: '{"a":' }

for (const row of allOperations()) {
  const { operation, path, name } = row
  if (operation.policy === null) continue
  const url = fillPath(path, () => absentId) + bad.url
  const sent = isBodyless(operation) ? {} : { body: bad.body }
  test(`F2 F29 order of checks: ${name}`, async () => {
    const ask = (as?: string) => cloud.request(operation.method, url, { ...defined({ as }), headers: versionHeaders(row), ...sent })
    assert.equal((await ask()).status, 401)
    const rules = rulesAt.get(`${operation.method} ${path}`) ?? []
    const hopeful = (roles: string[]) => rules.some((rule) => cloud.platform.policy.maySatisfy(rule, credentialsOf(testActor(roles, 'p1'))))
    for (const roles of [['nothing'], ['reader'], ['member']]) {
      if (hopeful(roles)) continue
      const answer = await ask(`${roles.join(',')}@p1`)
      assert.equal(answer.status, 403, `${roles.join(',')}: ${answer.text}`)
    }
  })
}

test('F2 every rule that may stand in for the declared one exists', () => {
  const missing = allOperations().flatMap(({ operation, name }) =>
    (operation.orPolicies ?? []).filter((rule) => !cloud.platform.policy.has(rule)).map((rule) => `${name}: ${rule}`),
  )
  assert.deepEqual(missing, [])
})

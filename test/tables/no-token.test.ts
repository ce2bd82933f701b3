// Every operation that needs a token refuses a request without one, and one with a made-up one, with 401 and the
// service's own error body, before it looks at anything else.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startTestCloud, type TestCloud } from '../support/cloud.ts'
import { absentId, allOperations, fillPath, isBodyless, versionHeaders } from './operations.ts'

let cloud: TestCloud
before(async () => void (cloud = await startTestCloud()))
after(() => cloud.stop())

const challenges: Record<string, RegExp> = { 'object-store': /^Swift realm=/ }

for (const row of allOperations()) {
  const { operation, service, path, name } = row
  if (operation.policy === null) continue
  test(`no token: ${name}`, async () => {
    const url = fillPath(path, () => absentId)
    for (const headers of [{}, { 'x-auth-token': 'made-up' }] as Record<string, string>[]) {
      const answer = await cloud.request(operation.method, url, {
        headers: { ...headers, ...versionHeaders(row) },
        ...(isBodyless(operation) ? {} : { body: {} }),
      })
      assert.equal(answer.status, 401, answer.text)
      assert.match(String(answer.headers['www-authenticate']), challenges[service.type] ?? /^Keystone uri=/)
    }
  })
}

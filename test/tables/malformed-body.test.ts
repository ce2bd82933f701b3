// Every operation with a body refuses one that is not JSON, or of a wrong shape, with 400 (or the refusal that
// comes before it: 403, 404, 409, 415), never with a 5xx, and never takes it.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { credentialsOf } from '../../src/platform/context.ts'
import { startTestCloud, testActor, type TestCloud } from '../support/cloud.ts'
import { absentId, allOperations, fillPath, versionHeaders } from './operations.ts'

let cloud: TestCloud
before(async () => void (cloud = await startTestCloud()))
after(() => cloud.stop())

const notJson = ['{', '{"a":', '"text', '\u0000']
const wrongShape: unknown[] = [[], 7, 'text', null, { unexpected: { __proto__: 1 } }, { [`k${'x'.repeat(300)}`]: [[[[]]]] }]

for (const row of allOperations()) {
  const { operation, path, name } = row
  if (!operation.body || operation.stream) continue
  test(`malformed body: ${name}`, async () => {
    const url = fillPath(path, () => absentId)
    // a body of another media type is refused before it is read (image patches)
    const headers = {
      ...versionHeaders(row),
      ...(operation.media ? { 'content-type': 'application/openstack-images-v2.1-json-patch' } : {}),
    }
    const mayAsk = (role: string) =>
      operation.policy === null || cloud.platform.policy.maySatisfy(operation.policy, credentialsOf(testActor([role], 'p1')))
    const as = mayAsk('admin') ? 'admin@p1' : 'service@p1'
    // a token is not needed where it is not asked for, and does no harm
    for (const body of notJson) {
      const answer = await cloud.request(operation.method, url, { as, headers, body })
      assert.equal(answer.status, 400, `${JSON.stringify(body)}: ${answer.text}`)
    }
    for (const shape of wrongShape) {
      const body = operation.action === undefined ? JSON.stringify(shape) : JSON.stringify({ [operation.action]: shape })
      const answer = await cloud.request(operation.method, url, { as, headers, body })
      assert.ok(answer.status >= 400 && answer.status < 500, `${body}: ${answer.status} ${answer.text}`)
    }
  })
}

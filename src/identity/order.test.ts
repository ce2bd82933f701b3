// Keystone's order of answers over each of its operations: who could never be allowed is refused (403), a target that is
// not there is not found (404), the policy is asked about the target (403), and only then the body is looked at (400).
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { absentId, allOperations, fillPath } from '../../test/tables/operations.ts'
import { inProject, password, startIdentityCloud, v3, type IdentityCloud } from '../../test/support/identity.ts'

let cloud: IdentityCloud
let manager: string
before(async () => {
  cloud = await startIdentityCloud()
  const domain: string = (await cloud.does('POST', '/domains', { domain: { name: 'ordered' } })).domain.id
  const user: string = (await cloud.does('POST', '/users', { user: { name: 'manager', domain_id: domain, password } })).user.id
  await cloud.does('PUT', `/domains/${domain}/users/${user}/roles/${await cloud.role('manager')}`)
  manager = await cloud.token({ id: user }, { domain: { id: domain } })
})
after(() => cloud.stop())

const changes = allOperations().filter(
  ({ service, operation }) => service.type === 'identity' && operation.body !== undefined && operation.policy !== null,
)
/** What PUT makes under a name of the caller's choice: there is nothing to find */
const makes = new Set([`PUT ${v3}/regions/:region_id`])

for (const { operation, path, name } of changes.filter(
  ({ operation: { method }, path }) => method !== 'POST' && !makes.has(`${method} ${path}`),
)) {
  test(`clients 2 no target, then a wrong body: ${name}`, async () => {
    for (const body of [{}, { wrong: 1 }, [], 'text']) {
      const answer = await cloud.request(
        operation.method,
        fillPath(path, () => absentId),
        { as: cloud.admin, body: JSON.stringify(body) },
      )
      assert.equal(answer.status, 404, `${JSON.stringify(body)}: ${answer.text}`)
    }
  })
}

test('clients 2 the policy is asked about the target before a wrong body is looked at', async () => {
  const theirs: [string, string, unknown][] = [
    ['PATCH', `/users/${cloud.made.demoUserId}`, {}],
    ['PATCH', `/projects/${cloud.made.demoProjectId}`, { project: { name: 7 } }],
    ['PUT', `/projects/${cloud.made.demoProjectId}/tags`, { tags: 'x' }],
    ['POST', '/users', { user: { name: 7, domain_id: 'default' } }],
    ['POST', '/projects', { project: { domain_id: 'default' } }],
    ['POST', '/groups', {}],
    ['POST', '/users', []],
    ['POST', '/users', { user: { domain_id: { toString: 1 } } }],
  ]
  for (const [method, url, body] of theirs) {
    const answer = await cloud.request(method, v3 + url, { as: manager, body })
    assert.equal(answer.status, 403, `${method} ${url}: ${answer.text}`)
  }
  const demo = await cloud.token({ name: 'demo' }, inProject(cloud.made.demoProjectId))
  const notMine: [string, string, unknown][] = [
    ['POST', '/credentials', { credential: { user_id: cloud.made.adminUserId } }],
    ['POST', `/users/${cloud.made.adminUserId}/credentials/OS-EC2`, {}],
    ['POST', '/OS-TRUST/trusts', { trust: { trustor_user_id: cloud.made.adminUserId } }],
    ['POST', `/users/${cloud.made.adminUserId}/application_credentials`, {}],
  ]
  for (const [method, url, body] of notMine) {
    const answer = await cloud.request(method, v3 + url, { as: demo, body })
    assert.equal(answer.status, 403, `${method} ${url}: ${answer.text}`)
  }
})

test('clients 2 what is not there is not found before the policy is asked, by whoever might be allowed something', async () => {
  for (const url of ['/roles/nothing', '/OS-TRUST/trusts/nothing']) {
    assert.equal((await cloud.request('GET', v3 + url, { as: manager })).status, url.startsWith('/roles') ? 404 : 403, url)
  }
  const demo = await cloud.token({ name: 'demo' }, inProject(cloud.made.demoProjectId))
  const key = `/users/${cloud.made.demoUserId}/credentials/OS-EC2/nothing`
  for (const [method, url] of [
    ['GET', key],
    ['DELETE', key],
    ['GET', '/OS-TRUST/trusts/nothing'],
  ]) {
    assert.equal((await cloud.request(String(method), v3 + url, { as: demo })).status, 404, url)
  }
  assert.equal((await cloud.request('DELETE', `${v3}/groups/nothing`, { as: manager })).status, 404)
  // and these are refused: Keystone asks about them without knowing whether they are there
  for (const url of ['/users/nothing', '/groups/nothing', '/projects/nothing', '/credentials/nothing']) {
    assert.equal((await cloud.request('GET', v3 + url, { as: manager })).status, 403, url)
  }
  // who could never be allowed learns nothing of either
  for (const url of ['/endpoints/nothing', '/services/nothing', '/roles/nothing', '/policies/nothing']) {
    assert.equal((await cloud.request('GET', v3 + url, { as: demo })).status, 403, url)
  }
})

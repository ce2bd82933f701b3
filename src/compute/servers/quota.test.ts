// How many servers one request may make.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startTestCloud, type TestCloud } from '../../../test/support/cloud.ts'
import { identityBootstrap } from '../../identity/index.ts'
import { quotaSet } from '../../platform/quota.ts'
import { serversAllowed } from './quota.ts'

let cloud: TestCloud
before(async () => void (cloud = await startTestCloud()))
after(() => cloud.stop())

const allowed = (project: string, minCount: number, maxCount: number) =>
  cloud
    .systemContext()
    .transaction((tx) => serversAllowed(tx, { projectId: project, userId: 'somebody' }, { minCount, maxCount, cores: 1, ram: 64 }))

test('a project may have what its quota leaves, and none when that is less than the least it asks for', async () => {
  assert.equal(await allowed('p1', 1, 3), 3)
  assert.equal(await allowed('p1', 1, 1_000_000_000), 10)
  await assert.rejects(allowed('p1', 11, 11), /Quota exceeded for instances/)
})

test('without a quota one request still makes a thousand servers at most', async () => {
  await quotaSet(cloud.systemContext(), 'compute', 'free', { instances: -1, cores: -1, ram: -1 })
  assert.equal(await allowed('free', 1, 1_000_000_000), 1000)
  await assert.rejects(allowed('free', 1001, 1001), /min_count must be <= 1000/)
})

test('a user with limits of its own is held to them and to the project’s; the project’s other users are not', async () => {
  const { demoProjectId: project } = await identityBootstrap(cloud.systemContext(), {
    adminPassword: 'secret-1',
    demoPassword: 'secret-2',
    services: [],
  })
  const admin = (method: string, url: string, limits?: Record<string, number>) =>
    cloud.request(method, `/compute/v2.1/os-quota-sets/${url}`, { as: 'admin@p9', ...(limits ? { body: { quota_set: limits } } : {}) })
  const asUser = (userId: string, count: number) =>
    cloud
      .systemContext()
      .transaction((tx) => serversAllowed(tx, { projectId: project, userId }, { minCount: count, maxCount: count, cores: 1, ram: 64 }))
  assert.equal((await admin('PUT', `${project}?user_id=ann`, { instances: 2 })).status, 200)
  assert.equal(await asUser('ann', 2), 2)
  await assert.rejects(asUser('ann', 3), { message: /Quota exceeded for instances: Requested 3, but already used 0 of 2 instances/ })
  assert.equal(await asUser('bob', 3), 3)
  assert.equal((await admin('GET', `${project}/detail?user_id=ann`)).body.quota_set.instances.limit, 2)
  assert.equal((await admin('PUT', `${project}?user_id=ann`, { instances: 11 })).status, 400, 'more than the project has')
  assert.equal((await admin('DELETE', `${project}?user_id=ann`)).status, 202)
  assert.equal(await asUser('ann', 3), 3)
  await admin('PUT', `${project}?user_id=ann`, { cores: 1 })
  await admin('DELETE', project)
  assert.equal(await asUser('ann', 3), 3, 'a project without its limits has none for its users')
})

// How many servers one request may make.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startTestCloud, type TestCloud } from '../../test/support/cloud.ts'
import { quotaSet } from '../platform/quota.ts'
import { serversAllowed } from './server-quota.ts'

let cloud: TestCloud
before(async () => void (cloud = await startTestCloud()))
after(() => cloud.stop())

const allowed = (project: string, minCount: number, maxCount: number) => cloud.systemContext().transaction((tx) => serversAllowed(tx, project, { minCount, maxCount, cores: 1, ram: 64 }))

test('a project may have what its quota leaves, and none when that is less than the least it asks for', async () => {
  assert.equal(await allowed('p1', 1, 3), 3)
  assert.equal(await allowed('p1', 1, 1_000_000_000), 10)
  await assert.rejects(allowed('p1', 11, 11), /Quota exceeded for instances/)
})

test('without a quota one request still makes a thousand servers at most', async () => {
  await quotaSet(cloud.platform.store, 'compute', 'free', { instances: -1, cores: -1, ram: -1 })
  assert.equal(await allowed('free', 1, 1_000_000_000), 1000)
  await assert.rejects(allowed('free', 1001, 1001), /min_count must be <= 1000/)
})

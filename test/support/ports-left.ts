// Sets a project's quota so that it is nearly used up.
import assert from 'node:assert/strict'
import { quotaSet } from '../../src/platform/quota.ts'
import type { TestCloud } from './cloud.ts'

/** p1 may have so many more of a resource of the network. */
export async function resourceLeft(cloud: TestCloud, resource: string, left: number): Promise<void> {
  const answer = await cloud.request('GET', `/network/v2.0/quotas/p1/details.json`, { as: 'admin@p1' })
  assert.equal(answer.status, 200, answer.text)
  await quotaSet(cloud.systemContext(), 'network', 'p1', { [resource]: answer.body.quota[resource].used + left })
}

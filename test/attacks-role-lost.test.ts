// A user loses role, account and token while work that was accepted for them is under way: it goes on to its end, as upstream,
// and nothing new is accepted.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fakeHosts } from './support/cloud.ts'
import { inProject, startIdentityCloud } from './support/identity.ts'
import { settled } from './support/saga.ts'
import { defined } from '../src/platform/defined.ts'

test('F1 what was accepted goes on when its user loses the right to it, and nothing else does', async (t) => {
  const [host] = await fakeHosts(1)
  assert.ok(host)
  const [begun, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const create = host.volumes.create.bind(host.volumes)
  host.volumes.create = async (...args) => {
    begun.resolve()
    await released.promise
    return create(...args)
  }
  const cloud = await startIdentityCloud({ hosts: [host] })
  t.after(() => cloud.stop())
  const { userId, projectId } = await cloud.member('mortal')
  const token = await cloud.token({ id: userId }, inProject(projectId))
  const ask = (method: string, url: string, body?: unknown, as = token) =>
    cloud.request(method, `/volume/v3/${url}`, { as, ...defined({ body }) })
  const made = await ask('POST', 'volumes', { volume: { size: 1 } })
  assert.equal(made.status, 202, made.text)
  await begun.promise
  await cloud.does('DELETE', `/projects/${projectId}/users/${userId}/roles/${await cloud.role('member')}`)
  assert.equal((await ask('POST', 'volumes', { volume: { size: 1 } })).status, 401)
  await cloud.does('DELETE', `/users/${userId}`)
  released.resolve()
  await settled(cloud)
  const { volume } = (await ask('GET', `volumes/${made.body.volume.id}`, undefined, cloud.admin)).body
  assert.deepEqual([volume.status, volume.user_id, volume['os-vol-tenant-attr:tenant_id']], ['available', userId, projectId])
  assert.equal((await ask('GET', 'volumes/detail?all_tenants=1', undefined, cloud.admin)).body.volumes.length, 1)
})

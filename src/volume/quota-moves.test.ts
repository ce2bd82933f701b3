// Every call that moves usage asks every limit that it moves: what would go beyond is 413, and nothing has changed.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { fakeHosts, startTestCloud, type TestCloud } from '../../test/support/cloud.ts'
import { volumeClient } from '../../test/support/volumes.ts'
import { volumeExtendSaga } from './work/volume-extend.ts'

let cloud: TestCloud
before(async () => void (cloud = await startTestCloud({ hosts: await fakeHosts(1) })))
after(() => cloud.stop())
const { ask, act, volume, snapshot, show, type, limits, rest } = volumeClient(() => cloud)

const usage = async (project = 'p1') => (await ask('GET', `/os-quota-sets/${project}?usage=true`, { as: 'admin@p1' })).body.quota_set
const gone = async (...ids: string[]) => {
  for (const id of ids) assert.equal((await ask('DELETE', `/volumes/${id}?cascade=true`, { as: 'admin@p1' })).status, 202)
  await rest()
}
/** Holds one limit at `limit`, asks, and lifts it again. */
async function under(limit: Record<string, number>, project: string, body: () => Promise<void>): Promise<void> {
  await limits(limit, project)
  await body()
  await limits(Object.fromEntries(Object.keys(limit).map((name) => [name, -1])), project)
}

test('G19 a retype counts against every limit of the new type, snapshots included, and not against the general ones', async () => {
  const gold = await type('gold')
  const id = await volume({ size: 2 })
  await snapshot(id)
  for (const [name, limit] of [
    ['volumes_gold', 0],
    ['gigabytes_gold', 3],
    ['snapshots_gold', 0],
  ] as const) {
    await under({ [name]: limit }, 'p1', async () => {
      const refused = await act(id, { 'os-retype': { new_type: 'gold' } })
      assert.equal(refused.status, 413, `${name}: ${refused.text}`)
      assert.notEqual((await show(id)).volume_type_id, gold)
      assert.equal((await usage())[name].in_use, 0)
    })
  }
  await under({ volumes: 1, gigabytes: 4, snapshots: 1, volumes_gold: 1, gigabytes_gold: 4, snapshots_gold: 1 }, 'p1', async () => {
    assert.equal((await act(id, { 'os-retype': { new_type: 'gold' } })).status, 202)
  })
  const after_ = await usage()
  assert.deepEqual([after_.volumes_gold.in_use, after_.gigabytes_gold.in_use, after_.snapshots_gold.in_use], [1, 4, 1])
  assert.deepEqual([after_.volumes___DEFAULT__.in_use, after_.snapshots___DEFAULT__.in_use], [0, 0])
  assert.equal((await act(id, { 'os-retype': { new_type: 'gold' } })).status, 400)
  assert.equal((await act(id, { 'os-retype': { new_type: 'no-such' } })).status, 404)
  await gone(id)
})

test('G19 each limit holds in each call that adds to it', async () => {
  await type('silver')
  const silver = { volume_type: 'silver' }
  const [id, plain] = [await volume({ ...silver, size: 2 }), await volume({ size: 2 })]
  await snapshot(id)
  const groupType = (await ask('POST', '/group_types', { as: 'admin@p1', body: { group_type: { name: 'gt' } } })).body.group_type.id
  const types = [(await show(id)).volume_type_id]
  const group = (await ask('POST', '/groups', { body: { group: { group_type: groupType, volume_types: types } } })).body.group.id
  assert.equal((await ask('PUT', `/groups/${group}`, { body: { group: { add_volumes: id } } })).status, 202)
  const offer = async () => (await ask('POST', '/volume-transfers', { body: { transfer: { volume_id: other } } })).body.transfer
  const other = await volume({ ...silver, size: 2 })
  await snapshot(other)
  const calls: Record<string, { limits: Record<string, number>; project?: string; ask: () => ReturnType<typeof ask> }> = {
    create: {
      limits: { volumes: 3, gigabytes: 10, per_volume_gigabytes: 0, volumes_silver: 2, gigabytes_silver: 8 },
      ask: () => ask('POST', '/volumes', { body: { volume: { size: 1, ...silver } } }),
    },
    clone: {
      limits: { volumes: 3, gigabytes: 11, volumes_silver: 2, gigabytes_silver: 9 },
      ask: () => ask('POST', '/volumes', { body: { volume: { source_volid: id } } }),
    },
    extend: {
      limits: { gigabytes: 10, per_volume_gigabytes: 2, gigabytes_silver: 8 },
      ask: () => act(other, { 'os-extend': { new_size: 3 } }),
    },
    snapshot: {
      limits: { snapshots: 2, gigabytes: 11, snapshots_silver: 2, gigabytes_silver: 9 },
      ask: () => ask('POST', '/snapshots', { body: { snapshot: { volume_id: other } } }),
    },
    'group snapshot': {
      limits: { snapshots: 2, gigabytes: 11, snapshots_silver: 2, gigabytes_silver: 9 },
      ask: () => ask('POST', '/group_snapshots', { body: { group_snapshot: { group_id: group } } }),
    },
    group: {
      limits: { groups: 1 },
      ask: () => ask('POST', '/groups', { body: { group: { group_type: groupType, volume_types: types } } }),
    },
    'group from a group': {
      limits: { groups: 1, volumes: 3, gigabytes: 11, volumes_silver: 2, gigabytes_silver: 9 },
      ask: () => ask('POST', '/groups/action', { body: { 'create-from-src': { source_group_id: group } } }),
    },
    accept: {
      limits: {
        volumes: 0,
        gigabytes: 3,
        snapshots: 0,
        per_volume_gigabytes: 1,
        volumes_silver: 0,
        gigabytes_silver: 3,
        snapshots_silver: 0,
      },
      project: 'p2',
      async ask() {
        const { id: transfer, auth_key } = await offer()
        const answer = await ask('POST', `/volume-transfers/${transfer}/accept`, { as: 'member@p2', body: { accept: { auth_key } } })
        assert.equal((await ask('DELETE', `/volume-transfers/${transfer}`)).status, 202)
        return answer
      },
    },
  }
  for (const [call, { limits: each, project = 'p1', ask: calling }] of Object.entries(calls)) {
    for (const [name, limit] of Object.entries(each)) {
      const before_ = await usage(project)
      await under({ [name]: limit }, project, async () => {
        const answer = await calling()
        assert.equal(answer.status, 413, `${call} with ${name}=${limit}: ${answer.status} ${answer.text}`)
      })
      await rest()
      assert.deepEqual(await usage(project), { ...before_, [name]: { ...before_[name], limit: -1 } }, `${call} with ${name}=${limit}`)
    }
  }
  assert.equal(
    (await ask('POST', `/groups/${group}/action`, { body: { delete: { 'delete-volumes': true } } })).status,
    400,
    'its volumes have snapshots',
  )
  assert.equal((await ask('PUT', `/groups/${group}`, { body: { group: { remove_volumes: id } } })).status, 202)
  await gone(id, plain, other)
})

test('G19 extends that are under way count already, and are given back when they fail', async () => {
  const [first, second] = [await volume({ metadata: { 'fake:extend': 'no-space' } }), await volume()]
  await limits({ gigabytes: 10 })
  const [step] = volumeExtendSaga.steps
  const run = step?.run
  assert.ok(run)
  const held = Promise.withResolvers<void>()
  step.run = async (...args) => held.promise.then(() => run(...args))
  try {
    assert.equal((await act(first, { 'os-extend': { new_size: 8 } })).status, 202)
    assert.deepEqual((await usage()).gigabytes, { limit: 10, in_use: 2, reserved: 7 })
    assert.equal((await act(second, { 'os-extend': { new_size: 3 } })).status, 413)
    assert.equal((await ask('GET', '/limits')).body.limits.absolute.totalGigabytesUsed, 9)
    held.resolve()
    await rest()
  } finally {
    step.run = run
  }
  assert.equal((await show(first)).status, 'error_extending')
  assert.deepEqual((await usage()).gigabytes, { limit: 10, in_use: 2, reserved: 0 })
  assert.equal((await act(second, { 'os-extend': { new_size: 3 } })).status, 202)
  await rest()
  assert.deepEqual((await usage()).gigabytes, { limit: 10, in_use: 4, reserved: 0 })
  await gone(first, second)
})

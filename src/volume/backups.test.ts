import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { fakeHosts, startTestCloud, type TestCloud } from '../../test/support/cloud.ts'
import { volumeClient } from '../../test/support/volumes.ts'

let cloud: TestCloud
before(async () => void (cloud = await startTestCloud({ hosts: await fakeHosts(1) })))
after(() => cloud.stop())
const { ask, volume, snapshot, limits, rest } = volumeClient(() => cloud)

const nobody = '00000000-0000-4000-8000-000000000000'

test('first use 9 there are no backups, and none can be made: an empty list, 503, 404', async () => {
  for (const path of ['/backups', '/backups/detail']) {
    for (const query of ['', '?all_tenants=True', '?limit=1000&sort=created_at:desc', '?volume_id=x&status=error'])
      assert.deepEqual((await ask('GET', `${path}${query}`)).body, { backups: [] }, path + query)
    assert.deepEqual((await ask('GET', `${path}?with_count=1`)).body, { backups: [], count: 0 })
    assert.equal((await ask('GET', `${path}?nonsense=1`)).status, 400)
    assert.equal((await ask('GET', `${path}?marker=${nobody}`)).status, 404)
  }
  const [id, other] = [await volume(), await volume()]
  const of = await snapshot(id)
  const create = (backup: object, version = '3.70') => ask('POST', '/backups', { body: { backup }, version })
  for (const backup of [
    { volume_id: id },
    { volume_id: id, snapshot_id: of, name: 'n', description: null, container: null, force: true },
    { volume_id: id, metadata: { a: 'b' }, availability_zone: null },
  ]) {
    const answer = await create(backup)
    assert.equal(answer.status, 503, answer.text)
    assert.deepEqual(answer.body.serviceUnavailable, { code: 503, message: 'Service cinder-backup could not be found.' })
  }
  for (const [backup, status] of [
    [{ volume_id: nobody }, 404],
    [{ volume_id: id, snapshot_id: nobody }, 404],
    [{ volume_id: other, snapshot_id: of }, 400],
    [{ volume_id: id, incremental: true }, 400],
    [{ volume_id: 'x' }, 400],
    [{}, 400],
    [{ volume_id: id, nonsense: 1 }, 400],
  ] as const)
    assert.equal((await create(backup)).status, status, JSON.stringify(backup))
  assert.equal((await create({ volume_id: id, metadata: {} }, '3.42')).status, 400)
  await limits({ backups: 0 })
  assert.equal((await create({ volume_id: id })).status, 413)
  assert.equal(
    (
      await ask('POST', '/backups/import_record', {
        as: 'admin@p1',
        body: { 'backup-record': { backup_service: 'cinder.backup.drivers.swift', backup_url: 'x' } },
      })
    ).status,
    503,
  )
  for (const [method, path, body] of [
    ['GET', '', undefined],
    ['DELETE', '', undefined],
    ['PUT', '', { backup: { name: 'n' } }],
    ['GET', '/export_record', undefined],
    ['POST', '/restore', { restore: {} }],
    ['POST', '/action', { 'os-reset_status': { status: 'error' } }],
    ['POST', '/action', { 'os-force_delete': {} }],
  ] as const)
    assert.equal((await ask(method, `/backups/${nobody}${path}`, { as: 'admin@p1', body })).status, 404, `${method} ${path}`)
  const { extensions } = (await ask('GET', '/extensions')).body
  assert.equal(
    extensions.some(({ alias }: { alias: string }) => alias === 'backups'),
    false,
    'not announced',
  )
})

test('first use 9 bar 4 what project cleanup of the client calls takes snapshots and volumes away', async () => {
  const id = await volume({ name: 'cleanup' })
  await snapshot(id)
  assert.deepEqual((await ask('GET', '/backups/detail?sort_key=created_at&sort_dir=desc')).body.backups, [])
  for (const each of (await ask('GET', '/snapshots')).body.snapshots)
    assert.equal((await ask('DELETE', `/snapshots/${each.id}`)).status, 202)
  await rest()
  for (const each of (await ask('GET', '/volumes/detail')).body.volumes)
    assert.equal((await ask('DELETE', `/volumes/${each.id}`)).status, 202)
  await rest()
  assert.deepEqual((await ask('GET', '/volumes')).body.volumes, [])
  assert.deepEqual((await ask('GET', '/snapshots')).body.snapshots, [])
})

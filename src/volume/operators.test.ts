// What operators' tools call beside the daily calls: cleanup of workers, encryption specs, connections, completions.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { fakeHosts, startTestCloud, type TestCloud } from '../../test/support/cloud.ts'
import { volumeClient } from '../../test/support/volumes.ts'
import { snapshotRows } from './store/snapshots.ts'
import { volumeRows } from './store/volumes.ts'
import { until } from '../../test/support/until.ts'

let cloud: TestCloud
before(async () => {
  cloud = await startTestCloud({ hosts: await fakeHosts(1) })
  await until(async () => (await ask('GET', '/os-services', admin)).body.services.length >= 2)
})
after(() => cloud.stop())
const { ask, act, volume, snapshot, show, type } = volumeClient(() => cloud)
const admin = { as: 'admin@p1' }
const nobody = '00000000-0000-4000-8000-000000000000'

test('clients 16 workers/cleanup sets right what rests with nothing working on it, of the services that are asked', async () => {
  const [id, other] = [await volume(), await volume()]
  const of = await snapshot(other)
  const cleanup = (body: object, options = {}) => ask('POST', '/workers/cleanup', { ...admin, ...options, body })
  const break_ = async () => {
    await cloud.systemContext().transaction(async (tx) => {
      await volumeRows.update(tx.db, id, { status: 'extending' })
      await snapshotRows.update(tx.db, of, { status: 'creating' })
    })
  }
  await break_()
  assert.deepEqual((await cleanup({})).body, { cleaning: [], unavailable: [] }, 'only services that are down, unless told otherwise')
  const up = (await cleanup({ is_up: true, resource_type: 'volume' })).body
  assert.deepEqual(
    up.cleaning.map(({ host, binary, cluster_name }: any) => [host, binary, cluster_name]),
    [
      ['host1', 'cinder-scheduler', null],
      ['host1@fake', 'cinder-volume', null],
    ],
  )
  assert.deepEqual([(await show(id)).status, (await ask('GET', `/snapshots/${of}`)).body.snapshot.status], ['error', 'creating'])
  assert.equal((await cleanup({ is_up: 'yes', host: 'host1@fake', binary: 'cinder-volume', resource_id: of })).status, 202)
  assert.equal((await ask('GET', `/snapshots/${of}`)).body.snapshot.status, 'error')
  for (const body of [
    { resource_type: 'backup' },
    { resource_id: nobody },
    { binary: 'cinder-backup' },
    { nonsense: 1 },
    { resource_id: 'x' },
    { service_id: 'x' },
  ])
    assert.equal((await cleanup(body)).status, 400, JSON.stringify(body))
  assert.deepEqual((await cleanup({ is_up: true, cluster_name: 'c' })).body, { cleaning: [], unavailable: [] })
  assert.equal((await cleanup({}, { as: 'member@p1' })).status, 403)
  assert.equal((await cleanup({}, { version: '3.23' })).status, 404)
  assert.equal((await ask('POST', '/workers/cleanup', admin)).status, 400)
  assert.equal((await cleanup({ resource_type: 'constructor' })).status, 400)
})

test('clients 9 encryption specs may have no provider, and other keys are forgotten', async () => {
  const id = await type('encrypted')
  const made = await ask('POST', `/types/${id}/encryption`, {
    ...admin,
    body: { encryption: { provider: '', control_location: 'front-end', nonsense: 'x' } },
  })
  assert.equal(made.status, 200, made.text)
  const shown = (await ask('GET', `/types/${id}/encryption`, admin)).body
  assert.deepEqual([shown.provider, shown.control_location, 'nonsense' in shown], ['', 'front-end', false])
  const path = `/types/${id}/encryption/${shown.encryption_id}`
  assert.equal((await ask('PUT', path, { ...admin, body: { encryption: { cipher: 'aes', nonsense: 'y' } } })).status, 200)
  assert.equal((await ask('PUT', path, { ...admin, body: { encryption: {} } })).status, 400)
  const changed = (await ask('GET', `/types/${id}/encryption`, admin)).body
  assert.deepEqual([changed.cipher, 'nonsense' in changed], ['aes', false])
  assert.equal(
    (await ask('POST', `/types/${id}/encryption`, { ...admin, body: { encryption: { provider: 'luks', control_location: 'nowhere' } } }))
      .status,
    400,
  )
})

test('clients 4 access to a private type is given to what can be a project', async () => {
  const id = await type('shut', { 'os-volume-type-access:is_public': false })
  for (const project of ['a b', '', 'x/y', 'ä', ' '])
    for (const action of ['addProjectAccess', 'removeProjectAccess']) {
      assert.equal(
        (await ask('POST', `/types/${id}/action`, { ...admin, body: { [action]: { project } } })).status,
        400,
        `${action} ${project}`,
      )
    }
  assert.deepEqual((await ask('GET', `/types/${id}/os-volume-type-access`, admin)).body.volume_type_access, [])
})

test('clients 16 a connection is told of without the place of the file, and its end ends a reservation', async () => {
  const id = await volume()
  assert.equal((await act(id, { 'os-reserve': {} })).status, 202)
  const asked = await act(id, { 'os-initialize_connection': { connector: { host: 'h', enforce_multipath: true } } })
  assert.equal(asked.status, 200, asked.text)
  assert.deepEqual(asked.body, {
    connection_info: {
      driver_volume_type: 'file',
      data: { volume_id: id, access_mode: 'rw', encrypted: false, qos_specs: null, cacheable: false },
      enforce_multipath: true,
    },
  })
  assert.equal((await act(id, { 'os-initialize_connection': { connector: 'h' } })).status, 400)
  assert.equal((await act(id, { 'os-terminate_connection': { connector: {} } })).status, 202)
  assert.equal((await show(id)).status, 'available')
})

test('clients 16 an extension waits for nobody to complete it', async () => {
  const id = await volume()
  const complete = { 'os-extend_volume_completion': { error: false } }
  assert.equal((await act(id, complete)).status, 403)
  assert.equal((await act(id, complete, admin)).status, 400)
  await act(id, { 'os-reset_status': { status: 'extending' } }, admin)
  assert.match((await act(id, complete, admin)).text, /malformed or missing/)
  assert.equal((await act(id, complete, { ...admin, version: '3.70' })).status, 400)
})

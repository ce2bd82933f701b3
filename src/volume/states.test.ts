// States that clients may not bring about: of a guest's volume, of one that has grown, of one that never had a place.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { fakeHosts, startTestCloud, type TestCloud } from '../../test/support/cloud.ts'
import { volumeClient } from '../../test/support/volumes.ts'
import { attachmentCreate, attachmentComplete, attachmentDelete, attachmentBeginDetaching } from './attachments.ts'

let cloud: TestCloud
before(async () => void (cloud = await startTestCloud({ hosts: await fakeHosts(1) })))
after(() => cloud.stop())
const { ask, act, volume, snapshot, show, type, rest } = volumeClient(() => cloud)

const server = '11111111-1111-4111-8111-111111111111'

test('F30 no action of a client sets the state of a volume that a guest has, is getting or is giving back', async () => {
  await type('many', { extra_specs: { multiattach: '<is> True' } })
  const attach = { instance_uuid: server, mountpoint: '/dev/vdc' }
  const actions = {
    'os-begin_detaching': {},
    'os-roll_detaching': {},
    'os-reserve': {},
    'os-unreserve': {},
    'os-attach': attach,
    'os-detach': {},
    'os-force_detach': {},
    'os-terminate_connection': { connector: {} },
  }
  for (const volumeType of ['__DEFAULT__', 'many']) {
    const id = await volume({ volume_type: volumeType })
    const within = cloud.systemContext()
    const { row } = await within.transaction((tx) => attachmentCreate(tx, { volumeId: id, serverId: server, owned: true }))
    const stages = [
      async () => undefined,
      () => within.transaction((tx) => attachmentComplete(tx, row.id)),
      () => within.transaction((tx) => attachmentBeginDetaching(tx, row.id)),
    ]
    for (const stage of stages) {
      await stage()
      const before_ = await show(id)
      for (const [name, body] of Object.entries(actions)) {
        for (const as of ['member@p1', 'admin@p1']) {
          if (name === 'os-force_detach' && as === 'member@p1') continue
          const answer = await act(id, { [name]: body }, { as })
          assert.equal(answer.status, 409, `${name} of a ${before_.status} volume: ${answer.status} ${answer.text}`)
        }
      }
      assert.deepEqual(await show(id), before_)
    }
    await within.transaction((tx) => attachmentDelete(tx, row))
    assert.equal((await show(id)).status, 'available')
  }
})

test('F30 one writer stays one, whatever an admin sets the status to', async () => {
  const id = await volume()
  const within = cloud.systemContext()
  const { row } = await within.transaction((tx) => attachmentCreate(tx, { volumeId: id, serverId: server, owned: true }))
  await within.transaction((tx) => attachmentComplete(tx, row.id))
  assert.equal((await act(id, { 'os-reset_status': { status: 'available' } }, { as: 'admin@p1' })).status, 202)
  assert.equal((await ask('POST', '/attachments', { body: { attachment: { volume_uuid: id, instance_uuid: server } } })).status, 400)
  await within.transaction((tx) => attachmentDelete(tx, row))
})

test('clients 12 a revert is refused in Cinder’s way: after an extend, to what is not the newest, without a snapshot, in use', async () => {
  const id = await volume()
  const revert = (snapshot_id: string) => act(id, { revert: { snapshot_id } })
  const [nobody, first] = [await revert(server), await snapshot(id)]
  assert.equal(nobody.status, 400)
  assert.match(nobody.text, /doesn't have any snapshots/)
  assert.equal((await revert(first)).status, 202)
  await rest()
  const second = await snapshot(id)
  assert.equal((await revert(first)).status, 400)
  assert.equal((await revert(server)).status, 400)
  assert.equal((await act(id, { 'os-reset_status': { status: 'error' } }, { as: 'admin@p1' })).status, 202)
  assert.equal((await revert(second)).status, 409)
  assert.equal((await act(id, { 'os-reset_status': { status: 'available' } }, { as: 'admin@p1' })).status, 202)
  assert.equal((await act(id, { 'os-extend': { new_size: 2 } })).status, 202)
  await rest()
  const grown = await revert(second)
  assert.equal(grown.status, 400)
  assert.match(grown.text, /size must be equal/)
  assert.deepEqual([(await show(id)).status, (await show(id)).size], ['available', 2])
  assert.equal((await ask('GET', `/snapshots/${second}`)).body.snapshot.status, 'available')
})

test('clients 11 a volume that never found a host goes at once, and its type may follow in the next call', async () => {
  const id = await type('elsewhere', { extra_specs: { volume_backend_name: 'no-such' } })
  const [ofType, forced] = [await volume({ volume_type: 'elsewhere' }), await volume({ volume_type: 'elsewhere' })]
  assert.equal((await show(ofType)).status, 'error')
  assert.equal((await ask('DELETE', `/types/${id}`, { as: 'admin@p1' })).status, 400)
  assert.equal((await ask('DELETE', `/volumes/${ofType}`)).status, 202)
  assert.equal((await act(forced, { 'os-force_delete': {} }, { as: 'admin@p1' })).status, 202)
  assert.equal((await ask('GET', `/volumes/${ofType}`)).status, 404)
  assert.equal((await ask('DELETE', `/types/${id}`, { as: 'admin@p1' })).status, 202)
})

test('no volume is made of a type, or becomes one of a type, that promises encryption', async () => {
  const id = await type('secret')
  assert.equal(
    (
      await ask('POST', `/types/${id}/encryption`, {
        as: 'admin@p1',
        body: { encryption: { provider: 'luks', control_location: 'front-end' } },
      })
    ).status,
    200,
  )
  assert.equal((await ask('POST', '/volumes', { body: { volume: { size: 1, volume_type: 'secret' } } })).status, 400)
  assert.equal((await act(await volume(), { 'os-retype': { new_type: 'secret' } })).status, 400)
})

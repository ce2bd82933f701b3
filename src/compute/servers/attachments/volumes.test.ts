// Servers and volumes through the API: boot from a volume, an image of such a server and a server from that image,
// attachments that come and go, also while the server is shelved.
import assert from 'node:assert/strict'
import { after, before, test, type TestContext } from 'node:test'
import { testActor } from '../../../../test/support/cloud.ts'
import { settled } from '../../../../test/support/saga.ts'
import { startServerCloud, type ServerCloud } from '../../../../test/support/server-cloud.ts'
import { HostError } from '../../../contract/call.ts'
import { Context } from '../../../platform/context.ts'
import { volumeAccept, volumeCreateAccepted, volumeDeleteAccepted, volumesByIds } from '../../../volume/index.ts'
import { until } from '../../../../test/support/until.ts'

let the: ServerCloud
before(async () => void (the = await startServerCloud()))
after(() => the.stop())

const user = () => new Context(the.cloud.platform, { actor: testActor(['member'], 'p1'), requestId: 'req-test' })
const status = async (id: string) => (await volumesByIds(user(), [id])).get(id)?.status
async function volume(): Promise<string> {
  const { id } = await user().transaction(async (tx) => volumeCreateAccepted(tx, await volumeAccept(tx, { sizeGib: 1, name: 'v' })))
  await settled(the.cloud)
  return id
}
const url = (id: string) => `/compute/v2.1/servers/${id}/os-volume_attachments`
const rootVolume = (more = {}) => [
  {
    boot_index: 0,
    uuid: the.imageId,
    source_type: 'image',
    destination_type: 'volume',
    volume_size: 1,
    delete_on_termination: true,
    ...more,
  },
]

test('a server boots from a volume made of an image, and takes it along when it goes', async () => {
  const id = await the.boot({ imageRef: '', block_device_mapping_v2: rootVolume() })
  const server = await the.show(id)
  assert.equal(server.image, '')
  const [root] = server['os-extended-volumes:volumes_attached']
  assert.deepEqual([await status(root.id), root.delete_on_termination], ['in-use', true])
  const [attachment] = (await the.api('GET', url(id), { version: '2.89' })).volumeAttachments
  assert.deepEqual([attachment.device, attachment.volumeId, 'id' in attachment], ['/dev/vda', root.id, false])
  await the.api('DELETE', `${url(id)}/${root.id}`, { status: 400 })
  await the.act(id, { rescue: null }, { status: 400 })
  await the.drop(id)
  await settled(the.cloud)
  assert.equal(await status(root.id), undefined)
})

test('an image of a volume-backed server is a list of snapshots, which outlive it, and from which another boots', async () => {
  const id = await the.boot({ imageRef: '', block_device_mapping_v2: rootVolume() })
  const { image_id: imageId } = await the.act(id, { createImage: { name: 'copy' } }, { version: '2.45' })
  await the.until(id, 'ACTIVE')
  await settled(the.cloud)
  const image = await the.api('GET', `/image/v2/images/${imageId}`)
  assert.equal(image.status, 'active')
  const [mapping] = JSON.parse(image.block_device_mapping)
  assert.deepEqual([mapping.source_type, mapping.boot_index], ['snapshot', 0])
  const [root] = (await the.show(id))['os-extended-volumes:volumes_attached']
  await the.drop(id)
  await settled(the.cloud)
  assert.equal(await status(root.id), 'available')
  const copy = await the.boot({ imageRef: imageId })
  assert.equal((await the.show(copy))['os-extended-volumes:volumes_attached'].length, 1)
  await the.drop(copy)
  await the.api('DELETE', `/volume/v3/volumes/${root.id}?cascade=true`)
  await settled(the.cloud)
})

/** A server that waits for the second of its new volumes, while another has taken the first: what it began with, and how the second fails. */
async function loserOf(taker: string, t: TestContext): Promise<{ id: string; taken: string; fail(): void }> {
  const second = Promise.withResolvers<never>()
  const { create } = the.host.volumes
  let taken = ''
  t.mock.method(the.host.volumes, 'create', (...args: Parameters<typeof create>) =>
    (taken ||= args[0].volumeId) === args[0].volumeId ? create(...args) : second.promise,
  )
  const blank = { source_type: 'blank', destination_type: 'volume', volume_size: 1, delete_on_termination: true }
  const devices = [{ uuid: the.imageId, source_type: 'image', destination_type: 'local', boot_index: 0 }, blank, blank]
  const {
    server: { id },
  } = await the.api('POST', '/compute/v2.1/servers', { body: the.server({ block_device_mapping_v2: devices }) })
  await until(async () => (await status(taken)) === 'available')
  await the.api('POST', url(taker), { body: { volumeAttachment: { volumeId: taken } } })
  await until(async () => (await status(taken)) === 'in-use')
  return { id, taken, fail: () => second.reject(new HostError('bad_image', 'it is none')) }
}

const volumes = async (): Promise<string[]> => (await the.api('GET', '/volume/v3/volumes')).volumes.map((each: { id: string }) => each.id)

test('a volume that was made for a server whose build fails stays with who has taken it meanwhile', async (t) => {
  const [taker, before] = [await the.boot(), await volumes()]
  const { id, taken, fail } = await loserOf(taker, t)
  fail()
  await the.until(id, 'ERROR')
  await until(async () => (await volumes()).length === before.length + 1)
  await the.drop(id)
  assert.equal(await status(taken), 'in-use')
  await the.drop(taker)
  await volumeDeleteAccepted(user(), taken)
  await settled(the.cloud)
})

test('a server is gone though another has taken a volume that was to go with it', async (t) => {
  const [taker, before] = [await the.boot(), await volumes()]
  const { id, taken, fail } = await loserOf(taker, t)
  await the.drop(id)
  fail()
  await until(async () => (await volumes()).length === before.length + 1)
  assert.equal(await status(taken), 'in-use')
  await the.drop(taker)
  await volumeDeleteAccepted(user(), taken)
  await settled(the.cloud)
})

test('a volume is attached once, detached once, and each refusal says why', async () => {
  const [id, volumeId] = [await the.boot(), await volume()]
  const attach = (more = {}, status = 200) => the.api('POST', url(id), { body: { volumeAttachment: { volumeId, ...more } }, status })
  assert.equal((await attach()).volumeAttachment.device, '/dev/vdb')
  await settled(the.cloud)
  assert.equal(await status(volumeId), 'in-use')
  assert.match((await attach({}, 400)).badRequest.message, /^Invalid volume/)
  await attach({ volumeId: '00000000-0000-4000-8000-000000000000' }, 404)
  await attach({ volumeId: await volume(), device: '/dev/vdb' }, 409)
  await the.api('PUT', `${url(id)}/${volumeId}`, {
    body: { volumeAttachment: { volumeId, delete_on_termination: true } },
    version: '2.85',
    status: 202,
  })
  await the.api('PUT', `${url(id)}/${volumeId}`, {
    body: { volumeAttachment: { volumeId, device: '/dev/vdz' } },
    version: '2.85',
    status: 400,
  })
  await the.api('DELETE', `${url(id)}/${volumeId}`, { status: 202 })
  await settled(the.cloud)
  assert.equal(await status(volumeId), 'available')
  await the.api('DELETE', `${url(id)}/${volumeId}`, { status: 404 })
  await the.drop(id)
  await volumeDeleteAccepted(user(), volumeId)
})

test('an existing volume that is not bootable cannot be the root', async () => {
  const volumeId = await volume()
  const answer = await the.api('POST', '/compute/v2.1/servers', {
    body: the.server({
      imageRef: '',
      block_device_mapping_v2: [{ boot_index: 0, uuid: volumeId, source_type: 'volume', destination_type: 'volume' }],
    }),
    status: 400,
  })
  assert.equal(answer.badRequest.message, `Block Device ${volumeId} is not bootable.`)
  assert.equal(await status(volumeId), 'available')
  await volumeDeleteAccepted(user(), volumeId)
})

test('a volume stays with a shelved server, can join it there, and is back when it is', async () => {
  const [id, first, second] = [await the.boot(), await volume(), await volume()]
  await the.api('POST', url(id), { body: { volumeAttachment: { volumeId: first } } })
  await settled(the.cloud)
  await the.act(id, { shelve: null })
  await the.until(id, 'SHELVED_OFFLOADED')
  assert.notEqual(await status(first), 'available')
  await the.api('POST', url(id), { body: { volumeAttachment: { volumeId: second } }, status: 409 })
  await the.api('POST', url(id), { body: { volumeAttachment: { volumeId: second } }, version: '2.20' })
  assert.equal(await status(second), 'in-use')
  await the.act(id, { unshelve: null })
  await the.until(id, 'ACTIVE')
  await settled(the.cloud)
  assert.deepEqual([await status(first), await status(second)], ['in-use', 'in-use'])
  assert.equal((await the.api('GET', url(id))).volumeAttachments.length, 2)
  await the.drop(id)
  await settled(the.cloud)
  assert.deepEqual([await status(first), await status(second)], ['available', 'available'])
  for (const each of [first, second]) await volumeDeleteAccepted(user(), each)
})

test('a shelved server waits with its return until a volume is detached', async () => {
  const [id, volumeId] = [await the.boot(), await volume()]
  await the.api('POST', url(id), { body: { volumeAttachment: { volumeId } } })
  await settled(the.cloud)
  await the.act(id, { shelve: null })
  await the.until(id, 'SHELVED_OFFLOADED')
  await the.cloud.engine.stop()
  await the.api('DELETE', `${url(id)}/${volumeId}`, { version: '2.20', status: 202 })
  await the.act(id, { unshelve: null }, { status: 409 })
  await the.cloud.engine.start()
  await settled(the.cloud)
  assert.equal(await status(volumeId), 'available')
  await the.act(id, { unshelve: null })
  await the.until(id, 'ACTIVE')
  await the.drop(id)
  await volumeDeleteAccepted(user(), volumeId)
})

test('a volume that grows while servers have it is larger for their guests, the root disk too', async () => {
  const [id, volumeId] = [await the.boot({ imageRef: '', block_device_mapping_v2: rootVolume() }), await volume()]
  const [root] = (await the.show(id))['os-extended-volumes:volumes_attached']
  await the.api('POST', url(id), { body: { volumeAttachment: { volumeId } } })
  await settled(the.cloud)
  const extend = (of: string, size: number) =>
    the.cloud.request('POST', `/volume/v3/volumes/${of}/action`, {
      as: 'member@p1',
      body: { 'os-extend': { new_size: size } },
      headers: { 'openstack-api-version': 'volume 3.42' },
    })
  const seen = () => {
    const spec = the.host.guests.specOf(id)
    return [spec.root.kind === 'volume' ? spec.root.sizeGib : null, spec.volumes[0]?.sizeGib]
  }
  assert.deepEqual(seen(), [1, 1])
  for (const each of [root.id, volumeId]) assert.equal((await extend(each, 3)).status, 202)
  await settled(the.cloud)
  assert.deepEqual(seen(), [3, 3])
  const { instanceActions } = await the.api('GET', `/compute/v2.1/servers/${id}/os-instance-actions`)
  assert.deepEqual(
    instanceActions.slice(0, 2).map(({ action, message }: Record<string, unknown>) => [action, message]),
    [
      ['extend_volume', null],
      ['extend_volume', null],
    ],
  )
  await the.drop(id)
  await settled(the.cloud)
  await volumeDeleteAccepted(user(), volumeId)
})

test('of a volume that grows a server that is stopped learns when it starts; nothing else of it changes', async () => {
  const [id, volumeId] = [await the.boot(), await volume()]
  await the.api('POST', url(id), { body: { volumeAttachment: { volumeId } } })
  await settled(the.cloud)
  await the.act(id, { 'os-stop': null })
  await the.until(id, 'SHUTOFF')
  const answer = await the.cloud.request('POST', `/volume/v3/volumes/${volumeId}/action`, {
    as: 'member@p1',
    body: { 'os-extend': { new_size: 2 } },
    headers: { 'openstack-api-version': 'volume 3.42' },
  })
  assert.equal(answer.status, 202, answer.text)
  await settled(the.cloud)
  assert.equal((await the.show(id)).status, 'SHUTOFF')
  await the.act(id, { 'os-start': null })
  await the.until(id, 'ACTIVE')
  assert.equal(the.host.guests.specOf(id).volumes[0]?.sizeGib, 2)
  await the.drop(id)
  await settled(the.cloud)
  await volumeDeleteAccepted(user(), volumeId)
})

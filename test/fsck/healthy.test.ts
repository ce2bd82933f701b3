// fsck says nothing of a healthy cloud: neither at rest, with everything in use, nor in the midst of heavy work.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { fsck } from '../../src/platform/fsck/fsck.ts'
import { checks } from '../../src/server/domains.ts'
import { startServerCloud, type ServerCloud } from '../support/server-cloud.ts'
import { settled } from '../support/saga.ts'

let c: ServerCloud
before(async () => void (c = await startServerCloud()))
after(() => c.stop())

const differences = async () =>
  (await fsck(c.cloud.systemContext(), checks)).differences.map(
    ({ check, resourceType, resourceId, message }) => `${check}: ${resourceType} ${resourceId}: ${message}`,
  )

test('nothing of an empty cloud', async () => {
  await settled(c.cloud)
  assert.deepEqual(await differences(), [])
})

test('nothing of servers in every state that rests', async () => {
  const volume = async () => (await c.api('POST', '/volume/v3/volumes', { body: { volume: { size: 1 } } })).volume.id as string
  const [plain, stopped, paused, suspended, resized, shelved, rescued] = await Promise.all(Array.from({ length: 7 }, () => c.boot()))
  const backed = await c.boot({
    imageRef: '',
    block_device_mapping_v2: [
      { boot_index: 0, uuid: c.imageId, source_type: 'image', destination_type: 'volume', volume_size: 1, delete_on_termination: true },
    ],
  })
  const [attached, loose] = [await volume(), await volume()]
  await settled(c.cloud)
  await c.api('POST', `/compute/v2.1/servers/${plain}/os-volume_attachments`, { body: { volumeAttachment: { volumeId: attached } } })
  await c.api('POST', `/compute/v2.1/servers/${shelved}/os-volume_attachments`, { body: { volumeAttachment: { volumeId: loose } } })
  await c.api('POST', '/volume/v3/snapshots', { body: { snapshot: { volume_id: attached, force: true } } })
  await settled(c.cloud)
  await c.act(stopped as string, { 'os-stop': null })
  await c.act(paused as string, { pause: null })
  await c.act(suspended as string, { suspend: null })
  await c.act(resized as string, { resize: { flavorRef: c.bigFlavorId } })
  await c.act(shelved as string, { shelve: null })
  await c.act(rescued as string, { rescue: {} })
  await settled(c.cloud)
  const states = (await c.api('GET', '/compute/v2.1/servers/detail')).servers.map((server: { status: string }) => server.status)
  assert.deepEqual(states.sort(), ['ACTIVE', 'ACTIVE', 'PAUSED', 'RESCUE', 'SHELVED_OFFLOADED', 'SHUTOFF', 'SUSPENDED', 'VERIFY_RESIZE'])
  assert.deepEqual(await differences(), [])
  for (const id of [plain, stopped, paused, suspended, resized, shelved, rescued, backed]) await c.drop(id as string)
  for (const id of [attached, loose]) await c.api('DELETE', `/volume/v3/volumes/${id}?cascade=true`)
  await settled(c.cloud)
  assert.deepEqual(await differences(), [])
})

test('nothing while servers and volumes are made, changed and deleted all the time', async () => {
  let ended = false
  const life = async () => {
    const { server } = await c.api('POST', '/compute/v2.1/servers', { body: c.server({ metadata: { 'fake:spawn': 'slow:5-30' } }) })
    await c.until(server.id, 'ACTIVE')
    const { volume } = await c.api('POST', '/volume/v3/volumes', {
      body: { volume: { size: 1, metadata: { 'fake:connect': 'slow:1-10' } } },
    })
    while ((await c.api('GET', `/volume/v3/volumes/${volume.id}`)).volume.status === 'creating')
      await new Promise((resolve) => setImmediate(resolve))
    await c.api('POST', `/compute/v2.1/servers/${server.id}/os-volume_attachments`, { body: { volumeAttachment: { volumeId: volume.id } } })
    await c.act(server.id, { resize: { flavorRef: c.bigFlavorId } }).then(
      () => c.until(server.id, 'VERIFY_RESIZE'),
      () => undefined,
    )
    await c.drop(server.id)
    await c.api('DELETE', `/volume/v3/volumes/${volume.id}`)
  }
  const lives = Promise.all(
    Array.from({ length: 12 }, async () => {
      for (let turn = 0; turn < 4; turn++) await life()
    }),
  ).finally(() => void (ended = true))
  let looks = 0
  while (!ended) {
    assert.deepEqual(await differences(), [])
    looks++
  }
  await lives
  assert.ok(looks > 5, `fsck looked ${looks} times while work went on`)
  await settled(c.cloud)
  assert.deepEqual(await differences(), [])
})

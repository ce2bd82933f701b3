// Work on a server that can neither be done nor undone, because a host goes on refusing: what is left is the server's,
// nothing rests in transition, and a user can go on when the host does.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startServerCloud, type ServerCloud } from '../../../test/support/server-cloud.ts'
import { HostError } from '../../contract/call.ts'
import { itemsInState, type ItemRow } from '../../platform/work/items.ts'
import { until } from '../../../test/support/until.ts'

let the: ServerCloud
before(async () => void (the = await startServerCloud()))
after(() => the.stop())

const refuse = () => Promise.reject(new HostError('conflict', 'the driver refuses'))
const dead = () => itemsInState(the.cloud.platform.store, 'dead', 100)
const isDead = async (name: string, id?: string) =>
  (await dead()).some((item) => item.name === name && (id === undefined || item.resource_id === id))

/** Every next try comes at once, until the work is abandoned. */
const givenUp = (name: string, id?: string) =>
  until(async () => {
    await the.cloud.platform.store
      .as<{ work_items: ItemRow }>()
      .updateTable('work_items')
      .set({ run_at: 0 })
      .where('name', '=', name)
      .where('state', '=', 'ready')
      .execute()
    the.cloud.engine.wake()
    return isDead(name, id)
  })

/** The host refuses these calls until the work is abandoned. */
async function refused<Part extends object>(
  part: Part,
  methods: (keyof Part)[],
  { work, begin }: { work: string; begin: () => Promise<unknown> },
): Promise<void> {
  const real = Object.fromEntries(methods.map((method) => [method, part[method]]))
  for (const method of methods) Object.assign(part, { [method]: refuse })
  await begin()
  await givenUp(work)
  Object.assign(part, real)
}

async function volume(): Promise<{ volumeId: string; status: () => Promise<string> }> {
  const {
    volume: { id },
  } = await the.api('POST', '/volume/v3/volumes', { body: { volume: { size: 1 } } })
  const status = async () => (await the.api('GET', `/volume/v3/volumes/${id}`)).volume.status
  await until(async () => (await status()) === 'available')
  return { volumeId: id, status }
}

const attachments = (id: string) => `/compute/v2.1/servers/${id}/os-volume_attachments`

/** It is not under way for ever: it is in use, and a detachment works as soon as the host does. */
async function detaches(id: string, { volumeId, status }: Awaited<ReturnType<typeof volume>>): Promise<void> {
  await the.until(id, 'ACTIVE')
  const { instanceActions } = await the.api('GET', `/compute/v2.1/servers/${id}/os-instance-actions`)
  assert.ok(instanceActions.some(({ message }: { message: string | null }) => message === 'Error'))
  assert.equal(await status(), 'in-use')
  await the.api('DELETE', `${attachments(id)}/${volumeId}`)
  await until(async () => (await status()) === 'available')
  await the.until(id, 'ACTIVE')
  assert.deepEqual((await the.api('GET', attachments(id))).volumeAttachments, [])
  await the.drop(id)
}

test('a volume whose detachment cannot be undone is in use, and can be detached later', async () => {
  const [id, made] = [await the.boot(), await volume()]
  await the.api('POST', attachments(id), { body: { volumeAttachment: { volumeId: made.volumeId } } })
  await until(async () => (await made.status()) === 'in-use')
  await the.until(id, 'ACTIVE')
  await refused(the.host.volumes, ['connect', 'disconnect'], {
    work: 'server-detach-volume',
    begin: () => the.api('DELETE', `${attachments(id)}/${made.volumeId}`),
  })
  await detaches(id, made)
})

test('a volume whose attachment cannot be undone is in use, and can be detached later', async () => {
  const [id, made] = [await the.boot(), await volume()]
  const begin = () => the.api('POST', attachments(id), { body: { volumeAttachment: { volumeId: made.volumeId } } })
  await refused(the.host.guests, ['apply'], { work: 'server-attach-volume', begin })
  await detaches(id, made)
})

test("a port whose attachment cannot be undone is the server's, and can be detached later", async () => {
  const id = await the.boot()
  const interfaces = `/compute/v2.1/servers/${id}/os-interface`
  let portId = ''
  const begin = async () =>
    void (portId = (await the.api('POST', interfaces, { body: { interfaceAttachment: { net_id: the.networkId } } })).interfaceAttachment
      .port_id)
  await refused(the.host.guests, ['apply'], { work: 'server-attach-interface', begin })
  await the.until(id, 'ACTIVE')
  await the.api('DELETE', `${interfaces}/${portId}`)
  await until(async () => (await the.api('GET', interfaces)).interfaceAttachments.length === 1)
  await the.until(id, 'ACTIVE')
  await the.drop(id)
})

const bootFrom = (volumeId: string) =>
  the.server({
    imageRef: '',
    block_device_mapping_v2: [{ uuid: volumeId, source_type: 'volume', destination_type: 'volume', boot_index: 0 }],
  })

test('a server whose build cannot be undone holds its volume until it is deleted', async () => {
  const made = await volume()
  await the.cloud.request('POST', `/volume/v3/volumes/${made.volumeId}/action`, {
    as: 'member@p1',
    body: { 'os-set_bootable': { bootable: true } },
  })
  let id = ''
  const begin = async () => void (id = (await the.api('POST', '/compute/v2.1/servers', { body: bootFrom(made.volumeId) })).server.id)
  await refused(the.host.volumes, ['connect', 'disconnect'], { work: 'server-create', begin })
  await the.until(id, 'ERROR')
  assert.equal(await made.status(), 'in-use')
  await the.drop(id)
  await until(async () => (await made.status()) === 'available')
})

const blank = { source_type: 'blank', destination_type: 'volume', volume_size: 1, delete_on_termination: true }
const withVolumes = () =>
  the.server({
    block_device_mapping_v2: [{ uuid: the.imageId, source_type: 'image', destination_type: 'local', boot_index: 0 }, blank, blank],
  })
const volumes = async (): Promise<{ id: string; status: string; attachments: { server_id: string }[] }[]> =>
  (await the.api('GET', '/volume/v3/volumes/detail')).volumes

test('volumes that were made for a server whose build cannot be undone go at once, or with it when it holds them', async (t) => {
  const before = (await volumes()).length
  let letGo: string | null = null
  const disconnect = the.host.volumes.disconnect
  t.mock.method(the.host.volumes, 'connect', refuse)
  t.mock.method(the.host.volumes, 'disconnect', (...args: Parameters<typeof disconnect>) =>
    (letGo ??= args[0]) === args[0] ? disconnect(...args) : refuse(),
  )
  const {
    server: { id },
  } = await the.api('POST', '/compute/v2.1/servers', { body: withVolumes() })
  await givenUp('server-create', id)
  t.mock.restoreAll()
  await the.until(id, 'ERROR')
  await until(async () => (await volumes()).length === before + 1)
  const [held] = await volumes()
  assert.notEqual(held?.id, letGo)
  assert.deepEqual([held?.status, held?.attachments[0]?.server_id], ['in-use', id])
  await the.drop(id)
  await until(async () => (await volumes()).length === before)
})

test('a server whose return from the shelf cannot be undone is shelved on its host, and returns there', async () => {
  const [id, made] = [await the.boot(), await volume()]
  await the.api('POST', attachments(id), { body: { volumeAttachment: { volumeId: made.volumeId } } })
  await until(async () => (await made.status()) === 'in-use')
  await the.until(id, 'ACTIVE')
  await the.act(id, { shelve: null })
  await the.until(id, 'SHELVED_OFFLOADED')
  await refused(the.host.guests, ['apply', 'remove'], { work: 'server-unshelve', begin: () => the.act(id, { unshelve: null }) })
  await the.until(id, 'SHELVED')
  assert.equal(await made.status(), 'in-use')
  await the.act(id, { unshelve: null })
  await the.until(id, 'ACTIVE')
  assert.ok(!(await isDead('server-unshelve')), 'what was abandoned is not to be undone any more')
  assert.deepEqual(
    the.host.guests.specOf(id).volumes.map(({ volumeId }) => volumeId),
    [made.volumeId],
  )
  await the.drop(id)
  await until(async () => (await made.status()) === 'available')
})

test('a server whose resize cannot be undone has its old flavor', async () => {
  const id = await the.boot()
  const flavor = async () => (await the.show(id, '2.1')).flavor.id
  await refused(the.host.guests, ['apply'], { work: 'server-resize', begin: () => the.act(id, { resize: { flavorRef: the.bigFlavorId } }) })
  await the.until(id, 'ACTIVE')
  assert.equal(await flavor(), the.flavorId)
  await the.drop(id)
})

test('a server whose rescue cannot be undone is made from its own disk the next time', async () => {
  const id = await the.boot()
  await refused(the.host.guests, ['apply'], { work: 'server-rescue', begin: () => the.act(id, { rescue: {} }) })
  await the.until(id, 'ACTIVE')
  await the.act(id, { reboot: { type: 'HARD' } })
  await the.until(id, 'ACTIVE')
  assert.equal(the.host.guests.specOf(id).rescue, null)
  await the.drop(id)
})

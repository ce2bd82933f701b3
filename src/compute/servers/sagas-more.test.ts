// The sagas that take servers away, bring them back, and plug volumes: five ways.
import assert from 'node:assert/strict'
import { after, before } from 'node:test'
import { testSaga } from '../../../test/support/saga.ts'
import { startServerCloud, type ServerCloud } from '../../../test/support/server-cloud.ts'
import { volumeAccept, volumeCreateAccepted, volumeDeleteAccepted, volumesByIds } from '../../volume/index.ts'
import { Context } from '../../platform/context.ts'
import { testActor } from '../../../test/support/cloud.ts'
import { serverDeleteSaga } from './actions/delete.saga.ts'
import { serverDetachInterfaceSaga } from './attachments/interface.saga.ts'
import { serverPowerSaga, serverRebootSaga } from './actions/power.saga.ts'
import { serverExtendVolumeSaga } from './attachments/extend-volume.saga.ts'
import { serverRebuildSaga } from './actions/rebuild.saga.ts'
import { serverRevertSaga } from './actions/resize.saga.ts'
import { serverUnrescueSaga } from './actions/rescue.saga.ts'
import { serverOffloadSaga, serverShelveSaga } from './actions/shelve.saga.ts'
import { serverUnshelveSaga } from './actions/unshelve.saga.ts'
import { serverAttachVolumeSaga, serverDetachVolumeSaga } from './attachments/volume.saga.ts'
import { until } from '../../../test/support/until.ts'

let the: ServerCloud
before(async () => {
  the = await startServerCloud()
  await the.drop(await the.boot())
})
after(() => the.stop())
const cloud = () => the.cloud

interface Made {
  id: string
  volumeId?: string
}
const tidy = ({ id }: Made) => the.drop(id)
const booted = async (): Promise<Made> => ({ id: await the.boot() })
const power = async (id: string) => (await the.host.guests.observe(id)).power
const user = () => new Context(the.cloud.platform, { actor: testActor(['member'], 'p1'), requestId: 'req-test' })

testSaga<Made>({
  name: 'server-power (stop)',
  saga: serverPowerSaga,
  cloud,
  prepare: booted,
  tidy,
  start: ({ id }) => the.act(id, { 'os-stop': null }),
  async succeeded({ id }) {
    await the.until(id, 'SHUTOFF')
    assert.equal(await power(id), 'stopped')
  },
  // the host had done it before the work gave up: the observer finds that out
  unwound: async ({ id }) => void (await the.until(id, 'SHUTOFF')),
})

testSaga<Made>({
  name: 'server-power (pause)',
  saga: serverPowerSaga,
  cloud,
  prepare: booted,
  tidy,
  start: ({ id }) => the.act(id, { pause: null }),
  async succeeded({ id }) {
    await the.until(id, 'PAUSED')
    assert.equal(await power(id), 'paused')
  },
  // the host had done it before the work gave up: the guest goes on, as its server
  async unwound({ id }) {
    await the.until(id, 'ACTIVE')
    assert.equal(await power(id), 'running')
  },
})

testSaga<Made>({
  name: 'server-reboot',
  saga: serverRebootSaga,
  cloud,
  prepare: booted,
  tidy,
  start: ({ id }) => the.act(id, { reboot: { type: 'HARD' } }),
  succeeded: async ({ id }) => void (await the.until(id, 'ACTIVE')),
  unwound: async ({ id }) => void (await the.until(id, 'ACTIVE')),
})

testSaga<Made>({
  name: 'server-rebuild',
  saga: serverRebuildSaga,
  cloud,
  prepare: booted,
  tidy,
  passedOver: ['write the root volume'],
  start: ({ id }) => the.act(id, { rebuild: { imageRef: the.imageId } }),
  async succeeded({ id }) {
    await the.until(id, 'ACTIVE')
    assert.equal(await power(id), 'running')
  },
  async unwound({ id }) {
    assert.match((await the.until(id, 'ERROR')).fault.message, /sabotaged/)
  },
})

testSaga<Made>({
  name: 'server-revert-resize',
  saga: serverRevertSaga,
  cloud,
  tidy,
  async prepare() {
    const id = await the.boot()
    await the.act(id, { resize: { flavorRef: the.bigFlavorId } })
    await the.until(id, 'VERIFY_RESIZE')
    return { id }
  },
  start: ({ id }) => the.act(id, { revertResize: null }),
  async succeeded({ id }) {
    assert.equal((await the.until(id, 'ACTIVE')).flavor.ram, 64)
  },
  // the way back is not taken back: its move is over, and nothing is held for it any more
  async unwound({ id }) {
    assert.equal((await the.until(id, 'ERROR')).flavor.ram, 64)
    const { migrations } = await the.api('GET', `/compute/v2.1/os-migrations?instance_uuid=${id}`, { as: 'admin@p1', version: '2.59' })
    assert.deepEqual(
      migrations.map((migration: { status: string }) => migration.status),
      ['error'],
    )
  },
})

testSaga<Made>({
  name: 'server-unrescue',
  saga: serverUnrescueSaga,
  cloud,
  tidy,
  async prepare() {
    const id = await the.boot()
    await the.act(id, { rescue: null })
    await the.until(id, 'RESCUE')
    return { id }
  },
  start: ({ id }) => the.act(id, { unrescue: null }),
  async succeeded({ id }) {
    await the.until(id, 'ACTIVE')
    assert.equal(await power(id), 'running')
  },
  unwound: async ({ id }) => void (await the.until(id, 'ERROR')),
})

testSaga<Made>({
  name: 'server-shelve',
  saga: serverShelveSaga,
  cloud,
  prepare: booted,
  tidy,
  start: ({ id }) => the.act(id, { shelve: null }),
  async succeeded({ id }) {
    await the.until(id, 'SHELVED_OFFLOADED')
    assert.equal(await power(id), 'absent')
  },
  async unwound({ id }) {
    const server = await the.show(id)
    assert.deepEqual([server.status, server['OS-EXT-STS:task_state'], await power(id)], ['ACTIVE', null, 'running'])
  },
})

testSaga<Made>({
  name: 'server-shelve (of one that is suspended)',
  saga: serverShelveSaga,
  cloud,
  tidy,
  async prepare() {
    const id = await the.boot()
    await the.act(id, { suspend: null })
    await the.until(id, 'SUSPENDED')
    return { id }
  },
  start: ({ id }) => the.act(id, { shelve: null }),
  succeeded: async ({ id }) => void (await the.until(id, 'SHELVED_OFFLOADED')),
  // its memory went when it was stopped, and does not come back
  async unwound({ id }) {
    await the.until(id, 'SHUTOFF')
    assert.equal(await power(id), 'stopped')
  },
})

testSaga<Made>({
  name: 'server-shelve-offload',
  saga: serverOffloadSaga,
  cloud,
  prepare: booted,
  tidy,
  start: ({ id }) => the.act(id, { shelve: null }),
  succeeded: async ({ id }) => void (await the.until(id, 'SHELVED_OFFLOADED')),
  // the guest's disk may be gone, so the image must be there
  async unwound({ id }) {
    assert.equal((await the.show(id)).status, 'SHELVED')
    assert.equal((await the.show(id))['OS-EXT-STS:task_state'], null)
    await the.act(id, { unshelve: null })
    await the.until(id, 'ACTIVE')
    assert.equal(await power(id), 'running')
  },
})

testSaga<Made>({
  name: 'server-unshelve',
  saga: serverUnshelveSaga,
  cloud,
  tidy,
  passedOver: ['connect volumes'],
  async prepare() {
    const id = await the.boot()
    await the.act(id, { shelve: null })
    await the.until(id, 'SHELVED_OFFLOADED')
    return { id }
  },
  start: ({ id }) => the.act(id, { unshelve: null }),
  async succeeded({ id }) {
    await the.until(id, 'ACTIVE')
    assert.equal(await power(id), 'running')
  },
  async unwound({ id }) {
    const server = await the.show(id)
    assert.deepEqual([server.status, server['OS-EXT-STS:task_state'], await power(id)], ['SHELVED_OFFLOADED', null, 'absent'])
    await the.act(id, { unshelve: null })
    await the.until(id, 'ACTIVE')
  },
})

testSaga<Made>({
  name: 'server-delete',
  saga: serverDeleteSaga,
  cloud,
  prepare: booted,
  tidy,
  start: async ({ id }) => void (await the.api('DELETE', `/compute/v2.1/servers/${id}`)),
  succeeded: async ({ id }) => void (await the.api('GET', `/compute/v2.1/servers/${id}`, { status: 404 })),
  async unwound({ id }) {
    assert.match((await the.until(id, 'ERROR')).fault.message, /sabotaged/)
  },
})

testSaga<Made>({
  name: 'server-detach-interface',
  saga: serverDetachInterfaceSaga,
  cloud,
  prepare: booted,
  tidy,
  async start({ id }) {
    const [port] = (await the.api('GET', `/compute/v2.1/servers/${id}/os-interface`)).interfaceAttachments
    await the.api('DELETE', `/compute/v2.1/servers/${id}/os-interface/${port.port_id}`)
  },
  async succeeded({ id }) {
    assert.deepEqual((await the.until(id, 'ACTIVE')).addresses, {})
  },
  async unwound({ id }) {
    assert.equal((await the.until(id, 'ACTIVE')).addresses.net.length, 1)
    assert.equal((await the.host.guests.observe(id)).made?.portIds.length, 1)
  },
})

async function volume(): Promise<string> {
  const { id } = await user().transaction(async (tx) => volumeCreateAccepted(tx, await volumeAccept(tx, { sizeGib: 1, name: 'v' })))
  await until(async () => (await volumesByIds(user(), [id])).get(id)?.status === 'available')
  return id
}
const status = async (id = '') => (await volumesByIds(user(), [id])).get(id)?.status
const attachments = async (id: string) =>
  (await the.api('GET', `/compute/v2.1/servers/${id}/os-volume_attachments`)).volumeAttachments.length
const withVolume = { cloud, prepare: async (): Promise<Made> => ({ id: await the.boot(), volumeId: await volume() }) }
async function tidyVolume({ id, volumeId }: Made): Promise<void> {
  await the.drop(id)
  await volumeDeleteAccepted(user(), volumeId ?? '')
}

testSaga<Made>({
  name: 'server-attach-volume',
  saga: serverAttachVolumeSaga,
  ...withVolume,
  tidy: tidyVolume,
  start: async ({ id, volumeId }) =>
    void (await the.api('POST', `/compute/v2.1/servers/${id}/os-volume_attachments`, { body: { volumeAttachment: { volumeId } } })),
  async succeeded({ id, volumeId }) {
    assert.deepEqual([await attachments(id), await status(volumeId)], [1, 'in-use'])
  },
  async unwound({ id, volumeId }) {
    assert.deepEqual([await attachments(id), await status(volumeId)], [0, 'available'])
  },
})

testSaga<Made>({
  name: 'server-detach-volume',
  saga: serverDetachVolumeSaga,
  cloud,
  tidy: tidyVolume,
  async prepare() {
    const made = await withVolume.prepare()
    await the.api('POST', `/compute/v2.1/servers/${made.id}/os-volume_attachments`, {
      body: { volumeAttachment: { volumeId: made.volumeId } },
    })
    return made
  },
  start: async ({ id, volumeId }) => void (await the.api('DELETE', `/compute/v2.1/servers/${id}/os-volume_attachments/${volumeId}`)),
  async succeeded({ id, volumeId }) {
    assert.deepEqual([await attachments(id), await status(volumeId)], [0, 'available'])
  },
  async unwound({ id, volumeId }) {
    const left = await attachments(id)
    assert.ok(
      (left === 1 && (await status(volumeId)) === 'in-use') || (left === 0 && (await status(volumeId)) === 'available'),
      `${left} ${await status(volumeId)}`,
    )
  },
})

testSaga<Made>({
  name: 'server-extend-volume',
  saga: serverExtendVolumeSaga,
  cloud,
  tidy: tidyVolume,
  async prepare() {
    const made = await withVolume.prepare()
    await the.api('POST', `/compute/v2.1/servers/${made.id}/os-volume_attachments`, {
      body: { volumeAttachment: { volumeId: made.volumeId } },
    })
    return made
  },
  async start({ volumeId }) {
    const answer = await the.cloud.request('POST', `/volume/v3/volumes/${volumeId}/action`, {
      as: 'member@p1',
      body: { 'os-extend': { new_size: 2 } },
      headers: { 'openstack-api-version': 'volume 3.42' },
    })
    assert.equal(answer.status, 202, answer.text)
  },
  async succeeded({ id }) {
    assert.equal(the.host.guests.specOf(id).volumes[0]?.sizeGib, 2)
  },
  // the volume has grown whatever the guest hears of it, and the server goes on
  async unwound({ id, volumeId }) {
    const [action] = (await the.api('GET', `/compute/v2.1/servers/${id}/os-instance-actions`)).instanceActions
    assert.deepEqual(
      [action.action, action.message, (await the.show(id)).status, await status(volumeId)],
      ['extend_volume', 'Error', 'ACTIVE', 'in-use'],
    )
  },
})

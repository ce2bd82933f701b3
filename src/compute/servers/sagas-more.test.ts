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
const power = async (id: string) => (await the.host.guests.observe(id)).power
/** A server, after an action that brings it to a status. */
const booted =
  (action?: Record<string, unknown>, status = '') =>
  async (): Promise<Made> => {
    const id = await the.boot()
    if (action) await act(action)({ id })
    if (action) await the.until(id, status)
    return { id }
  }
const act =
  (action: Record<string, unknown>) =>
  ({ id }: Made) =>
    the.act(id, action)
/** The server's status, and what its guest does. */
const is =
  (status: string, guest?: string) =>
  async ({ id }: Made): Promise<void> => {
    await the.until(id, status)
    if (guest !== undefined) assert.equal(await power(id), guest)
  }
const isSabotaged = async ({ id }: Made) => assert.match((await the.until(id, 'ERROR')).fault.message, /sabotaged/)
const user = () => new Context(the.cloud.platform, { actor: testActor(['member'], 'p1'), requestId: 'req-test' })

testSaga<Made>({
  name: 'server-power (stop)',
  saga: serverPowerSaga,
  cloud,
  prepare: booted(),
  tidy,
  start: act({ 'os-stop': null }),
  succeeded: is('SHUTOFF', 'stopped'),
  // the host had done it before the work was abandoned: the observer finds that out
  unwound: is('SHUTOFF'),
})

testSaga<Made>({
  name: 'server-power (pause)',
  saga: serverPowerSaga,
  cloud,
  prepare: booted(),
  tidy,
  start: act({ pause: null }),
  succeeded: is('PAUSED', 'paused'),
  // the host had done it before the work was abandoned: the guest goes on, as its server
  unwound: is('ACTIVE', 'running'),
})

testSaga<Made>({
  name: 'server-reboot',
  saga: serverRebootSaga,
  cloud,
  prepare: booted(),
  tidy,
  start: act({ reboot: { type: 'HARD' } }),
  succeeded: is('ACTIVE'),
  unwound: is('ACTIVE'),
})

testSaga<Made>({
  name: 'server-rebuild',
  saga: serverRebuildSaga,
  cloud,
  prepare: booted(),
  tidy,
  passedOver: ['write the root volume'],
  start: ({ id }) => the.act(id, { rebuild: { imageRef: the.imageId } }),
  succeeded: is('ACTIVE', 'running'),
  unwound: isSabotaged,
})

testSaga<Made>({
  name: 'server-revert-resize',
  saga: serverRevertSaga,
  cloud,
  tidy,
  prepare: () => booted({ resize: { flavorRef: the.bigFlavorId } }, 'VERIFY_RESIZE')(),
  start: act({ revertResize: null }),
  async succeeded({ id }) {
    assert.equal((await the.until(id, 'ACTIVE')).flavor.ram, 64)
  },
  // the way back is not undone: its move is over, and nothing is held for it any more
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
  prepare: booted({ rescue: null }, 'RESCUE'),
  start: act({ unrescue: null }),
  succeeded: is('ACTIVE', 'running'),
  unwound: is('ERROR'),
})

testSaga<Made>({
  name: 'server-shelve',
  saga: serverShelveSaga,
  cloud,
  prepare: booted(),
  tidy,
  start: act({ shelve: null }),
  succeeded: is('SHELVED_OFFLOADED', 'absent'),
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
  prepare: booted({ suspend: null }, 'SUSPENDED'),
  start: act({ shelve: null }),
  succeeded: is('SHELVED_OFFLOADED'),
  // its memory went when it was stopped, and does not come back
  unwound: is('SHUTOFF', 'stopped'),
})

testSaga<Made>({
  name: 'server-shelve-offload',
  saga: serverOffloadSaga,
  cloud,
  prepare: booted(),
  tidy,
  start: act({ shelve: null }),
  succeeded: is('SHELVED_OFFLOADED'),
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
  prepare: booted({ shelve: null }, 'SHELVED_OFFLOADED'),
  start: act({ unshelve: null }),
  succeeded: is('ACTIVE', 'running'),
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
  prepare: booted(),
  tidy,
  start: async ({ id }) => void (await the.api('DELETE', `/compute/v2.1/servers/${id}`)),
  succeeded: async ({ id }) => void (await the.api('GET', `/compute/v2.1/servers/${id}`, { status: 404 })),
  unwound: isSabotaged,
})

testSaga<Made>({
  name: 'server-detach-interface',
  saga: serverDetachInterfaceSaga,
  cloud,
  prepare: booted(),
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
const withVolume = async (): Promise<Made> => ({ id: await the.boot(), volumeId: await volume() })
const attach = async ({ id, volumeId }: Made): Promise<void> =>
  void (await the.api('POST', `/compute/v2.1/servers/${id}/os-volume_attachments`, { body: { volumeAttachment: { volumeId } } }))
async function withVolumeAttached(): Promise<Made> {
  const made = await withVolume()
  await attach(made)
  return made
}
async function tidyVolume({ id, volumeId }: Made): Promise<void> {
  await the.drop(id)
  await volumeDeleteAccepted(user(), volumeId ?? '')
}

testSaga<Made>({
  name: 'server-attach-volume',
  saga: serverAttachVolumeSaga,
  cloud,
  tidy: tidyVolume,
  prepare: withVolume,
  start: attach,
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
  prepare: withVolumeAttached,
  start: async ({ id, volumeId }) => void (await the.api('DELETE', `/compute/v2.1/servers/${id}/os-volume_attachments/${volumeId}`)),
  async succeeded({ id, volumeId }) {
    assert.deepEqual([await attachments(id), await status(volumeId)], [0, 'available'])
  },
  // once the host has disconnected it, it is detached
  async unwound({ id, volumeId }, failing) {
    assert.deepEqual([await attachments(id), await status(volumeId)], failing === 'unplug' ? [1, 'in-use'] : [0, 'available'])
  },
})

testSaga<Made>({
  name: 'server-extend-volume',
  saga: serverExtendVolumeSaga,
  cloud,
  tidy: tidyVolume,
  prepare: withVolumeAttached,
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

// Every saga of a server, five ways.
import assert from 'node:assert/strict'
import { after, before } from 'node:test'
import { testSaga } from '../../../test/support/saga.ts'
import { startServerCloud, type ServerCloud } from '../../../test/support/server-cloud.ts'
import { serverCreateSaga } from './create/create.saga.ts'
import { serverImageSaga } from './actions/image.saga.ts'
import { serverAttachInterfaceSaga } from './attachments/interface.saga.ts'
import { serverResizeSaga } from './actions/resize.saga.ts'
import { serverRescueSaga } from './actions/rescue.saga.ts'

let the: ServerCloud
before(async () => {
  the = await startServerCloud()
  // the network's first port brings its DHCP port, which stays
  await the.drop(await the.boot())
})
after(() => the.stop())
const cloud = () => the.cloud

interface Made {
  id: string
  /** a port that the user made, and what it is to outlive */
  portId?: string
}

testSaga<Made>({
  name: 'server-create, with a volume to be made and a port of the user’s',
  saga: serverCreateSaga,
  cloud,
  async prepare() {
    const { port } = await the.api('POST', '/network/v2.0/ports', { body: { port: { network_id: the.networkId } } })
    return { id: '', portId: port.id }
  },
  async start(made) {
    const devices = [
      { boot_index: 0, uuid: the.imageId, source_type: 'image', destination_type: 'volume', volume_size: 1, delete_on_termination: true },
      { boot_index: -1, source_type: 'blank', destination_type: 'volume', volume_size: 1, delete_on_termination: true },
    ]
    const body = the.server({ imageRef: '', networks: [{ uuid: the.networkId }, { port: made.portId }], block_device_mapping_v2: devices })
    made.id = (await the.api('POST', '/compute/v2.1/servers', { body })).server.id
  },
  async succeeded({ id }) {
    const server = await the.until(id, 'ACTIVE')
    assert.equal(server.addresses.net.length, 2)
    assert.equal(server['os-extended-volumes:volumes_attached'].length, 2)
    const [guest] = await the.host.guests.list()
    assert.deepEqual([guest?.id, guest?.power], [id, 'running'])
  },
  async unwound({ id, portId }) {
    const server = await the.until(id, 'ERROR')
    assert.match(server.fault.message, /sabotaged/)
    assert.equal(server['OS-EXT-SRV-ATTR:host'], null)
    assert.deepEqual(await the.host.guests.list(), [])
    const { port } = await the.api('GET', `/network/v2.0/ports/${portId}`)
    assert.equal(port.device_id, '')
  },
  async tidy({ id, portId }) {
    await the.drop(id)
    await the.api('DELETE', `/network/v2.0/ports/${portId}`)
  },
})

const onServer = { cloud, prepare: async (): Promise<Made> => ({ id: await the.boot() }), tidy: ({ id }: Made) => the.drop(id) }

testSaga<Made>({
  name: 'server-resize',
  saga: serverResizeSaga,
  ...onServer,
  start: ({ id }) => the.act(id, { resize: { flavorRef: the.bigFlavorId } }),
  async succeeded({ id }) {
    assert.equal((await the.until(id, 'VERIFY_RESIZE')).flavor.ram, 128)
  },
  async unwound({ id }) {
    assert.equal((await the.until(id, 'ACTIVE')).flavor.ram, 64)
    assert.equal((await the.host.guests.observe(id)).power, 'running')
  },
})

testSaga<Made>({
  name: 'server-rescue',
  saga: serverRescueSaga,
  ...onServer,
  start: ({ id }) => the.act(id, { rescue: null }),
  async succeeded({ id }) {
    await the.until(id, 'RESCUE')
    assert.equal((await the.host.guests.observe(id)).power, 'running')
  },
  async unwound({ id }) {
    await the.until(id, 'ACTIVE')
    assert.equal((await the.host.guests.observe(id)).power, 'running')
  },
})

testSaga<Made & { imageId?: string }>({
  name: 'server-image',
  saga: serverImageSaga,
  ...onServer,
  passedOver: ['rotate'],
  async start(made) {
    made.imageId = (await the.act(made.id, { createImage: { name: 'copy' } }, { version: '2.45' })).image_id
  },
  async succeeded({ id, imageId }) {
    await the.until(id, 'ACTIVE')
    assert.equal((await the.api('GET', `/image/v2/images/${imageId}`)).status, 'active')
  },
  async unwound({ id, imageId }) {
    await the.until(id, 'ACTIVE')
    assert.equal((await the.cloud.request('GET', `/image/v2/images/${imageId}`, { as: 'member@p1' })).status, 404)
  },
  async tidy({ id, imageId }) {
    await the.drop(id)
    await the.cloud.request('DELETE', `/image/v2/images/${imageId}`, { as: 'member@p1' })
  },
})

testSaga<Made>({
  name: 'server-attach-interface',
  saga: serverAttachInterfaceSaga,
  ...onServer,
  start: async ({ id }) =>
    void (await the.api('POST', `/compute/v2.1/servers/${id}/os-interface`, { body: { interfaceAttachment: { net_id: the.networkId } } })),
  async succeeded({ id }) {
    assert.equal((await the.until(id, 'ACTIVE')).addresses.net.length, 2)
  },
  async unwound({ id }) {
    assert.equal((await the.until(id, 'ACTIVE')).addresses.net.length, 1)
  },
})

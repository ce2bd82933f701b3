// Whatever a request for a server names is looked up with its user's rights before it is accepted: what is another
// project's is "not found" then, and no work ever looks at it. What was accepted goes on without rights of its own.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { testActor } from '../../../test/support/cloud.ts'
import { settled } from '../../../test/support/saga.ts'
import { startServerCloud, type ServerCloud } from '../../../test/support/server-cloud.ts'
import { Context, workActor } from '../../platform/context.ts'
import { PermanentError, type WorkContext } from '../../platform/work/definition.ts'
import { devicesDelete, devicesInsert } from './store/parts.ts'
import { buildVolumes } from './create/steps/build-volumes.ts'

let the: ServerCloud
/** what belongs to p1 alone */
let theirs: { volume: string; snapshot: string; image: string; type: string; network: string; port: string; group: string }
before(async () => {
  the = await startServerCloud()
  const volume = (await made('POST', '/volume/v3/volumes', { volume: { size: 1, name: 'theirs', imageRef: the.imageId } })).volume.id
  await settled(the.cloud)
  const snapshot = (await made('POST', '/volume/v3/snapshots', { snapshot: { volume_id: volume } })).snapshot.id
  const image = (await made('POST', '/image/v2/images', { name: 'theirs', disk_format: 'raw', container_format: 'bare' })).id
  assert.equal(
    (
      await the.cloud.request('PUT', `/image/v2/images/${image}/file`, {
        as: 'member@p1',
        body: Buffer.alloc(512),
        headers: { 'content-type': 'application/octet-stream' },
      })
    ).status,
    204,
  )
  await made('POST', '/volume/v3/types', { volume_type: { name: 'theirs', 'os-volume-type-access:is_public': false } }, 'admin@p1')
  const network = (await made('POST', '/network/v2.0/networks', { network: { name: 'theirs' } })).network.id
  await made('POST', '/network/v2.0/subnets', { subnet: { network_id: network, cidr: '10.8.0.0/24', ip_version: 4 } })
  const port = (await made('POST', '/network/v2.0/ports', { port: { network_id: network } })).port.id
  const group = (await made('POST', '/network/v2.0/security-groups', { security_group: { name: 'theirs' } })).security_group.id
  await settled(the.cloud)
  theirs = { volume, snapshot, image, type: 'theirs', network, port, group }
})
after(() => the.stop())

async function made(method: string, url: string, body: unknown, as = 'member@p1'): Promise<any> {
  const answer = await the.cloud.request(method, url, { as, body, headers: { 'openstack-api-version': 'compute 2.79, volume 3.59' } })
  assert.ok(answer.status < 300, `${method} ${url}: ${answer.status} ${answer.text}`)
  return answer.body
}

const stranger = 'member@p2'
const boot = (more: Record<string, unknown>, { as = stranger, version = '2.90' } = {}) =>
  the.cloud.request('POST', '/compute/v2.1/servers', {
    as,
    body: { server: { name: 's', imageRef: the.imageId, flavorRef: the.flavorId, networks: 'none', ...more } },
    headers: { 'openstack-api-version': `compute ${version}` },
  })
const own = () => ({ source_type: 'image', uuid: the.imageId, destination_type: 'local', boot_index: 0 })
const disk = (more: Record<string, unknown>) => ({
  source_type: 'blank',
  destination_type: 'volume',
  volume_size: 1,
  boot_index: -1,
  delete_on_termination: true,
  ...more,
})
const root = (more: Record<string, unknown>) => ({ imageRef: '', block_device_mapping_v2: [disk({ boot_index: 0, ...more })] })

async function imageWith(properties: Record<string, string>): Promise<string> {
  const { id } = await made(
    'POST',
    '/image/v2/images',
    { name: 'i', disk_format: 'raw', container_format: 'bare', ...properties },
    stranger,
  )
  assert.equal(
    (
      await the.cloud.request('PUT', `/image/v2/images/${id}/file`, {
        as: stranger,
        body: Buffer.alloc(0),
        headers: { 'content-type': 'application/octet-stream' },
      })
    ).status,
    204,
  )
  return id
}

test('F1 another project’s ids in a request for a server are refused at the request, wherever they stand', async () => {
  const mapping = (device: Record<string, unknown>) => JSON.stringify([disk({ boot_index: 0, device_name: '/dev/vda', ...device })])
  const ofImage = async (device: Record<string, unknown>) => ({
    imageRef: await imageWith({ block_device_mapping: mapping(device), bdm_v2: 'true' }),
  })
  const attempts: [string, Record<string, unknown>][] = [
    ['snapshot', root({ source_type: 'snapshot', uuid: theirs.snapshot })],
    ['snapshot of a second disk', { block_device_mapping_v2: [own(), disk({ source_type: 'snapshot', uuid: theirs.snapshot })] }],
    ['snapshot in the old dialect', { imageRef: '', block_device_mapping: [{ snapshot_id: theirs.snapshot, device_name: 'vda' }] }],
    ['volume', root({ source_type: 'volume', uuid: theirs.volume })],
    [
      'volume in the old dialect',
      { block_device_mapping: [{ volume_id: theirs.volume, device_name: 'vdb', delete_on_termination: true }] },
    ],
    [
      'volume on a local disk',
      { block_device_mapping_v2: [own(), disk({ source_type: 'volume', uuid: theirs.volume, destination_type: 'local' })] },
    ],
    ['image', { imageRef: theirs.image }],
    ['image of the root', root({ source_type: 'image', uuid: theirs.image })],
    ['image of a second disk', { block_device_mapping_v2: [own(), disk({ source_type: 'image', uuid: theirs.image })] }],
    ['image on a local disk', { block_device_mapping_v2: [{ ...own(), uuid: theirs.image }] }],
    ['type', { block_device_mapping_v2: [own(), disk({ volume_type: theirs.type })] }],
    ['type of the root', root({ source_type: 'image', uuid: the.imageId, volume_type: theirs.type })],
    ['snapshot in an image', await ofImage({ source_type: 'snapshot', snapshot_id: theirs.snapshot })],
    ['snapshot in an image, as uuid', await ofImage({ source_type: 'snapshot', uuid: theirs.snapshot })],
    ['volume in an image', await ofImage({ source_type: 'volume', volume_id: theirs.volume })],
    ['image in an image', await ofImage({ source_type: 'image', image_id: theirs.image })],
    ['type in an image', await ofImage({ source_type: 'image', image_id: the.imageId, volume_type: theirs.type })],
    [
      'snapshot in an image of the old dialect',
      { imageRef: await imageWith({ block_device_mapping: JSON.stringify([{ snapshot_id: theirs.snapshot, device_name: 'vda' }]) }) },
    ],
    ['network', { networks: [{ uuid: theirs.network }] }],
    ['port', { networks: [{ port: theirs.port }] }],
    ['security group', { security_groups: [{ name: theirs.group }] }],
  ]
  for (const [what, more] of attempts) {
    const answer = await boot(more)
    assert.ok(answer.status === 400 || answer.status === 404, `${what}: ${answer.status} ${answer.text}`)
  }
  await settled(the.cloud)
  for (const url of ['/volume/v3/volumes', '/compute/v2.1/servers'])
    assert.deepEqual(Object.values((await the.cloud.request('GET', url, { as: stranger })).body)[0], [], url)
  assert.equal((await the.cloud.request('GET', `/volume/v3/volumes/${theirs.volume}`, { as: 'member@p1' })).body.volume.status, 'available')
})

test('F1 the owner may name all of it, and the build makes it', async () => {
  const device = disk({
    boot_index: 0,
    device_name: '/dev/vda',
    source_type: 'snapshot',
    snapshot_id: theirs.snapshot,
    volume_size: undefined,
  })
  const { id } = await made('POST', '/image/v2/images', {
    name: 'i',
    disk_format: 'raw',
    container_format: 'bare',
    block_device_mapping: JSON.stringify([device]),
    bdm_v2: 'true',
  })
  assert.equal(
    (
      await the.cloud.request('PUT', `/image/v2/images/${id}/file`, {
        as: 'member@p1',
        body: Buffer.alloc(0),
        headers: { 'content-type': 'application/octet-stream' },
      })
    ).status,
    204,
  )
  for (const more of [
    { imageRef: id },
    root({ source_type: 'snapshot', uuid: theirs.snapshot, volume_size: undefined }),
    root({ source_type: 'image', uuid: theirs.image }),
  ]) {
    const answer = await boot(more, { as: 'member@p1' })
    assert.equal(answer.status, 202, answer.text)
    await the.until(answer.body.server.id, 'ACTIVE')
    await the.drop(answer.body.server.id)
  }
})

test('F1 work carries a mark in place of roles, and asking the policy with it is a bug', () => {
  const actor = workActor(testActor(['admin'], 'p1'))
  const ctx = new Context(the.cloud.platform, { actor, requestId: 'req-work' })
  assert.deepEqual([actor.kind, actor.roles, actor.projectId], ['work', [], 'p1'])
  assert.throws(() => ctx.allows({}, 'context_is_admin'), /work asked the policy/)
  assert.throws(() => ctx.authorize(undefined, 'os_compute_api:servers:create'), /work asked the policy/)
  assert.throws(() => ctx.isAdmin, /work asked the policy/)
})

test('F1 a build that an earlier version accepted looks up nothing that its user named', async () => {
  const ctx = the.cloud.systemContext()
  const serverId = ctx.ids.uuid()
  await ctx.transaction((tx) =>
    devicesInsert(tx.db, [
      {
        id: ctx.ids.uuid(),
        server_id: serverId,
        position: 0,
        source_type: 'snapshot',
        destination_type: 'volume',
        source_id: theirs.snapshot,
        volume_id: null,
        volume_size: 1,
        volume_type: null,
        attachment_id: null,
        connection: null,
        boot_index: 0,
        device: null,
        guest_format: null,
        tag: null,
        delete_on_termination: true,
        state: 'attaching',
      },
    ]),
  )
  const [make] = buildVolumes
  const work = { ctx, itemId: 'old', attempt: 1, call: { fence: 1, requestId: ctx.requestId } } as WorkContext
  await assert.rejects(async () => make?.commit?.(work, { serverId, host: 'host1', hasVolumes: true }), PermanentError)
  await ctx.transaction((tx) => devicesDelete(tx.db, serverId))
})

test('F1 a backup’s rotation counts and deletes its own project’s images only', async () => {
  const id = await the.boot()
  const forged = await imageWith({ instance_uuid: id, image_type: 'backup', backup_type: 'daily' })
  for (const name of ['one', 'two', 'three']) {
    await the.act(id, { createBackup: { name, backup_type: 'daily', rotation: 2 } })
    await the.until(id, 'ACTIVE')
  }
  const { images } = await made('GET', '/image/v2/images?backup_type=daily', undefined)
  assert.deepEqual(images.map(({ name }: { name: string }) => name).sort(), ['three', 'two'])
  assert.equal((await the.cloud.request('GET', `/image/v2/images/${forged}`, { as: stranger })).status, 200)
  await the.drop(id)
})

test('G6 delete_on_termination is kept until the server is deleted, whatever failed', async () => {
  const volume = async () => {
    const { id } = (await made('POST', '/volume/v3/volumes', { volume: { size: 1, imageRef: the.imageId } })).volume
    await settled(the.cloud)
    return id as string
  }
  const state = async (id: string) => (await the.cloud.request('GET', `/volume/v3/volumes/${id}`, { as: 'member@p1' })).body.volume?.status
  const from = (uuid: string, more = {}) => root({ source_type: 'volume', uuid, volume_size: undefined, ...more })
  const failures: [string, Record<string, unknown>][] = [
    ['the guest', { metadata: { 'fake:spawn': 'error:bad_image:x' } }],
    [
      'no host',
      {
        flavorRef: (
          await made('POST', '/compute/v2.1/flavors', { flavor: { name: 'huge', ram: 99_999_999, vcpus: 1, disk: 1 } }, 'admin@p1')
        ).flavor.id,
      },
    ],
  ]
  for (const [what, more] of failures) {
    for (const doomed of [true, false]) {
      const id = await volume()
      const { server } = (await boot({ ...from(id, { delete_on_termination: doomed }), ...more }, { as: 'member@p1' })).body
      await the.until(server.id, 'ERROR')
      assert.equal(await state(id), 'available', what)
      await the.drop(server.id)
      await settled(the.cloud)
      assert.equal(await state(id), doomed ? undefined : 'available', `${what}, delete_on_termination ${doomed}`)
    }
  }
})

test('G7 all that a block device refers to and orders is checked before the server is accepted', async () => {
  const refused: [string, Record<string, unknown>, RegExp][] = [
    [
      'a type that is none',
      root({ source_type: 'image', uuid: the.imageId, volume_type: 'no-such' }),
      /Volume type no-such could not be found/,
    ],
    [
      'a blank disk’s type',
      { block_device_mapping_v2: [own(), disk({ volume_type: 'no-such' })] },
      /Volume type no-such could not be found/,
    ],
    [
      'a snapshot’s type',
      root({ source_type: 'snapshot', uuid: theirs.snapshot, volume_type: 'no-such' }),
      /Volume type no-such could not be found/,
    ],
    ['two first ones', { block_device_mapping_v2: [own(), disk({ boot_index: 0 })] }, /Boot sequence/],
    ['a gap', { block_device_mapping_v2: [own(), disk({ boot_index: 2 })] }, /Boot sequence/],
    ['no first one', { block_device_mapping_v2: [disk({})] }, /Boot sequence/],
    [
      'nothing to boot',
      { imageRef: '', block_device_mapping_v2: [disk({ boot_index: 0, destination_type: 'local', volume_size: undefined })] },
      /Boot sequence/,
    ],
    ['smaller than its snapshot', root({ source_type: 'image', uuid: the.imageId, volume_size: 0 }), /non-zero|0/],
    [
      'more local disks than Nova takes',
      { block_device_mapping_v2: [own(), ...[1, 2, 3].map(() => disk({ destination_type: 'local' }))] },
      /more local devices/,
    ],
    ['a snapshot that is none', root({ source_type: 'snapshot', uuid: the.networkId }), /failed to get snapshot/],
    ['an image that is none', root({ source_type: 'image', uuid: the.networkId }), /failed to get image/],
  ]
  for (const [what, more, reason] of refused) {
    const answer = await boot(more, { as: 'member@p1' })
    assert.equal(answer.status, 400, `${what}: ${answer.text}`)
    assert.match(answer.text, reason, what)
  }
})

test('G10 a volume from a snapshot without a size is as big as the snapshot', async () => {
  const first = await the.boot({
    imageRef: '',
    block_device_mapping_v2: [disk({ boot_index: 0, source_type: 'image', uuid: the.imageId, volume_size: 2 })],
  })
  const { image_id: imageId } = await the.act(first, { createImage: { name: 'of volumes' } }, { version: '2.45' })
  await the.until(first, 'ACTIVE')
  await settled(the.cloud)
  const answers = [
    await boot({ imageRef: imageId }, { as: 'member@p1' }),
    await boot({ imageRef: imageId, block_device_mapping_v2: [{ ...own(), uuid: imageId }] }, { as: 'member@p1' }),
    await boot(root({ source_type: 'snapshot', uuid: theirs.snapshot, volume_size: undefined }), { as: 'member@p1' }),
  ]
  for (const [at, answer] of answers.entries()) {
    assert.equal(answer.status, 202, answer.text)
    const server = await the.until(answer.body.server.id, 'ACTIVE')
    const [{ id }] = server['os-extended-volumes:volumes_attached']
    assert.equal((await the.cloud.request('GET', `/volume/v3/volumes/${id}`, { as: 'member@p1' })).body.volume.size, at === 2 ? 1 : 2)
    await the.drop(answer.body.server.id)
  }
  await the.drop(first)
})

test('clients 9 beside an image, a volume at boot_index 0 need not be bootable', async () => {
  const { id } = (await made('POST', '/volume/v3/volumes', { volume: { size: 1 } })).volume
  await settled(the.cloud)
  const answer = await boot(
    { block_device_mapping_v2: [disk({ boot_index: 0, source_type: 'volume', uuid: id, volume_size: undefined })] },
    { as: 'member@p1' },
  )
  assert.equal(answer.status, 202, answer.text)
  await the.until(answer.body.server.id, 'ACTIVE')
  assert.equal((await boot(root({ source_type: 'volume', uuid: id, volume_size: undefined }), { as: 'member@p1' })).status, 400)
  await the.drop(answer.body.server.id)
})

// The image list's query: words as Glance reads them, and every value that an image shows finds the image.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { settled } from '../../test/support/saga.ts'
import { startServerCloud, type ServerCloud } from '../../test/support/server-cloud.ts'
import type { ImageTables } from './store/tables.ts'

let the: ServerCloud
before(async () => void (the = await startServerCloud()))
after(() => the.stop())

const images = '/image/v2/images'
const ask = (query: string, as = 'member@p1') => the.cloud.request('GET', `${images}?${query}`, { as })
async function ids(query: string): Promise<string[]> {
  const { status, body, text } = await ask(query)
  assert.equal(status, 200, text)
  return body.images.map(({ id }: { id: string }) => id)
}

test('clients 7 an image is found by each value that it shows', async () => {
  const { id } = await the.api('POST', images, {
    body: {
      name: 'own, "quoted" name',
      disk_format: 'raw',
      container_format: 'bare',
      min_disk: 3,
      min_ram: 5,
      os_distro: 'x y',
      tags: ['a b'],
    },
  })
  // milliseconds that no answer shows
  await the.cloud
    .systemContext()
    .transaction((tx) =>
      tx.db
        .as<ImageTables>()
        .updateTable('images')
        .set({ created_at: '2026-03-01T10:00:00.900Z', updated_at: '2026-03-01T10:00:05.700Z' })
        .where('id', '=', id)
        .execute(),
    )
  const shown = await the.api('GET', `${images}/${id}`)
  assert.equal(shown.updated_at, '2026-03-01T10:00:05Z')
  for (const name of ['created_at', 'updated_at']) {
    const value = shown[name] as string
    for (const operator of ['', 'eq:', 'lte:', 'gte:'])
      assert.ok((await ids(`${name}=${operator}${value}`)).includes(id), `${name} ${operator}`)
    for (const operator of ['lt:', 'gt:', 'neq:'])
      assert.ok(!(await ids(`${name}=${operator}${value}`)).includes(id), `${name} ${operator}`)
    const offset = `${value.replace('T10', 'T12').replace('Z', '%2B02:00')}`
    assert.ok((await ids(`${name}=eq:${offset}`)).includes(id), 'the same moment in another zone')
    const between = value.replace('Z', '.500Z')
    assert.deepEqual(
      [
        (await ids(`${name}=lte:${between}`)).includes(id),
        (await ids(`${name}=gte:${between}`)).includes(id),
        (await ids(`${name}=${between}`)).includes(id),
      ],
      [true, false, false],
    )
  }
  for (const name of [
    'id',
    'name',
    'status',
    'visibility',
    'owner',
    'disk_format',
    'container_format',
    'min_disk',
    'min_ram',
    'os_distro',
  ]) {
    assert.ok((await ids(`${name}=${encodeURIComponent(String(shown[name]))}`)).includes(id), name)
  }
  for (const name of ['id', 'name', 'status', 'disk_format', 'container_format']) {
    const quoted = `"${String(shown[name]).replaceAll('"', '\\"')}"`
    assert.ok((await ids(`${name}=in:${encodeURIComponent(`nosuch,${quoted}`)}`)).includes(id), `${name} in`)
  }
  assert.ok((await ids('tag=a%20b')).includes(id))
  assert.ok((await ids('min_disk_min=3&min_disk_max=3')).includes(id))
})

test('clients 6 booleans and other words of the list, and what none of them is', async () => {
  const made = async (body: object) => (await the.api('POST', images, { body: { name: 'words', ...body } })).id as string
  const [hidden, kept, plain] = [await made({ os_hidden: true }), await made({ protected: true }), await made({})]
  const mine = async (query: string) => (await ids(`name=words&${query}`)).sort()
  for (const word of ['true', 'True', 'TRUE']) assert.deepEqual(await mine(`os_hidden=${word}`), [hidden])
  for (const word of ['false', 'False']) assert.deepEqual(await mine(`os_hidden=${word}`), [kept, plain].sort())
  assert.deepEqual([await mine('protected=true'), await mine('protected=false')], [[kept], [plain]])
  for (const query of [
    'os_hidden=yes',
    'os_hidden=1',
    'os_hidden=',
    'protected=True',
    'protected=1',
    'protected=',
    'visibility=Public',
    'member_status=Accepted',
    'changes-since=2020-01-01',
    'updated_at=lte:yesterday',
    'size_min=x',
    'name=gt:a',
    'name=in:"a',
    'sort=nosuch',
    'sort=name:up',
    'sort_dir=up',
    'limit=x',
    'limit=-1',
    'marker=nosuch',
  ]) {
    assert.equal((await ask(query)).status, 400, query)
  }
  for (const query of ['__proto__=x', 'constructor=x', 'toString=x', 'hasOwnProperty=x']) assert.deepEqual(await ids(query), [], query)
  // another project's image is no place to go on from
  const foreign = await the.api('POST', images, { as: 'member@p2', body: { name: 'theirs', visibility: 'private' } })
  assert.equal((await ask(`marker=${foreign.id}`)).status, 400)
})

test('clients 9 an image says of which type the volumes from it are, unless the request does', async () => {
  const types = '/volume/v3/types'
  const { volume_type: type } = await the.api('POST', types, { as: 'admin@p1', body: { volume_type: { name: 'from-image' } } })
  const { volume_type: closed } = await the.api('POST', types, {
    as: 'admin@p1',
    body: { volume_type: { name: 'closed', 'os-volume-type-access:is_public': false } },
  })
  const image = async (wanted: string) => {
    const { id } = await the.api('POST', images, {
      body: { name: 'i', disk_format: 'raw', container_format: 'bare', cinder_img_volume_type: wanted },
    })
    await the.cloud.request('PUT', `${images}/${id}/file`, {
      as: 'member@p1',
      body: Buffer.alloc(4096),
      headers: { 'content-type': 'application/octet-stream' },
    })
    return id as string
  }
  const create = async (more: object, status = 202) =>
    the.api('POST', '/volume/v3/volumes', { body: { volume: { size: 1, ...more } }, status })
  const typeOf = async (id: string) => (await the.api('GET', `/volume/v3/volumes/${id}`)).volume.volume_type
  for (const wanted of ['from-image', type.id]) {
    const imageRef = await image(wanted)
    assert.equal(await typeOf((await create({ imageRef })).volume.id), 'from-image')
    assert.equal(await typeOf((await create({ imageRef, volume_type: '__DEFAULT__' })).volume.id), '__DEFAULT__')
    const id = await the.boot({
      imageRef: '',
      block_device_mapping_v2: [
        { boot_index: 0, uuid: imageRef, source_type: 'image', destination_type: 'volume', volume_size: 1, delete_on_termination: true },
      ],
    })
    const [root] = (await the.show(id))['os-extended-volumes:volumes_attached']
    assert.equal(await typeOf(root.id), 'from-image')
    await the.drop(id)
  }
  // with the rights of who asks, at the request (F1)
  for (const wanted of ['nosuch', closed.id, 'closed']) {
    const imageRef = await image(wanted)
    await create({ imageRef }, 404)
    await the.api('POST', '/compute/v2.1/servers', {
      body: the.server({
        imageRef: '',
        block_device_mapping_v2: [{ boot_index: 0, uuid: imageRef, source_type: 'image', destination_type: 'volume', volume_size: 1 }],
      }),
      status: 400,
    })
  }
  await settled(the.cloud)
})

// What changed in compute from 2.94 to 2.104, each change seen in the first version that has it and absent in the one before.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startServerCloud, type ServerCloud } from '../../test/support/server-cloud.ts'

let the: ServerCloud
let id: string
before(async () => {
  the = await startServerCloud({ image: { hw_disk_bus: 'virtio', os_type: 'linux', own: 'word' } })
  id = (await the.api('POST', '/compute/v2.1/servers', { body: { ...the.server(), 'os:scheduler_hints': { colour: 'red' } } })).server.id
  await the.until(id, 'ACTIVE')
})
after(() => the.stop())

const at = (path: string) => `/compute/v2.1${path}`
const show = async (version: string) => (await the.api('GET', at(`/servers/${id}`), { version })).server

test('clients 16 the version document says 2.104, and every version up to it is negotiated', async () => {
  const { version } = await the.api('GET', '/compute/v2.1/')
  assert.equal(version.version, '2.104')
  await the.api('GET', at('/servers'), { version: '2.104' })
  await the.api('GET', at('/servers'), { version: '2.105', status: 406 })
})

test('clients 9 a host name may be fully qualified since 2.94, up to 255 characters', async () => {
  const fqdn = `www.${'a'.repeat(60)}.example.org`
  await the.api('POST', at('/servers'), { body: the.server({ hostname: fqdn }), version: '2.93', status: 400 })
  const { server } = await the.api('POST', at('/servers'), { body: the.server({ hostname: fqdn }), version: '2.94' })
  await the.until(server.id, 'ACTIVE')
  assert.equal((await the.show(server.id))['OS-EXT-SRV-ATTR:hostname'], fqdn)
  const changed = await the.api('PUT', at(`/servers/${server.id}`), { body: { server: { hostname: 'b.example.org' } }, version: '2.94' })
  assert.equal(changed.server['OS-EXT-SRV-ATTR:hostname'], 'b.example.org')
  await the.api('PUT', at(`/servers/${server.id}`), { body: { server: { hostname: 'a'.repeat(256) } }, version: '2.94', status: 400 })
  await the.act(server.id, { rebuild: { imageRef: the.imageId, hostname: 'c.example.org' } }, { version: '2.94', status: 202 })
  await the.until(server.id, 'ACTIVE')
  await the.drop(server.id)
})

test('clients 16 shares of a server are there since 2.97: none, and attaching one says why not', async () => {
  await the.api('GET', at(`/servers/${id}/shares`), { version: '2.96', status: 404 })
  assert.deepEqual(await the.api('GET', at(`/servers/${id}/shares`), { version: '2.97' }), { shares: [] })
  const share = { share: { share_id: '00000000-0000-4000-8000-000000000000' } }
  await the.api('POST', at(`/servers/${id}/shares`), { version: '2.97', body: share, status: 409 })
  await the.api('POST', at(`/servers/${id}/shares`), { version: '2.97', body: { share: { share_id: 'x' } }, status: 400 })
  await the.api('GET', at(`/servers/${id}/shares/${share.share.share_id}`), { version: '2.97', status: 404 })
  await the.api('GET', at(`/servers/${id}/shares`), { version: '2.97', as: 'member@p2', status: 404 })
})

test('clients 16 a server shows those of its image’s properties that compute knows since 2.98', async () => {
  assert.equal((await show('2.97')).image.properties, undefined)
  assert.deepEqual((await show('2.98')).image.properties, { hw_disk_bus: 'virtio', os_type: 'linux' })
})

test('clients 16 the console spice-direct can be asked for since 2.99, when there is one', async () => {
  const body = { remote_console: { protocol: 'spice', type: 'spice-direct' } }
  const old = await the.cloud.request('POST', at(`/servers/${id}/remote-consoles`), {
    as: 'member@p1',
    body,
    headers: { 'openstack-api-version': 'compute 2.98' },
  })
  assert.match(old.text, /Invalid input/)
  const now = await the.cloud.request('POST', at(`/servers/${id}/remote-consoles`), {
    as: 'member@p1',
    body,
    headers: { 'openstack-api-version': 'compute 2.99' },
  })
  assert.match(now.text, /Unavailable console type spice-direct/)
  await the.api('GET', at('/os-console-auth-tokens/x?odd=1'), { as: 'admin@p1', version: '2.99', status: 400 })
})

test('clients 16 a server shows its scheduler hints since 2.100, each as a list', async () => {
  assert.equal((await show('2.99')).scheduler_hints, undefined)
  assert.deepEqual((await show('2.100')).scheduler_hints, { colour: ['red'] })
  const listed = (await the.api('GET', at('/servers/detail'), { version: '2.100' })).servers
  assert.deepEqual(listed[0].scheduler_hints, { colour: ['red'] })
})

test('clients 16 attaching a volume answers 202 without a body since 2.101', async () => {
  const { volume } = await the.api('POST', '/volume/v3/volumes', { body: { volume: { size: 1 } } })
  for (let status = ''; status !== 'available';) status = (await the.api('GET', `/volume/v3/volumes/${volume.id}`)).volume.status
  const answer = await the.cloud.request('POST', at(`/servers/${id}/os-volume_attachments`), {
    as: 'member@p1',
    body: { volumeAttachment: { volumeId: volume.id } },
    headers: { 'openstack-api-version': 'compute 2.101' },
  })
  assert.deepEqual([answer.status, answer.text], [202, ''])
})

test('G24 naming another volume for an attachment is 409: nothing here is migrating', async () => {
  const { volumeAttachments } = await the.api('GET', at(`/servers/${id}/os-volume_attachments`))
  const { volume } = await the.api('POST', '/volume/v3/volumes', { body: { volume: { size: 1 } } })
  const swap = (volumeId: string, status: number, version: string) =>
    the.api('PUT', at(`/servers/${id}/os-volume_attachments/${volumeAttachments[0].volumeId}`), {
      as: 'admin@p1',
      version,
      body: { volumeAttachment: { volumeId } },
      status,
    })
  for (const version of ['2.1', '2.85', '2.104']) {
    await swap(volume.id, 409, version)
    await swap('00000000-0000-4000-8000-000000000000', 400, version)
  }
})

test('clients 16 flavors since 2.102: a name filter, no rxtx_factor and no disabled', async () => {
  const flavors = async (version: string, query: string) =>
    (await the.api('GET', at(`/flavors/detail${query}`), { version })).flavors as Record<string, unknown>[]
  assert.equal('rxtx_factor' in ((await flavors('2.101', ''))[0] ?? {}), true)
  const [only, ...others] = await flavors('2.102', '?name=^sma')
  assert.deepEqual([only?.['name'], others.length], ['small', 0])
  for (const gone of ['rxtx_factor', 'OS-FLV-DISABLED:disabled']) assert.equal(gone in (only ?? {}), false)
  await the.api('GET', at('/flavors?sort_key=rxtx_factor'), { version: '2.102', status: 400 })
  await the.api('POST', at('/flavors'), {
    as: 'admin@p1',
    version: '2.102',
    body: { flavor: { name: 'f', ram: 1, vcpus: 1, disk: 0, rxtx_factor: 2 } },
    status: 400,
  })
})

test('clients 16 no GET takes a parameter that it does not know since 2.102', async () => {
  const paths = [
    '/flavors',
    `/servers/${id}`,
    `/servers/${id}/metadata`,
    `/servers/${id}/ips`,
    `/servers/${id}/os-interface`,
    '/os-aggregates',
    '/extensions',
    '/os-availability-zone',
  ]
  for (const path of paths) {
    await the.api('GET', at(`${path}?odd=1`), { as: 'admin@p1', version: '2.102', status: 400 })
    await the.api('GET', at(`${path}?odd=1`), { as: 'admin@p1', version: '2.74' })
  }
})

test('clients 16 a server can be pinned to its zone and unpinned since 2.104', async () => {
  const pin = (zone: string | null, status: number, version = '2.104') =>
    the.api('PUT', at(`/servers/${id}`), { version, body: { server: { pinned_availability_zone: zone } }, status })
  await pin('nova', 400, '2.103')
  await pin('moon', 409)
  assert.equal((await pin('nova', 200)).server.pinned_availability_zone, 'nova')
  await pin('nova', 200)
  await pin('moon', 409)
  assert.equal((await pin(null, 200)).server.pinned_availability_zone, null)
})

test('clients 7 a server’s own times find it, whichever filter they are sent back in', async () => {
  const server = await show('2.96')
  const ids = async (query: string, as = 'admin@p1') =>
    (await the.api('GET', at(`/servers?all_tenants=1&${query}`), { as, version: '2.83' })).servers.map((one: { id: string }) => one.id)
  const [updated, created, launched] = [server.updated, server.created, server['OS-SRV-USG:launched_at']].map(encodeURIComponent)
  for (const query of [
    `changes-before=${updated}`,
    `changes-since=${updated}`,
    `changes-since=${updated}&changes-before=${updated}`,
    `created_at=${created}`,
    `launched_at=${launched}`,
  ]) {
    assert.ok((await ids(query)).includes(id), query)
  }
  const { instanceActions } = await the.api('GET', at(`/servers/${id}/os-instance-actions`), { version: '2.66' })
  const own = encodeURIComponent(instanceActions[0].updated_at)
  const again = await the.api('GET', at(`/servers/${id}/os-instance-actions?changes-since=${own}&changes-before=${own}`), {
    version: '2.66',
  })
  assert.ok(again.instanceActions.some((action: { request_id: string }) => action.request_id === instanceActions[0].request_id))
})

test('clients 7 a usage report shows the span that was asked for, to the microsecond', async () => {
  const { tenant_usages: usages } = await the.api(
    'GET',
    at('/os-simple-tenant-usage?start=2026-01-01T00:00:00.123456&end=2099-01-01T00:00:00'),
    { as: 'admin@p1' },
  )
  assert.equal(usages[0].start, '2026-01-01T00:00:00.123456')
})

test('clients 6 words of compute’s queries are read in every spelling, and a 400 when they are none', async () => {
  const status = async (path: string, version = '2.73') =>
    (await the.cloud.request('GET', at(path), { as: 'admin@p1', headers: { 'openstack-api-version': `compute ${version}` } })).status
  for (const yes of ['1', 'True', 'TRUE', 'yes', 'On', 't']) assert.equal(await status(`/servers?all_tenants=${yes}`), 200, yes)
  for (const word of ['none', 'None', 'NONE', 'false', 'off', 'Y']) assert.equal(await status(`/flavors?is_public=${word}`), 200, word)
  for (const path of ['/servers?all_tenants=perhaps', '/servers?locked=perhaps', '/flavors?is_public=perhaps'])
    assert.equal(await status(path), 400, path)
  const listed = async (word: string) => (await the.api('GET', at(`/flavors?is_public=${word}`), { as: 'admin@p1' })).flavors.length
  assert.equal(await listed('none'), await listed('None'))
})

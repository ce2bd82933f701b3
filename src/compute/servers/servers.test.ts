// Servers through the API: what is refused and how, what each microversion shows, lists, what guests do by themselves.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { delay, systemClock } from '../../platform/clock.ts'
import { startServerCloud, type ServerCloud } from '../../../test/support/server-cloud.ts'
import { settled } from '../../../test/support/saga.ts'

let the: ServerCloud
before(async () => void (the = await startServerCloud()))
after(() => the.stop())

const servers = '/compute/v2.1/servers'
const refused = async (body: object, { version, as }: { version?: string; as?: string } = {}) => {
  const answer = await the.cloud.request('POST', servers, {
    as: as ?? 'member@p1',
    body,
    ...(version ? { headers: { 'openstack-api-version': `compute ${version}` } } : {}),
  })
  assert.ok(answer.status >= 400, answer.text)
  return [answer.status, (Object.values(answer.body)[0] as { message: string }).message]
}

test('a request that cannot be met is refused in Nova’s words, and leaves nothing', async () => {
  const none = '00000000-0000-4000-8000-000000000000'
  const cases: [object, number, RegExp][] = [
    [the.server({ imageRef: none }), 400, /^Can not find requested image$/],
    [the.server({ flavorRef: 'nowhere' }), 400, /^Flavor nowhere could not be found\.$/],
    [the.server({ key_name: 'nobodys' }), 400, /^Invalid key_name provided\.$/],
    [the.server({ imageRef: '' }), 400, /^Missing imageRef attribute$/],
    [the.server({ networks: [{ uuid: none }] }), 400, new RegExp(`Network ${none} could not be found`)],
    [the.server({ networks: [{}] }), 400, /^Bad network format: missing 'uuid'$/],
    [the.server({ security_groups: [{ name: 'nothing' }] }), 400, /nothing/],
    [the.server({ availability_zone: 'moon' }), 400, /^The requested availability zone is not available$/],
    [the.server({ min_count: 3, max_count: 2 }), 400, /^min_count must be <= max_count$/],
    [the.server({ metadata: { '': 'x' } }), 400, /./],
    [the.server({ color: 'red' }), 400, /Additional properties are not allowed \('color' was unexpected\)/],
    [the.server({ user_data: '%%%' }), 400, /user_data/],
    [the.server({ name: ' ' }), 400, /name/],
    [
      the.server({
        imageRef: '',
        block_device_mapping_v2: [{ source_type: 'blank', destination_type: 'volume', volume_size: 1, boot_index: 1 }],
      }),
      400,
      /Boot sequence/,
    ],
    [
      the.server({ imageRef: '', block_device_mapping_v2: [{ source_type: 'volume', uuid: none, boot_index: 0 }] }),
      400,
      /failed to get volume/,
    ],
    [
      the.server({
        imageRef: '',
        block_device_mapping_v2: [{ source_type: 'image', uuid: the.imageId, destination_type: 'volume', boot_index: 0 }],
      }),
      400,
      /non-zero size/,
    ],
    [the.server({ availability_zone: 'nova:host1' }), 403, /create:forced_host/],
  ]
  for (const [body, status, message] of cases) {
    const [code, text] = await refused(body)
    assert.equal(code, status, `${JSON.stringify(body)}: ${text}`)
    assert.match(String(text), message)
  }
  assert.match(String((await refused(the.server({ tags: ['a'] })))[1]), /tags/)
  assert.match(String((await refused(the.server({ trusted_image_certificates: ['a'] }), { version: '2.63' }))[1]), /certificate/)
  assert.deepEqual((await the.api('GET', servers)).servers, [])
})

test('a request is for one’s own project: reader may not, nobody sees another’s', async () => {
  assert.equal((await refused(the.server(), { as: 'reader@p1' }))[0], 403)
  const id = await the.boot()
  await the.api('GET', `${servers}/${id}`, { as: 'member@p2', status: 404 })
  await the.api('DELETE', `${servers}/${id}`, { as: 'member@p2', status: 404 })
  await the.act(id, { 'os-stop': null }, { as: 'member@p2', status: 404 })
  await the.act(id, { 'os-stop': null }, { as: 'reader@p1', status: 403 })
  await the.api('GET', `${servers}?all_tenants=1`, { as: 'member@p2', status: 403 })
  assert.equal((await the.api('GET', `${servers}?all_tenants=1`, { as: 'admin@p2' })).servers.length, 1)
  await the.drop(id)
})

test('attack-20: what the scheduler says to itself cannot be said from outside', async () => {
  const body = {
    ...the.server(),
    'os:scheduler_hints': { _nova_check_type: ['rebuild'], same_host: '00000000-0000-4000-8000-000000000000' },
  }
  const { server } = await the.api('POST', servers, { body })
  const shown = await the.until(server.id, 'ERROR')
  assert.match(shown.fault.message, /No valid host/)
  await the.drop(server.id)
})

test('several servers of one request share a reservation and count on', async () => {
  const answer = await the.api('POST', servers, { body: the.server({ name: 'many', min_count: 2, return_reservation_id: true }) })
  assert.match(answer.reservation_id, /^r-/)
  const { servers: found } = await the.api('GET', `${servers}/detail?reservation_id=${answer.reservation_id}`)
  assert.deepEqual(found.map((server: { name: string }) => server.name).sort(), ['many-1', 'many-2'])
  for (const { id } of found) await the.until(id, 'ACTIVE')
  for (const { id } of found) await the.drop(id)
})

test('lists filter, sort and page', async () => {
  const ids = [await the.boot({ name: 'web-1' }), await the.boot({ name: 'web-2' }), await the.boot({ name: 'db-1' })]
  const names = async (query: string, version = '2.73') =>
    (await the.api('GET', `${servers}/detail?${query}`, { version })).servers.map((server: { name: string }) => server.name)
  assert.deepEqual(await names(''), ['db-1', 'web-2', 'web-1'])
  assert.deepEqual(await names('name=web'), ['web-2', 'web-1'])
  assert.deepEqual(await names(`name=${encodeURIComponent('^.*-1$')}&sort_key=display_name&sort_dir=asc`), ['db-1', 'web-1'])
  assert.deepEqual(await names('status=SHUTOFF'), [])
  assert.deepEqual(await names('flavor=nowhere'), [])
  assert.deepEqual(await names('limit=0'), [])
  const first = await the.api('GET', `${servers}?limit=2&sort_key=display_name&sort_dir=asc`)
  assert.deepEqual(
    first.servers.map((server: { name: string }) => server.name),
    ['db-1', 'web-1'],
  )
  assert.match(first.servers_links[0].href, new RegExp(`marker=${first.servers[1].id}`))
  assert.deepEqual(await names(`limit=2&sort_key=display_name&sort_dir=asc&marker=${first.servers[1].id}`), ['web-2'])
  const address = (await the.show(ids[0] ?? '')).addresses.net[0].addr
  assert.deepEqual(await names(`ip=${address}$`), ['web-1'])
  await the.api('PUT', `${servers}/${ids[0]}/tags`, { body: { tags: ['a', 'b'] }, version: '2.26' })
  await the.api('PUT', `${servers}/${ids[1]}/tags`, { body: { tags: ['b'] }, version: '2.26' })
  assert.deepEqual(await names('tags=a,b'), ['web-1'])
  assert.deepEqual(await names('tags-any=a,b'), ['web-2', 'web-1'])
  assert.deepEqual(await names('not-tags=a,b'), ['db-1', 'web-2'])
  assert.deepEqual(await names('not-tags-any=a,b'), ['db-1'])
  await the.act(ids[2] ?? '', { lock: null })
  assert.deepEqual(await names('locked=true'), ['db-1'])
  for (const [query, status] of [
    ['marker=nope', 400],
    ['status=BLUE', 400],
    ['changes-since=yesterday', 400],
    ['changes-since=2011/01/01', 400],
    ['changes-since=2011-01-01', 200],
    ['limit=-1', 400],
    ['name=(', 400],
    ['sort_key=host', 403],
    ['_x=1', 400],
  ] as const) {
    await the.api('GET', `${servers}?${query}`, { status, version: '2.38', ...(query === '_x=1' ? { as: 'admin@p1' } : {}) })
  }
  const since = new Date(systemClock.nowMs()).toISOString()
  await the.drop(ids[0] ?? '')
  const changed = (await the.api('GET', `${servers}/detail?changes-since=${since}`)).servers
  assert.deepEqual(
    changed.map((server: { name: string; status: string }) => [server.name, server.status]),
    [['web-1', 'DELETED']],
  )
  for (const id of ids.slice(1)) await the.drop(id)
})

test('what a server shows grows with the microversion', async () => {
  const id = await the.boot({ metadata: { a: 'b' } })
  const show = async (version: string, as = 'member@p1') => (await the.api('GET', `${servers}/${id}`, { version, as })).server
  const keys = async (version: string, as?: string) => new Set(Object.keys(await show(version, as)))
  const brought: [string, string][] = [
    ['2.9', 'locked'],
    ['2.19', 'description'],
    ['2.26', 'tags'],
    ['2.63', 'trusted_image_certificates'],
    ['2.71', 'server_groups'],
    ['2.73', 'locked_reason'],
    ['2.90', 'OS-EXT-SRV-ATTR:hostname'],
    ['2.96', 'pinned_availability_zone'],
  ]
  for (const [version, key] of brought) {
    const earlier = `2.${Number(version.slice(2)) - 1}`
    assert.ok((await keys(version)).has(key), `${key} at ${version}`)
    assert.ok(!(await keys(earlier)).has(key), `${key} at ${earlier}`)
  }
  assert.ok(!(await keys('2.15', 'admin@p1')).has('host_status'))
  assert.equal((await show('2.16', 'admin@p1')).host_status, 'UP')
  assert.ok((await show('2.46')).flavor.links)
  assert.equal((await show('2.47')).flavor.original_name, 'small')
  assert.ok(!(await keys('2.1')).has('OS-EXT-SRV-ATTR:host'))
  assert.deepEqual((await show('2.1')).metadata, { a: 'b' })
  const updated = (
    await the.api('PUT', `${servers}/${id}`, { body: { server: { accessIPv6: '0000:0000:0000:0000:0000:babe:220.12.22.2' } } })
  ).server
  assert.equal(updated.accessIPv6, '::babe:dc0c:1602')
  assert.ok(!('key_name' in updated) && !('OS-EXT-STS:vm_state' in updated))
  assert.ok('key_name' in (await the.api('PUT', `${servers}/${id}`, { body: { server: { name: 'x' } }, version: '2.75' })).server)
  await the.drop(id)
})

test('an action in the wrong state is 409 in Nova’s words; a lock stops its owner, not the admin', async () => {
  const id = await the.boot()
  const conflict = async (action: Record<string, unknown>) => (await the.act(id, action, { status: 409 })).conflictingRequest.message
  assert.equal(await conflict({ 'os-start': null }), `Cannot 'start' instance ${id} while it is in vm_state active`)
  assert.equal(await conflict({ unpause: null }), `Cannot 'unpause' instance ${id} while it is in vm_state active`)
  assert.equal(await conflict({ confirmResize: null }), `Cannot 'confirmResize' instance ${id} while it is in vm_state active`)
  assert.equal(await conflict({ restore: null }), `Cannot 'restore' instance ${id} while it is in vm_state active`)
  await the.act(id, { lock: null })
  assert.equal(await conflict({ 'os-stop': null }), `Instance ${id} is locked`)
  await the.act(id, { 'os-stop': null }, { as: 'admin@p1' })
  await the.until(id, 'SHUTOFF')
  await the.act(id, { unlock: null })
  await the.act(id, { dance: null }, { status: 400 })
  await the.drop(id)
})

test('moving a server with one host: accepted, refused in the timeline, and the server stays', async () => {
  const id = await the.boot()
  await the.act(id, { migrate: null }, { as: 'admin@p1' })
  const { instanceActions } = await the.api('GET', `${servers}/${id}/os-instance-actions`)
  assert.deepEqual([instanceActions[0].action, instanceActions[0].message], ['migrate', 'Error'])
  const live = { 'os-migrateLive': { host: null, block_migration: 'auto' } }
  assert.match((await the.act(id, live, { as: 'admin@p1', version: '2.25', status: 400 })).badRequest.message, /No valid host/)
  await the.act(id, live, { as: 'admin@p1', version: '2.34' })
  assert.match(
    (await the.act(id, { evacuate: {} }, { as: 'admin@p1', version: '2.68', status: 400 })).badRequest.message,
    /is still in use/,
  )
  await the.until(id, 'ACTIVE')
  await the.drop(id)
})

test('a build that the host refuses ends in ERROR with the host’s words, and its deletion is over when it is acknowledged', async () => {
  const { server } = await the.api('POST', servers, { body: the.server({ metadata: { 'fake:spawn': 'no-space:the disk is full' } }) })
  const shown = await the.until(server.id, 'ERROR')
  assert.equal(shown.fault.message, 'the disk is full')
  assert.equal((await the.act(server.id, { 'os-start': null }, { status: 409 })).conflictingRequest.code, 409)
  const url = `${servers}/${server.id}`
  await the.cloud.engine.stop()
  assert.equal((await the.cloud.request('DELETE', url, { as: 'member@p1' })).status, 204)
  assert.equal((await the.cloud.request('GET', url, { as: 'member@p1' })).status, 404)
  await the.cloud.engine.start()
})

test('a server that is deleted while its guest spawns leaves nothing', async () => {
  const { server } = await the.api('POST', servers, { body: the.server({ metadata: { 'fake:spawn': 'slow:300' } }) })
  await delay(systemClock, 60)
  assert.equal((await the.show(server.id)).status, 'BUILD')
  await the.drop(server.id)
  await settled(the.cloud)
  assert.deepEqual(await the.host.guests.list(), [])
  const { ports } = await the.api('GET', `/network/v2.0/ports?device_id=${server.id}`, { as: 'admin@p1' })
  assert.deepEqual(ports, [])
})

test('a guest that crashes, or is shut down from inside, takes its server along', async () => {
  const id = await the.boot()
  the.host.guests.crash(id)
  assert.equal((await the.until(id, 'SHUTOFF'))['OS-EXT-STS:power_state'], 4)
  await the.act(id, { 'os-start': null })
  await the.until(id, 'ACTIVE')
  the.host.guests.shutdownFromInside(id)
  await the.until(id, 'SHUTOFF')
  await the.drop(id)
})

test('attack-33: the console log is text; attack-32: a console’s token is kept as a hash only', async () => {
  const id = await the.boot()
  const { output } = await the.act(id, { 'os-getConsoleOutput': { length: 3 } })
  assert.equal(output.split('\n').length, 3)
  const { remote_console: console } = await the.api('POST', `${servers}/${id}/remote-consoles`, {
    body: { remote_console: { protocol: 'vnc', type: 'novnc' } },
    version: '2.6',
  })
  const token = /token%3D([0-9a-f-]+)/.exec(console.url)?.[1] ?? ''
  assert.notEqual(token, '')
  const rows = await the.cloud.platform.store
    .as<{ console_tokens: { token_hash: string } }>()
    .selectFrom('console_tokens')
    .selectAll()
    .execute()
  assert.ok(rows.length === 1 && !JSON.stringify(rows).includes(token))
  const found = await the.api('GET', `/compute/v2.1/os-console-auth-tokens/${token}`, { as: 'admin@p1', version: '2.31' })
  assert.equal(found.console.instance_uuid, id)
  const page = await the.cloud.request('GET', '/compute/console/vnc_auto.html?path=x')
  assert.deepEqual([page.status, /noVNC/.test(page.text)], [200, true])
  await the.drop(id)
})

test('names that JavaScript knows are names like any other', async () => {
  const { network } = await the.api('POST', '/network/v2.0/networks', { body: { network: { name: '__proto__' } } })
  await the.api('POST', '/network/v2.0/subnets', { body: { subnet: { network_id: network.id, cidr: '10.66.0.0/24', ip_version: 4 } } })
  const id = await the.boot({ networks: [{ uuid: network.id }], metadata: { constructor: 'x' } })
  assert.equal(Object.getOwnPropertyDescriptor((await the.show(id)).addresses, '__proto__')?.value.length, 1)
  await the.api('GET', `${servers}/${id}/ips/__proto__`)
  await the.api('GET', `${servers}/${id}/ips/constructor`, { status: 404 })
  assert.equal((await the.api('GET', `${servers}/${id}/metadata/constructor`)).meta.constructor, 'x')
  await the.api('GET', `${servers}/${id}/metadata/toString`, { status: 404 })
  await the.api('PUT', `${servers}/${id}/metadata/toString`, { body: { meta: { other: 'x' } }, status: 400 })
  await the.drop(id)
})

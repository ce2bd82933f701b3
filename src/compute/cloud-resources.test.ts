// Aggregates, zones, services, hypervisors, quotas, limits, server groups, usage: through the API, on fake hosts.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { identityBootstrap } from '../identity/index.ts'
import { fakeHosts, startTestCloud, type TestCloud } from '../../test/support/cloud.ts'
import { defined } from '../platform/defined.ts'

let cloud: TestCloud
before(async () => void (cloud = await startTestCloud({ hosts: await fakeHosts(2) })))
after(() => cloud.stop())

const call = (method: string, path: string, version = '2.1', body?: unknown, as = 'admin@p1') =>
  cloud.request(method, `/compute/v2.1${path}`, {
    as,
    headers: { 'openstack-api-version': `compute ${version}` },
    ...defined({ body }),
  })

test('an aggregate takes hosts, gives them a zone, and is deleted only when empty', async () => {
  const made = await call('POST', '/os-aggregates', '2.41', { aggregate: { name: 'a1', availability_zone: 'z1' } })
  assert.equal(made.status, 200)
  const { id, uuid } = made.body.aggregate
  assert.match(uuid, /^[0-9a-f-]{36}$/)
  assert.equal('hosts' in made.body.aggregate, false)
  const added = await call('POST', `/os-aggregates/${id}/action`, '2.1', { add_host: { host: 'host1' } })
  assert.deepEqual(
    [added.body.aggregate.hosts, added.body.aggregate.metadata, 'uuid' in added.body.aggregate],
    [['host1'], { availability_zone: 'z1' }, false],
  )
  assert.equal((await call('POST', `/os-aggregates/${id}/action`, '2.1', { add_host: { host: 'host1' } })).status, 409)
  assert.equal((await call('POST', `/os-aggregates/${id}/action`, '2.1', { add_host: { host: 'nobody' } })).status, 404)
  const other = (await call('POST', '/os-aggregates', '2.1', { aggregate: { name: 'a2', availability_zone: 'z2' } })).body.aggregate.id
  assert.equal((await call('POST', `/os-aggregates/${other}/action`, '2.1', { add_host: { host: 'host1' } })).status, 409)
  const zones = await call('GET', '/os-availability-zone', '2.1', undefined, 'reader@p2')
  assert.deepEqual(
    zones.body.availabilityZoneInfo.map((zone: any) => [zone.zoneName, zone.hosts]),
    [
      ['nova', null],
      ['z1', null],
    ],
  )
  const detail = await call('GET', '/os-availability-zone/detail')
  assert.deepEqual(Object.keys(detail.body.availabilityZoneInfo.find((zone: any) => zone.zoneName === 'z1').hosts), ['host1'])
  const placement = await call('GET', '/os-hypervisors', '2.53')
  assert.equal(placement.body.hypervisors.length, 2)
  assert.equal((await call('DELETE', `/os-aggregates/${id}`)).status, 400)
  assert.equal(
    (await call('POST', `/os-aggregates/${id}/action`, '2.1', { set_metadata: { metadata: { a: 'b', availability_zone: null } } })).body
      .aggregate.availability_zone,
    null,
  )
  assert.equal((await call('POST', `/os-aggregates/${id}/action`, '2.1', { remove_host: { host: 'host1' } })).status, 200)
  for (const each of [id, other]) assert.equal((await call('DELETE', `/os-aggregates/${each}`)).status, 200)
  assert.equal((await call('GET', `/os-aggregates/${id}`)).status, 404)
  assert.equal((await call('GET', '/os-aggregates/x')).status, 400)
  assert.equal((await call('GET', '/os-aggregates', '2.1', undefined, 'member@p1')).status, 403)
  const third = (await call('POST', '/os-aggregates', '2.1', { aggregate: { name: 'a3' } })).body.aggregate.id
  assert.ok(third > other, 'a number is never given twice')
})

test('a service is disabled with a reason, forced down, and enabled again', async () => {
  const body = { host: 'host2', binary: 'nova-compute' }
  assert.deepEqual((await call('PUT', '/os-services/disable-log-reason', '2.1', { ...body, disabled_reason: 'broken' })).body, {
    service: { ...body, status: 'disabled', disabled_reason: 'broken' },
  })
  const listed = (await call('GET', '/os-services?host=host2&binary=nova-compute', '2.53')).body.services[0]
  assert.deepEqual(
    [listed.status, listed.state, listed.disabled_reason, listed.zone, listed.forced_down],
    ['disabled', 'up', 'broken', 'nova', false],
  )
  assert.equal((await call('PUT', `/os-services/${listed.id}`, '2.53', { forced_down: true })).body.service.state, 'down')
  assert.equal((await call('PUT', `/os-services/${listed.id}`, '2.53', {})).status, 400)
  assert.equal((await call('PUT', `/os-services/${listed.id}`, '2.53', { status: 'enabled', disabled_reason: 'x' })).status, 400)
  const again = await call('PUT', `/os-services/${listed.id}`, '2.53', { status: 'enabled', forced_down: 'false' })
  assert.deepEqual([again.body.service.status, again.body.service.state, again.body.service.disabled_reason], ['enabled', 'up', null])
  assert.equal((await call('PUT', '/os-services/enable', '2.1', { host: 'nobody', binary: 'nova-compute' })).status, 404)
  assert.equal((await call('PUT', '/os-services/enable', '2.1', { host: 'host1', binary: 'nova-scheduler' })).status, 400)
  assert.equal((await call('PUT', '/os-services/force-down', '2.1', { ...body })).status, 404)
  assert.deepEqual(
    (await call('GET', '/os-services', '2.1')).body.services.map((service: any) => [service.binary, service.zone, service.id]),
    [
      ['nova-scheduler', 'internal', 1],
      ['nova-conductor', 'internal', 2],
      ['nova-compute', 'nova', 3],
      ['nova-compute', 'nova', 4],
    ],
  )
})

test('hypervisors show sizes until 2.87 and uptime since 2.88', async () => {
  const old = (await call('GET', '/os-hypervisors/detail', '2.1')).body.hypervisors[0]
  assert.deepEqual(Object.keys(JSON.parse(old.cpu_info)).sort(), ['arch', 'features', 'model', 'topology', 'vendor'])
  assert.deepEqual([old.id, old.vcpus, old.running_vms, old.service.host], [1, 256, 0, 'host1'])
  assert.equal((await call('GET', '/os-hypervisors/1', '2.1')).body.hypervisor.hypervisor_hostname, 'host1')
  assert.match((await call('GET', '/os-hypervisors/1/uptime', '2.1')).body.hypervisor.uptime, /up \d+ min/)
  const page = await call('GET', '/os-hypervisors?limit=1', '2.53')
  const next = new URL(page.body.hypervisors_links[0].href)
  assert.deepEqual(
    (await cloud.request('GET', next.pathname + next.search, { as: 'admin@p1', headers: { 'openstack-api-version': 'compute 2.53' } })).body
      .hypervisors[0].hypervisor_hostname,
    'host2',
  )
  const latest = (await call('GET', '/os-hypervisors/detail?with_servers=true&hypervisor_hostname_pattern=host2', '2.88')).body.hypervisors
  assert.deepEqual(Object.keys(latest[0]).sort(), [
    'host_ip',
    'hypervisor_hostname',
    'hypervisor_type',
    'hypervisor_version',
    'id',
    'servers',
    'service',
    'state',
    'status',
    'uptime',
  ])
  assert.equal((await call('GET', '/os-hypervisors/statistics', '2.1')).body.hypervisor_statistics.count, 2)
  assert.equal((await call('GET', '/os-hypervisors/statistics', '2.88')).status, 404)
  assert.equal((await call('GET', '/os-hypervisors/nothing/search', '2.1')).status, 404)
  assert.equal((await call('GET', '/os-hypervisors/99', '2.1')).status, 404)
  assert.equal((await call('GET', '/os-hypervisors?hypervisor_hostname_pattern=host&limit=1', '2.53')).status, 400)
  assert.equal((await call('GET', '/os-hosts/host1', '2.1')).body.host[0].resource.cpu, 256)
})

test('quotas: defaults, a project’s own, and none below what is used', async () => {
  const { demoProjectId: project } = await identityBootstrap(cloud.systemContext(), {
    adminPassword: 'secret-1',
    demoPassword: 'secret-2',
    services: [],
  })
  assert.equal((await call('GET', '/os-quota-sets/nobody')).status, 400)
  const shown = (await call('GET', `/os-quota-sets/${project}`, '2.1')).body.quota_set
  assert.deepEqual([shown.id, shown.instances, shown.floating_ips, shown.injected_files], [project, 10, -1, 5])
  const set = await call('PUT', `/os-quota-sets/${project}`, '2.57', { quota_set: { instances: '3', cores: -1 } })
  assert.deepEqual(Object.keys(set.body.quota_set).sort(), [
    'cores',
    'instances',
    'key_pairs',
    'metadata_items',
    'ram',
    'server_group_members',
    'server_groups',
  ])
  assert.deepEqual([set.body.quota_set.instances, set.body.quota_set.cores], [3, -1])
  assert.deepEqual((await call('GET', `/os-quota-sets/${project}/detail`, '2.57')).body.quota_set.instances, {
    limit: 3,
    in_use: 0,
    reserved: 0,
  })
  assert.equal((await call('PUT', `/os-quota-sets/${project}`, '2.57', { quota_set: { injected_files: 1 } })).status, 400)
  assert.equal((await call('PUT', `/os-quota-sets/${project}`, '2.1', { quota_set: { instances: -2 } })).status, 400)
  assert.equal((await call('DELETE', `/os-quota-sets/${project}`)).status, 202)
  assert.equal((await call('GET', `/os-quota-sets/${project}`, '2.1')).body.quota_set.instances, 10)
  assert.equal(
    (await call('PUT', '/os-quota-class-sets/default', '2.57', { quota_class_set: { instances: 11 } })).body.quota_class_set.instances,
    11,
  )
  assert.equal((await call('GET', `/os-quota-sets/${project}/defaults`, '2.1')).body.quota_set.instances, 11)
  assert.equal((await call('GET', `/os-quota-sets/${project}`, '2.1', undefined, 'member@other')).status, 403)
})

test('limits show what each microversion has', async () => {
  const old = (await call('GET', '/limits', '2.1', undefined, 'reader@p3')).body.limits
  assert.deepEqual(old.rate, [])
  assert.equal(old.absolute.maxTotalFloatingIps, -1)
  assert.equal(old.absolute.maxImageMeta, 128)
  assert.deepEqual(Object.keys((await call('GET', '/limits', '2.57', undefined, 'reader@p3')).body.limits.absolute).sort(), [
    'maxServerGroupMembers',
    'maxServerGroups',
    'maxServerMeta',
    'maxTotalCores',
    'maxTotalInstances',
    'maxTotalKeypairs',
    'maxTotalRAMSize',
    'totalCoresUsed',
    'totalInstancesUsed',
    'totalRAMUsed',
    'totalServerGroupsUsed',
  ])
  assert.equal((await call('GET', '/limits?tenant_id=p1', '2.1', undefined, 'reader@p3')).status, 403)
})

test('server groups have a list of policies, and one with rules since 2.64', async () => {
  const old = await call('POST', '/os-server-groups', '2.1', { server_group: { name: 'g', policies: ['affinity'] } }, 'member@p4')
  assert.deepEqual(old.body.server_group, { id: old.body.server_group.id, name: 'g', policies: ['affinity'], metadata: {}, members: [] })
  const made = await call(
    'POST',
    '/os-server-groups',
    '2.64',
    { server_group: { name: 'g', policy: 'anti-affinity', rules: { max_server_per_host: '2' } } },
    'member@p4',
  )
  assert.deepEqual([made.body.server_group.rules, made.body.server_group.project_id], [{ max_server_per_host: 2 }, 'p4'])
  for (const bad of [
    { policies: ['soft-affinity'] },
    { policies: ['affinity', 'anti-affinity'] },
    { policies: [] },
    { policy: 'affinity' },
  ]) {
    assert.equal(
      (await call('POST', '/os-server-groups', '2.1', { server_group: { name: 'g', ...bad } }, 'member@p4')).status,
      400,
      JSON.stringify(bad),
    )
  }
  assert.equal(
    (
      await call(
        'POST',
        '/os-server-groups',
        '2.64',
        { server_group: { name: 'g', policy: 'affinity', rules: { max_server_per_host: 2 } } },
        'member@p4',
      )
    ).status,
    400,
  )
  assert.equal((await call('GET', '/os-server-groups', '2.1', undefined, 'reader@p4')).body.server_groups.length, 2)
  assert.equal((await call('GET', '/os-server-groups?all_projects=1', '2.1', undefined, 'reader@p5')).body.server_groups.length, 0)
  assert.equal((await call('GET', '/os-server-groups?all_projects=1&limit=1', '2.1')).body.server_groups.length, 1)
  assert.equal((await call('GET', `/os-server-groups/${made.body.server_group.id}`, '2.1', undefined, 'reader@p5')).status, 403)
  assert.equal(
    (await call('POST', '/os-server-groups', '2.1', { server_group: { name: 'g', policies: ['affinity'] } }, 'reader@p4')).status,
    403,
  )
  assert.equal((await call('DELETE', `/os-server-groups/${made.body.server_group.id}`, '2.1', undefined, 'member@p4')).status, 204)
  assert.equal((await call('GET', `/os-server-groups/${made.body.server_group.id}`, '2.1', undefined, 'member@p4')).status, 404)
})

test('usage, audit log, migrations, external events and extensions answer in their forms', async () => {
  assert.deepEqual((await call('GET', '/os-simple-tenant-usage')).body, { tenant_usages: [] })
  assert.deepEqual((await call('GET', '/os-simple-tenant-usage/p1?start=2026-01-01T00:00:00&end=2026-01-02T00:00:00', '2.40')).body, {
    tenant_usage: {},
  })
  assert.equal((await call('GET', '/os-simple-tenant-usage?start=x')).status, 400)
  assert.equal((await call('GET', '/os-simple-tenant-usage', '2.1', undefined, 'member@p1')).status, 403)
  assert.deepEqual((await call('GET', '/os-instance_usage_audit_log')).body.instance_usage_audit_logs.hosts_not_run, ['host1', 'host2'])
  assert.equal((await call('GET', '/os-instance_usage_audit_log/nonsense')).status, 400)
  assert.deepEqual((await call('GET', '/os-migrations', '2.80')).body, { migrations: [] })
  const events = await call('POST', '/os-server-external-events', '2.1', {
    events: [{ name: 'network-changed', server_uuid: '11111111-1111-4111-8111-111111111111' }],
  })
  assert.deepEqual([events.status, events.body.events[0].code], [207, 404])
  assert.equal((await call('GET', '/extensions/os-keypairs')).body.extension.name, 'Keypairs')
  assert.equal((await call('GET', '/extensions/none')).status, 404)
})

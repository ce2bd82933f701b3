// The SQL of compute's global tables and of placement, the same on SQLite and PostgreSQL.
import assert from 'node:assert/strict'
import { fakeHosts, startTestCloud } from '../../test/support/cloud.ts'
import { forEachDialect } from '../../test/support/postgres.ts'
import { allocationsOf, allocationsRelease, allocationsTransfer, usagesByProvider } from '../placement/index.ts'
import { schedule } from './scheduling/scheduler.ts'
import { hostUses, serverCounts } from './servers/store/hosts.ts'
import { migrationInsert, migrationsPage } from './server-migrations/store.ts'
import { nextNumber } from './store/numbers.ts'
import { defined } from '../platform/defined.ts'

const at = '2026-11-22T20:00:00.000Z'

forEachDialect('hosts, placement, flavors and lists answer the same', async (store) => {
  const cloud = await startTestCloud({ store, hosts: await fakeHosts(2) })
  const call = (method: string, url: string, body?: unknown, version?: string) =>
    cloud.request(method, url, {
      as: 'admin@p1',
      ...(version ? { headers: { 'openstack-api-version': version } } : {}),
      ...defined({ body }),
    })
  try {
    const ctx = cloud.systemContext()
    const [first, second] = [ctx.ids.uuid(), ctx.ids.uuid()]
    const flavor = { vcpus: 2, ramMib: 512, rootGib: 1, ephemeralGib: 0, swapMib: 0, extraSpecs: {} }
    const request = {
      action: 'create',
      serverId: first,
      projectId: 'p1',
      userId: 'u1',
      flavor,
      image: null,
      bootFromVolume: false,
      availabilityZone: null,
    }
    assert.equal((await ctx.transaction((tx) => schedule(tx, request))).host, 'host1')
    assert.equal((await ctx.transaction((tx) => schedule(tx, { ...request, serverId: second }))).host, 'host2')
    await ctx.transaction((tx) => allocationsTransfer(tx, first, 'migration'))
    assert.deepEqual(Object.values(await allocationsOf(ctx, 'migration')), [{ VCPU: 2, MEMORY_MB: 512, DISK_GB: 1 }])
    assert.deepEqual([...(await usagesByProvider(ctx, 'VCPU')).values()], [2, 2])
    assert.deepEqual((await call('GET', '/placement/usages?project_id=p1', undefined, 'placement 1.38')).body.usages.INSTANCE.VCPU, 4)
    const candidates = await call(
      'GET',
      '/placement/allocation_candidates?resources=VCPU:1,MEMORY_MB:64&limit=5',
      undefined,
      'placement 1.39',
    )
    assert.equal(candidates.body.allocation_requests.length, 2)
    assert.equal(
      (await call('GET', '/placement/resource_providers?resources=VCPU:1&required=!CUSTOM_X', undefined, 'placement 1.39')).status,
      400,
    )
    await ctx.transaction((tx) => allocationsRelease(tx, 'migration'))
    assert.deepEqual(await allocationsOf(ctx, 'migration'), {})

    for (const id of ['b', 'a', 'c']) {
      const made = await call('POST', '/compute/v2.1/flavors', {
        flavor: { id, name: `f-${id}`, ram: 64, vcpus: 1, disk: 1, rxtx_factor: 1.5, 'os-flavor-access:is_public': id !== 'c' },
      })
      assert.equal(made.body.flavor.rxtx_factor, 1.5)
    }
    const names = async (query: string) => (await call('GET', `/compute/v2.1/flavors?${query}`)).body.flavors.map((each: any) => each.id)
    assert.deepEqual(
      [await names('is_public=none'), await names('sort_key=name&sort_dir=desc&limit=1'), await names('marker=a')],
      [['a', 'b', 'c'], ['b'], ['b']],
    )

    const { id } = (await call('POST', '/compute/v2.1/os-aggregates', { aggregate: { name: 'z', availability_zone: 'z' } })).body.aggregate
    assert.equal((await call('POST', `/compute/v2.1/os-aggregates/${id}/action`, { add_host: { host: 'host1' } })).status, 200)
    assert.equal((await call('POST', '/compute/v2.1/os-aggregates', { aggregate: { name: 'z' } })).status, 409)
    assert.equal((await call('GET', '/compute/v2.1/os-hypervisors/detail')).body.hypervisors[0].local_gb_used, 0)
    assert.deepEqual([(await hostUses(ctx.db)).size, (await serverCounts(ctx.db)).size], [0, 0])
    assert.deepEqual((await call('GET', '/compute/v2.1/os-simple-tenant-usage?start=2026-01-01T00:00:00')).body, { tenant_usages: [] })
    assert.equal(
      (await call('POST', '/compute/v2.1/os-server-groups', { server_group: { name: 'g', policies: ['affinity'] } })).status,
      200,
    )
    assert.equal((await call('GET', '/compute/v2.1/os-server-groups?limit=1&offset=0')).body.server_groups.length, 1)

    await ctx.transaction(async (tx) => {
      for (const n of [1, 2, 3]) {
        await migrationInsert(tx.db, {
          id: `m${n}`,
          server_id: 's',
          project_id: 'p',
          user_id: 'u',
          migration_type: 'resize',
          status: 'done',
          source_host: 'host1',
          source_node: 'host1',
          dest_host: 'host2',
          dest_node: 'host2',
          old_flavor_number: 1,
          new_flavor_number: 2,
          created_at: at,
          updated_at: at,
        })
      }
      assert.equal(await nextNumber(tx.db, 'migration'), 4)
    })
    const newest = await migrationsPage(ctx.db, { host: 'host2' }, { limit: 2, order: 'desc' })
    assert.deepEqual(
      newest.map((row) => row.number),
      [3, 2],
    )
    assert.deepEqual(
      (await migrationsPage(ctx.db, {}, { limit: 2, order: 'desc', after: newest[1] })).map((row) => row.number),
      [1],
    )
  } finally {
    await cloud.stop()
  }
})

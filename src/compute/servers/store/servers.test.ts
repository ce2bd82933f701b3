// SQL of servers on both databases: compare-and-set, usage, filters, every sort order paged without a gap.
import assert from 'node:assert/strict'
import { forEachDialect } from '../../../../test/support/postgres.ts'
import { migrate } from '../../../platform/store/migrate.ts'
import type { Store } from '../../../platform/store/store.ts'
import { servers as serversTables } from '../../store/migrations/0010-servers.ts'
import { columns } from '../../store/tables.ts'
import { serversPage, type ServerFilter, type ServerSort } from './list.ts'
import { devicesInsert, tagsInsert, tagsOf, volumesOfServers } from './parts.ts'
import { nextGeneration, serverChange, serverFetch, serverInsert, serversUsage, type ServerFlavor, type ServerRow } from './servers.ts'

const row = (number: number, more: Partial<ServerRow> = {}): ServerRow => ({
  id: `id-${number}`,
  project_id: 'p1',
  user_id: 'u',
  name: `server ${number}`,
  hostname: `server-${number}`,
  description: null,
  vm_state: 'active',
  task_state: null,
  power_state: 1,
  progress: 0,
  image_id: 'image',
  root_image_id: 'image',
  image_properties: {},
  flavor_id: 'f',
  flavor: {} as ServerFlavor,
  vcpus: 2,
  ram_mib: 64,
  host: null,
  node: null,
  availability_zone: null,
  pinned_az: null,
  key_name: null,
  key_data: null,
  user_data: null,
  personality: null,
  config_drive: false,
  disk_config: 'MANUAL',
  access_ip_v4: null,
  access_ip_v6: null,
  metadata: {},
  hints: {},
  group_id: null,
  locked_by: null,
  locked_reason: null,
  reservation_id: 'r',
  launch_index: 0,
  root_device: null,
  password: '',
  rescue_image_id: null,
  pending_image_id: null,
  shelved_image_id: null,
  before: null,
  fault: null,
  generation: 1,
  root_epoch: 1,
  created_at: `2026-01-01T00:00:0${number % 3}.000Z`,
  updated_at: '2026-01-01T00:00:00.000Z',
  launched_at: null,
  terminated_at: null,
  deleted: false,
  ...more,
})

async function filled(store: Store): Promise<void> {
  await migrate(store, [{ domain: 'compute', migrations: { '0010-servers': serversTables }, columns }])
  for (let number = 0; number < 9; number++)
    await serverInsert(
      store,
      row(number, { task_state: number % 2 === 0 ? null : 'pausing', host: number % 4 === 0 ? `host${number}` : null }),
    )
  await serverInsert(store, row(100, { deleted: true, vm_state: 'deleted' }))
  await serverInsert(store, row(101, { project_id: 'p2' }))
}

const filter = (more: Partial<ServerFilter> = {}): ServerFilter => ({
  deleted: false,
  equals: { project_id: 'p1' },
  contains: {},
  tags: { all: [], any: [], notAll: [], notAny: [] },
  ...more,
})
const byAge: ServerSort[] = [
  { column: 'created_at', direction: 'desc' },
  { column: 'id', direction: 'desc' },
]

forEachDialect('a server changes only when it is as expected', async (store) => {
  await filled(store)
  assert.equal(
    await serverChange(store, 'id-0', { vm_state: 'paused', ...nextGeneration }, { vm_state: 'active', task_state: null, generation: 1 }),
    true,
  )
  assert.deepEqual([(await serverFetch(store, 'id-0'))?.vm_state, (await serverFetch(store, 'id-0'))?.generation], ['paused', 2])
  assert.equal(await serverChange(store, 'id-0', { vm_state: 'stopped' }, { generation: 1 }), false)
  assert.equal(await serverChange(store, 'id-1', { vm_state: 'stopped' }, { task_state: null }), false)
  assert.equal(await serverChange(store, 'id-100', { name: 'x' }), false, 'a deleted server does not change')
  assert.deepEqual(await serversUsage(store, { projectId: 'p1' }), { instances: 9, cores: 18, ram: 576 })
  assert.deepEqual(await serversUsage(store, { projectId: 'p3' }), { instances: 0, cores: 0, ram: 0 })
})

forEachDialect('pages hold every server once, in any order, also by columns that may be null', async (store) => {
  await filled(store)
  const orders: ServerSort[][] = [
    byAge,
    [
      { column: 'host', direction: 'asc' },
      { column: 'id', direction: 'asc' },
    ],
    [
      { column: 'task_state', direction: 'desc' },
      { column: 'created_at', direction: 'asc' },
      { column: 'id', direction: 'asc' },
    ],
    [
      { column: 'name', direction: 'asc' },
      { column: 'created_at', direction: 'desc' },
      { column: 'id', direction: 'desc' },
    ],
  ]
  for (const sorts of orders) {
    const whole = await serversPage(store, filter(), { sorts, limit: 100 })
    const paged: string[] = []
    for (let after: (typeof whole)[number] | undefined; ;) {
      const page = await serversPage(store, filter(), { sorts, limit: 2, after })
      paged.push(...page.map(({ id }) => id))
      after = page.at(-1)
      if (page.length < 2) break
    }
    assert.deepEqual(
      paged,
      whole.map(({ id }) => id),
    )
    assert.equal(new Set(paged).size, 9)
  }
})

forEachDialect('filters', async (store) => {
  await filled(store)
  await tagsInsert(store, 'id-1', ['a', 'b'])
  await tagsInsert(store, 'id-2', ['b'])
  await tagsInsert(store, 'id-2', ['b'])
  const ids = async (more: Partial<ServerFilter>) =>
    (await serversPage(store, filter(more), { sorts: byAge, limit: 100 })).map(({ id }) => id).sort()
  assert.deepEqual(await ids({ contains: { name: 'SERVER 3' } }), ['id-3'])
  assert.deepEqual(await ids({ contains: { name: '%' } }), [])
  assert.deepEqual(await ids({ taskStates: ['pausing'], vmStates: ['active'] }), ['id-1', 'id-3', 'id-5', 'id-7'])
  assert.deepEqual(await ids({ deleted: true }), ['id-100'])
  assert.deepEqual(await ids({ ids: ['id-1', 'id-101'] }), ['id-1'])
  assert.deepEqual(await ids({ tags: { all: ['a', 'b'], any: [], notAll: [], notAny: [] } }), ['id-1'])
  assert.deepEqual(await ids({ tags: { all: [], any: ['a', 'b'], notAll: [], notAny: [] } }), ['id-1', 'id-2'])
  assert.deepEqual((await ids({ tags: { all: [], any: [], notAll: ['a', 'b'], notAny: [] } })).includes('id-1'), false)
  assert.equal((await ids({ tags: { all: [], any: [], notAll: [], notAny: ['b'] } })).length, 7)
  assert.deepEqual(await ids({ changesSince: '2027-01-01T00:00:00.000Z' }), [])
  assert.deepEqual(
    [...(await tagsOf(store, ['id-1', 'id-2', 'id-3']))],
    [
      ['id-1', ['a', 'b']],
      ['id-2', ['b']],
    ],
  )
})

forEachDialect('parts of servers', async (store) => {
  await filled(store)
  const device = {
    server_id: 'id-1',
    source_type: 'volume' as const,
    destination_type: 'volume' as const,
    source_id: null,
    volume_size: 1,
    volume_type: null,
    attachment_id: null,
    connection: null,
    boot_index: null,
    device: '/dev/vdb',
    guest_format: null,
    tag: null,
    state: 'attached' as const,
  }
  await devicesInsert(store, [
    { ...device, id: 'd2', position: 2, volume_id: 'v2', delete_on_termination: false },
    { ...device, id: 'd1', position: 1, volume_id: 'v1', delete_on_termination: true },
  ])
  assert.deepEqual((await volumesOfServers(store, ['id-1', 'id-2'])).get('id-1'), [
    { id: 'v1', deleteOnTermination: true },
    { id: 'v2', deleteOnTermination: false },
  ])
})

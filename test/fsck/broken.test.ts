// What is broken on purpose, in rows and on a host, is named in words, mended by a repair, and then not found any more.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sql } from '../../src/platform/store/store.ts'
import type { FakeHost } from '../../src/host/index.ts'
import type { FsckReport } from '../../src/platform/fsck/check.ts'
import { startServerCloud, type ServerCloud } from '../support/server-cloud.ts'
import { settled } from '../support/saga.ts'
import { untilWithin } from '../support/until.ts'

let c: ServerCloud
before(async () => {
  c = await startServerCloud()
  await onlyWhenTold()
})
after(() => c.stop())

const fsck = async (repair = false): Promise<FsckReport & { text: string }> =>
  c.api('POST', '/operations/fsck', { as: 'admin@p1', body: { repair } })
const change = (query: ReturnType<typeof sql>) => query.execute(c.cloud.platform.store.as())

/** What looks around every minute must not mend before it was looked at; it still comes when something wakes it. */
async function onlyWhenTold(): Promise<void> {
  const { store, clock } = c.cloud.platform
  const items = store.as<{ work_items: { kind: string; state: string; run_at: number } }>()
  const isBusy = async () =>
    (await items.selectFrom('work_items').selectAll().execute()).some(({ state, run_at }) => state === 'running' || run_at <= clock.nowMs())
  await untilWithin('the first rounds to end', 60_000, async () => ((await isBusy()) ? undefined : true))
  await items.updateTable('work_items').set({ run_at: Number.MAX_SAFE_INTEGER }).execute()
}

const journal = () => (c.host as FakeHost).world.journal

const volumeCreate = async () => {
  const { volume } = await c.api('POST', '/volume/v3/volumes', { body: { volume: { size: 1 } } })
  await settled(c.cloud)
  return volume.id as string
}

/** A server with an attached volume. */
async function served(): Promise<{ serverId: string; volumeId: string; portId: string }> {
  const serverId = await c.boot()
  const volumeId = await volumeCreate()
  await c.api('POST', `/compute/v2.1/servers/${serverId}/os-volume_attachments`, { body: { volumeAttachment: { volumeId } } })
  await settled(c.cloud)
  const { ports } = await c.api('GET', `/network/v2.0/ports?device_id=${serverId}`)
  return { serverId, volumeId, portId: ports[0].id }
}

type Made = Awaited<ReturnType<typeof served>>

interface Breakage {
  name: string
  damage(made: Made): Promise<unknown>
  /** check → its words */
  found: [check: string, words: RegExp][]
  /** what a repair must have brought about */
  mended?(made: Made): Promise<void>
}

async function portsShown(serverId: string): Promise<string[]> {
  const { interfaceAttachments } = await c.api('GET', `/compute/v2.1/servers/${serverId}/os-interface`)
  return interfaceAttachments.map((each: any) => each.port_id)
}

const breakages: Breakage[] = [
  {
    name: 'an allocation is lost',
    damage: ({ serverId }) => change(sql`delete from allocations where consumer_id = ${serverId}`),
    found: [['allocations', /^it holds nothing, its flavor on host1 is .*64 MEMORY_MB, 1 VCPU/]],
    async mended({ serverId }) {
      const { allocations } = await c.api('GET', `/placement/allocations/${serverId}`, { as: 'admin@p1' })
      assert.deepEqual(
        Object.values<any>(allocations).map(({ resources }) => resources.VCPU),
        [1],
      )
    },
  },
  {
    name: 'a quota counts a server twice',
    damage: ({ serverId }) => change(sql`update servers set vcpus = 2 * vcpus where id = ${serverId}`),
    found: [['allocations', /^quotas count 2 cores and 64 MiB of it, its flavor has 1 and 64/]],
  },
  {
    name: 'a volume is no device of its server any more',
    damage: ({ serverId }) => change(sql`delete from server_devices where server_id = ${serverId} and volume_id is not null`),
    found: [
      ['guest-devices', /^its guest has the volume .*, which is not the server's/],
      ['server-devices', /^its attachment .* is no device of the server/],
    ],
    async mended({ volumeId }) {
      assert.equal((await c.api('GET', `/volume/v3/volumes/${volumeId}`)).volume.status, 'available')
    },
  },
  {
    name: 'an attachment is lost',
    damage: ({ volumeId }) => change(sql`delete from volume_attachments where volume_id = ${volumeId}`),
    found: [
      ['server-devices', /is no attachment of that volume/],
      ['volume-data', /^host1 lets the attachment .* write, which is not the volume's/],
      ['attachments', /^it is in use, and has no attachment/],
    ],
    async mended({ volumeId }) {
      assert.equal((await c.api('GET', `/volume/v3/volumes/${volumeId}`)).volume.status, 'available')
    },
  },
  {
    name: 'a volume rests in detaching',
    damage: ({ volumeId }) => change(sql`update volumes set status = 'detaching' where id = ${volumeId}`),
    found: [['attachments', /^it rests in detaching, and its attachment is attached/]],
  },
  {
    name: 'a server rests in a task that nothing works on',
    damage: ({ serverId }) => change(sql`update servers set task_state = 'rebooting' where id = ${serverId}`),
    found: [['servers-resting', /^it rests in rebooting, and nothing works on it/]],
    async mended({ serverId }) {
      assert.match((await c.show(serverId)).fault.message, /rests in rebooting/)
    },
  },
  {
    name: 'a port rests in detaching',
    damage: ({ portId }) => change(sql`update ports set server_state = 'detaching' where id = ${portId}`),
    found: [
      ['server-ports', /^its port .* rests in detaching, and nothing works on it/],
      ['guest-devices', /^its guest has the port .*, which is not the server's/],
    ],
    async mended({ serverId, portId }) {
      assert.deepEqual(await portsShown(serverId), [])
      assert.deepEqual((await c.host.guests.observe(serverId)).made?.portIds.includes(portId), false)
    },
  },
  {
    name: "a port is not its server's any more",
    damage: ({ portId }) => change(sql`update ports set server_id = '', device_id = '', device_owner = '' where id = ${portId}`),
    found: [['guest-devices', /^its guest has the port .*, which is not the server's/]],
    async mended({ serverId, portId }) {
      assert.deepEqual(await portsShown(serverId), [])
      assert.deepEqual((await c.host.guests.observe(serverId)).made?.portIds.includes(portId), false)
    },
  },
  {
    name: "a server's row is lost",
    damage: ({ serverId }) => change(sql`delete from servers where id = ${serverId}`),
    found: [
      ['guests', /there never was such a server/],
      ['allocations', /^it holds an allocation, and is neither a server nor a move/],
      ['server-devices', /^it is gone, and the volume .* is still its device/],
      ['server-ports', /^it is a port of the server .*, which is gone/],
    ],
    async mended({ serverId, volumeId }) {
      assert.equal((await c.host.guests.observe(serverId)).power, 'absent')
      assert.equal((await c.api('GET', `/volume/v3/volumes/${volumeId}`)).volume.status, 'available')
    },
  },
  {
    name: 'a guest is gone',
    damage: async ({ serverId }) => journal().put(`guest/${serverId}`, undefined),
    found: [['guests', /^its guest is not on host1/]],
    async mended({ serverId }) {
      const server = await c.show(serverId)
      assert.equal(server.status, 'ERROR')
      assert.match(server.fault.details, /its guest is not on host1/)
    },
  },
  {
    name: "a volume's data is gone",
    damage: async ({ volumeId }) => journal().put(`volume/${volumeId}`, undefined),
    found: [['volume-data', /^host1 does not hold its data/]],
  },
  {
    name: "a volume's data is shorter than its row says",
    damage: ({ volumeId }) => change(sql`update volumes set size = 2 where id = ${volumeId}`),
    found: [['volume-data', /^it has 2 GiB, its data on host1 1/]],
  },
]

for (const { name, damage, found, mended } of breakages) {
  test(`${name}: it is named, mended, and not found again`, async () => {
    const made = await served()
    assert.deepEqual((await fsck()).differences, [])
    await damage(made)
    const { differences, counts, text } = await fsck()
    for (const [check, words] of found) {
      assert.ok(
        differences.some((each) => each.check === check && words.test(each.message)),
        `${check} ${words} is not in\n${text}`,
      )
      assert.ok((counts[check] ?? 0) > 0)
    }
    for (const { cause, repair } of differences) {
      assert.ok(cause !== null, text)
      assert.ok(repair !== null, text)
    }
    const repaired = await fsck(true)
    assert.match(repaired.text, /\d+ mended, nothing differs any more\.\n$/)
    await mended?.(made)
    assert.equal((await fsck()).text, 'Nothing differs.\n')
    await c.drop(made.serverId)
    assert.equal((await fsck()).text, 'Nothing differs.\n')
  })
}

test('data that no row explains is named and left alone, unless it was deleted by somebody', async () => {
  const lost = { sizeGib: 3, snapshotIds: [], attachmentId: null, fate: {} }
  const deleted = await volumeCreate()
  await c.api('DELETE', `/volume/v3/volumes/${deleted}`)
  await settled(c.cloud)
  for (const id of ['nobody', deleted]) journal().put(`volume/${id}`, lost)
  const { differences, text } = await fsck(true)
  const outcome = (id: string) => differences.find(({ resourceId }) => resourceId === id)?.outcome
  assert.equal(outcome(deleted), 'mended', text)
  assert.equal(outcome('nobody'), null, text)
  assert.match(text, /host1 holds data of 3 GiB: no row explains it[^]*none that is safe: a person has to decide/)
  assert.match(text, /1 mended, 1 difference left\.\n$/)
  journal().put('volume/nobody', undefined)
})

test('a cause is told where the timeline knows it', async () => {
  const { server } = await c.api('POST', '/compute/v2.1/servers', { body: c.server({ metadata: { 'fake:spawn': 'error:no such luck' } }) })
  await c.until(server.id, 'ERROR')
  await settled(c.cloud)
  await change(sql`update servers set task_state = 'spawning' where id = ${server.id}`)
  const { differences } = await fsck(true)
  assert.match(differences[0]?.cause ?? '', /^create .*failed .* by req-.*no such luck/)
  await c.drop(server.id)
})

test('a host that does not answer is named as one that could not be looked at', async () => {
  ;(c.host as FakeHost).world.goAway({ dead: false, forMs: 600_000 })
  try {
    const { unchecked, differences, text } = await fsck()
    assert.ok(unchecked.some(({ host, check }) => host === 'host1' && check === 'guests'))
    assert.deepEqual(differences, [])
    assert.match(text, /^host1 could not be looked at \(.*guests.*\): .*\n\nNothing differs where one could look\.\n$/)
  } finally {
    ;(c.host as FakeHost).world.comeBack()
  }
})

test('what was found last is a metric, by kind, and is kept', async () => {
  await change(
    sql`insert into consumers (id, project_id, user_id, generation, consumer_type, created_at) values ('stray', 'p1', 'u', 1, 'INSTANCE', '')`,
  )
  await change(
    sql`insert into allocations (consumer_id, provider_id, resource_class, used, created_at) select 'stray', id, 'VCPU', 1, '' from resource_providers`,
  )
  await fsck()
  const answer = await c.cloud.request('GET', '/operations/metrics', { as: 'admin@p1' })
  assert.match(String(answer.headers['content-type']), /^text\/plain; version=0\.0\.4/)
  assert.match(answer.text, /^# TYPE stackling_fsck_differences gauge$/m)
  assert.match(answer.text, /^stackling_fsck_differences\{check="allocations",invariant="3"\} 1$/m)
  assert.match(answer.text, /^stackling_fsck_differences\{check="guests",invariant="4"\} 0$/m)
  assert.match(answer.text, /^stackling_work_items\{state="dead"\} 0$/m)
  const last = await c.api('GET', '/operations/fsck', { as: 'admin@p1' })
  assert.match(last.text, /^server stray \(allocations\)\n/)
  await fsck(true)
  assert.match((await c.cloud.request('GET', '/operations/metrics', { as: 'admin@p1' })).text, /check="allocations",invariant="3"\} 0$/m)
})

test('first use 11: fsck says that a full disk paused a guest, and offers no repair that cannot help', async () => {
  const id = await c.boot()
  await settled(c.cloud)
  const { guests } = c.host
  const { list } = guests
  const fault = 'the disk under this server is full: it is paused'
  guests.list = async () => (await list()).map((report) => (report.id === id ? { ...report, power: 'paused' as const, fault } : report))
  try {
    const { differences } = await fsck()
    assert.deepEqual(
      differences.filter(({ resourceId }) => resourceId === id).map(({ message, repair }) => [message, repair]),
      [[`the guest is paused, the server active: ${fault}`, null]],
    )
  } finally {
    guests.list = list
  }
  await c.drop(id)
})

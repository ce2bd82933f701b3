// A build that fails for a reason of its host goes on at another; of other failures, and when a host was asked for, the
// server is in ERROR with the reason.
import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import { startServerCloud, type ServerCloud } from '../../../../../test/support/server-cloud.ts'
import type { FakeHost } from '../../../../host/index.ts'
import { delay, systemClock } from '../../../../platform/clock.ts'

let the: ServerCloud
before(async () => void (the = await startServerCloud({ hosts: 4 })))
after(() => the.stop())
afterEach(() => the.hosts.forEach(({ world }) => void (world.freeGib = 10_000)))

const admin = { as: 'admin@p1', version: '2.96' }
const hostOf = (name: string): FakeHost => the.hosts.find((host) => host.name === name) ?? assert.fail(`there is no host ${name}`)
const fill = (full: FakeHost[]) => full.forEach(({ world }) => void (world.freeGib = 0))
const guests = async () =>
  (await Promise.all(the.hosts.map(async ({ name, guests: all }) => (await all.list()).map(({ id }) => ({ name, id }))))).flat()
const allocations = async (id: string) =>
  Object.values((await the.api('GET', `/placement/allocations/${id}`, admin)).allocations) as { resources: object }[]
const start = async (more: Record<string, unknown> = {}): Promise<string> =>
  (await the.api('POST', '/compute/v2.1/servers', { ...admin, body: the.server(more) })).server.id

/** A server that is placed while nobody works yet. */
async function placed(): Promise<{ id: string; host: FakeHost }> {
  await the.cloud.engine.stop()
  const id = await start()
  return { id, host: hostOf((await the.show(id))['OS-EXT-SRV-ATTR:host']) }
}

test('a build goes on at another host when the disk of the first is full: one guest, one allocation, its port there, and the story of it', async () => {
  const { id, host: full } = await placed()
  fill([full])
  await the.cloud.engine.start()
  const { 'OS-EXT-SRV-ATTR:host': host } = await the.until(id, 'ACTIVE')
  assert.notEqual(host, full.name)
  assert.deepEqual(await guests(), [{ name: host, id }])
  const [allocation, ...others] = await allocations(id)
  assert.deepEqual([allocation?.resources, others], [{ VCPU: 1, MEMORY_MB: 64, DISK_GB: 1 }, []])
  const { ports } = await the.api('GET', `/network/v2.0/ports?device_id=${id}`, { as: 'admin@p1' })
  assert.deepEqual(
    ports.map((port: any) => [port['binding:host_id'], port.status]),
    [[host, 'ACTIVE']],
  )
  const text = (await the.cloud.request('GET', `/operations/why/${id}`, { as: 'admin@p1' })).body.text
  assert.match(
    text,
    new RegExp(
      `Chose host ${full.name}\\n(.*\\n)*.*guest: FAILED for good on ${full.name}: .*no space left on device\\n(.*\\n)*.*Chose host ${host}\\n(.*\\n)*.*done on ${host}\\n`,
    ),
  )
  const { instanceActions } = await the.api('GET', `/compute/v2.1/servers/${id}/os-instance-actions`, admin)
  assert.deepEqual(
    instanceActions.map(({ action, message }: any) => [action, message]),
    [['create', null]],
  )
  const { instanceAction } = await the.api('GET', `/compute/v2.1/servers/${id}/os-instance-actions/${instanceActions[0].request_id}`, admin)
  assert.deepEqual(
    instanceAction.events.map(({ event, host, result }: any) => [event, host, result]),
    [
      ['schedule', full.name, 'Success'],
      ['schedule', host, 'Success'],
      ['compute_create', host, 'Success'],
    ],
  )
  await the.drop(id)
  assert.deepEqual(await guests(), [])
})

test('a build that failed on three hosts is in ERROR, and says where it was tried and what the last of them said', async () => {
  fill(the.hosts)
  const id = await start()
  const { fault, 'OS-EXT-SRV-ATTR:host': host } = await the.until(id, 'ERROR')
  assert.equal(host, null)
  assert.match(
    fault.details,
    /^Exceeded maximum number of retries: it could not be built on host\d, host\d, host\d\. .*no space left on device/,
  )
  assert.equal(new Set(fault.details.match(/host\d/g)).size, 3)
  assert.deepEqual([await guests(), await allocations(id)], [[], []])
  await the.drop(id)
})

test('a build stays where it was asked for by name', async () => {
  fill([hostOf('host2')])
  const id = await start({ host: 'host2' })
  assert.match((await the.until(id, 'ERROR')).fault.message, /^fake: no space left on device$/)
  await the.drop(id)
})

test('a build whose image is broken is not tried elsewhere', async () => {
  const id = await start({ metadata: { 'fake:spawn': 'error:bad_image:the image is broken' } })
  assert.equal((await the.until(id, 'ERROR')).fault.message, 'the image is broken')
  await the.drop(id)
})

test('a build that is cancelled is not tried elsewhere', async () => {
  const id = await start({ metadata: { 'fake:spawn': 'hang' } })
  const { body } = await the.cloud.request('GET', `/operations/why/${id}`, { as: 'admin@p1' })
  assert.equal((await the.cloud.request('POST', `/operations/work/${body.work[0].id}/cancel`, { as: 'admin@p1' })).status, 202)
  assert.match((await the.until(id, 'ERROR')).fault.message, /^cancelled by /)
  await the.drop(id)
})

/** Until nothing is under way for it, without the pauses between two tries. */
async function hurried(id: string): Promise<any> {
  for (let tried = 0; tried < 2000; tried++) {
    const server = await the.show(id)
    if (server['OS-EXT-STS:task_state'] === null) return server
    await the.cloud.platform.store
      .as<{ work_items: { resource_id: string; state: string; run_at: number } }>()
      .updateTable('work_items')
      .set({ run_at: 0 })
      .where('resource_id', '=', id)
      .where('state', '=', 'ready')
      .execute()
    the.cloud.engine.wake()
    await delay(systemClock, 5)
  }
  return assert.fail(`something is still under way for ${id}`)
}

test('a build whose host went away before it was asked for a guest goes on at another', async () => {
  const { id, host: away } = await placed()
  away.world.goAway({ dead: false, forMs: null })
  await the.cloud.engine.start()
  const server = await hurried(id)
  assert.equal(server.status, 'ACTIVE')
  assert.notEqual(server['OS-EXT-SRV-ATTR:host'], away.name)
  away.world.comeBack()
  assert.deepEqual(await guests(), [{ name: server['OS-EXT-SRV-ATTR:host'], id }])
  await the.drop(id)
})

test('a build whose host goes away in the midst of it is in ERROR in the end, and not made a second time: its guest may run there', async () => {
  const id = await start({ metadata: { 'fake:host': 'partition:3600000' } })
  const server = await hurried(id)
  assert.deepEqual([server.status, server.fault.message, server['OS-EXT-SRV-ATTR:host']], ['ERROR', 'fake: the host does not answer', null])
  assert.deepEqual(await allocations(id), [])
  the.hosts.forEach(({ world }) => world.comeBack())
  assert.deepEqual(await guests(), [])
  await the.drop(id)
})

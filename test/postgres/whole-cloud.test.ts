// The cloud that `up --database postgres://…` starts, with its real listener and fake drivers: the crash tests' story,
// many creators at once, and a database that goes away and comes back.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { freePort } from '../support/free-port.ts'
import { tinyQcow2 } from '../../src/platform/disk-image/tiny-qcow2.ts'
import { defaultConfig } from '../../src/platform/config.ts'
import { sql } from '../../src/platform/store/store.ts'
import { startCloud, type RunningCloud } from '../../src/server/start.ts'
import { tellStory } from '../crash/story.ts'
import { logIn, type Answer, type Client } from '../support/client.ts'
import { createDatabase, postgresMissing, postgresUrl } from '../support/postgres.ts'
import { holdings, settled } from '../support/saga.ts'
import { untilWithin } from '../support/until.ts'

const creators = 16
const skip = postgresMissing
const dataDir = mkdtempSync(join(tmpdir(), 'stackling-postgres-'))
let running: RunningCloud
let admin: Client
let database: string

before(async () => {
  if (skip) return
  database = await createDatabase()
  const listen = { address: '127.0.0.1', port: await freePort() }
  const config = {
    ...defaultConfig,
    dataDir,
    listen,
    publicUrl: `http://127.0.0.1:${listen.port}`,
    databaseUrl: postgresUrl(database),
    logLevel: 'error' as const,
  }
  running = await startCloud({ config, hostname: 'host1', logTo: join(dataDir, 'log'), progress: () => {} })
  admin = await logIn(dataDir)
})
after(async () => {
  if (!skip) await running.close()
  rmSync(dataDir, { recursive: true, force: true })
})

test('the whole story is told and leaves nothing', { skip }, async (t) => {
  const { cloud } = running
  const before = await holdings(cloud)
  t.diagnostic(JSON.stringify(await tellStory({ dataDir, tag: 'story', image: tinyQcow2(1 << 30) })))
  await settled(cloud)
  assert.deepEqual(changed(before, await holdings(cloud)), {})
})

test('creators at once: no address twice, no port beyond the quota, nobody is turned away for the database', { skip }, async () => {
  const quota = 40
  const networkId = (await admin.must('POST', '/network/v2.0/networks', { network: { name: 'crowd' } })).network.id
  await admin.must('POST', '/network/v2.0/subnets', { subnet: { network_id: networkId, ip_version: 4, cidr: '10.5.0.0/24' } })
  const held = (await admin.must('GET', `/network/v2.0/ports?project_id=${admin.projectId}`)).ports.length as number
  await admin.must('PUT', `/network/v2.0/quotas/${admin.projectId}`, { quota: { port: held + quota } })
  const create = () => admin.call('POST', '/network/v2.0/ports', { port: { network_id: networkId } })
  const answers = await crowd(4, create)
  assert.deepEqual(statuses(answers), { 201: quota, 409: creators * 4 - quota })
  const ports = answers.filter(({ status }) => status === 201).map(({ body }) => body.port)
  assert.equal(new Set(ports.map((port) => port.fixed_ips[0].ip_address)).size, quota)
  assert.equal(new Set(ports.map((port) => port.mac_address)).size, quota)
  const deleted = await Promise.all(ports.map((port) => admin.call('DELETE', `/network/v2.0/ports/${port.id}`)))
  assert.deepEqual(statuses(deleted), { 204: quota })
  await admin.must('DELETE', `/network/v2.0/quotas/${admin.projectId}`)
  await admin.must('DELETE', `/network/v2.0/networks/${networkId}`)
})

test('servers and volumes at once: the quota holds, and what placement has given out is what the servers are', { skip }, async () => {
  const { cloud } = running
  const before = await holdings(cloud)
  const quota = 12
  await admin.must('PUT', `/compute/v2.1/os-quota-sets/${admin.projectId}`, { quota_set: { instances: quota, cores: -1, ram: -1 } })
  const { flavors } = await admin.must('GET', '/compute/v2.1/flavors/detail')
  const flavor = (flavors as { id: string; ram: number; vcpus: number }[]).toSorted((a, b) => a.ram - b.ram)[0]
  assert.ok(flavor)
  const image = await admin.must('POST', '/image/v2/images', { name: 'crowd', disk_format: 'qcow2', container_format: 'bare' })
  await admin.must('PUT', `/image/v2/images/${image.id}/file`, tinyQcow2(1 << 20), { 'content-type': 'application/octet-stream' })
  const server = { name: 'crowd', flavorRef: flavor.id, imageRef: image.id, networks: 'none' }
  const [servers, volumes] = await Promise.all([
    crowd(1, () => admin.call('POST', '/compute/v2.1/servers', { server })),
    crowd(1, () => admin.call('POST', '/volume/v3/volumes', { volume: { name: 'crowd', size: 1 } })),
  ])
  assert.deepEqual(statuses(servers), { 202: quota, 403: creators - quota })
  assert.deepEqual(statuses(volumes), { 202: 10, 413: creators - 10 }, 'Cinder’s default quota is ten volumes')
  await settled(cloud)
  const listed = (await admin.must('GET', '/compute/v2.1/servers/detail?name=crowd')).servers as { id: string; status: string }[]
  assert.deepEqual(
    listed.map(({ status }) => status),
    Array(quota).fill('ACTIVE'),
  )
  const {
    resource_providers: [provider],
  } = await admin.must('GET', '/placement/resource_providers')
  const { usages } = await admin.must('GET', `/placement/resource_providers/${provider.uuid}/usages`)
  assert.deepEqual([usages.VCPU, usages.MEMORY_MB], [quota * flavor.vcpus, quota * flavor.ram])
  const made = volumes.filter(({ status }) => status === 202).map(({ body }) => `/volume/v3/volumes/${body.volume.id}`)
  const gone = await Promise.all(
    [...listed.map(({ id }) => `/compute/v2.1/servers/${id}`), ...made].map((path) => admin.call('DELETE', path)),
  )
  assert.deepEqual(statuses(gone), { 202: 10, 204: quota })
  await admin.must('DELETE', `/image/v2/images/${image.id}`)
  await admin.must('DELETE', `/compute/v2.1/os-quota-sets/${admin.projectId}`)
  await settled(cloud)
  assert.deepEqual(changed(before, await holdings(cloud)), {})
})

test('a database that cuts every connection is asked again: the process goes on', { skip }, async () => {
  const list = () => admin.call('GET', '/network/v2.0/networks')
  assert.equal((await list()).status, 200)
  await sql`select pg_terminate_backend(pid) from pg_stat_activity where datname = ${database} and pid <> pg_backend_pid()`.execute(
    running.cloud.platform.store.as(),
  )
  await untilWithin('the cloud to answer again', 10_000, async () => {
    const { status } = await list()
    assert.ok(status === 200 || status === 503, `${status}`)
    return status === 200 || undefined
  })
})

/** As many as there are creators at a time, each so many times in a row. */
async function crowd(times: number, create: () => Promise<Answer>): Promise<Answer[]> {
  const one = async () => {
    const answers: Answer[] = []
    for (let made = 0; made < times; made++) answers.push(await create())
    return answers
  }
  return (await Promise.all(Array.from({ length: creators }, one))).flat()
}

const statuses = (answers: Answer[]): Record<string, number> =>
  Object.fromEntries([...Map.groupBy(answers, ({ status }) => status)].map(([status, of]) => [status, of.length]))

/** What is not as it was. */
const changed = (before: Record<string, unknown>, now: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(now)
      .filter(([name, held]) => JSON.stringify(held) !== JSON.stringify(before[name]))
      .map(([name, held]) => [name, [before[name], held]]),
  )

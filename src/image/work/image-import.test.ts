// The saga of imports: its tests as for every saga; and a glance-download from another Glance of the catalog.
import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { startTestCloud, type TestCloud } from '../../../test/support/cloud.ts'
import { settled, testSaga } from '../../../test/support/saga.ts'
import { systemClock } from '../../platform/clock.ts'
import { defined } from '../../platform/defined.ts'
import { defaultFetchRules } from '../../platform/guarded-fetch/rules.ts'
import { systemIds } from '../../platform/ids.ts'
import { openSqliteStore } from '../../platform/store/sqlite.ts'
import type { ImageTables } from '../store/tables.ts'
import { imageImportSaga } from './image-import.ts'
import { until } from '../../../test/support/until.ts'

let cloud: TestCloud
let peer: Server
let port: number
let answerOf: (request: IncomingMessage) => { status?: number; body: string | Buffer } = () => ({ body: 'bytes' })
const dataDir = mkdtempSync(join(tmpdir(), 'image-import-'))
before(async () => {
  peer = createServer((request, answer) => {
    const { status = 200, body } = answerOf(request)
    answer.writeHead(status, { 'content-length': Buffer.byteLength(body) }).end(body)
  })
  await new Promise<void>((resolve) => peer.listen(0, '127.0.0.1', resolve))
  port = (peer.address() as AddressInfo).port
  cloud = await startTestCloud({ config: { dataDir, fetchRules: { ...defaultFetchRules, ports: [port] } } })
})
after(async () => {
  await cloud.stop()
  peer.closeAllConnections()
  await new Promise((resolve) => peer.close(resolve))
  rmSync(dataDir, { recursive: true })
})

const images = '/image/v2/images'
const ask = (method: string, url: string, body?: unknown, as = 'member@p1') => cloud.request(method, url, { as, ...defined({ body }) })
const create = async (): Promise<string> => (await ask('POST', images, { name: 'i', disk_format: 'raw', container_format: 'bare' })).body.id
const show = async (id: string) => (await ask('GET', `${images}/${id}`)).body
const lastTask = async (id: string) => (await ask('GET', `${images}/${id}/tasks`)).body.tasks[0]

testSaga<string>({
  name: 'image-import',
  saga: imageImportSaga,
  cloud: () => cloud,
  prepare: create,
  async start(id) {
    assert.equal(
      (await ask('POST', `${images}/${id}/import`, { method: { name: 'web-download', uri: `http://127.0.0.1:${port}/disk` } })).status,
      202,
    )
  },
  async succeeded(id) {
    assert.deepEqual([(await show(id)).status, (await lastTask(id)).status], ['active', 'success'])
    // what an attempt that happened twice left is explained by nothing
    await until(async () => (await cloud.request('GET', `${images}/${id}/file`, { as: 'member@p1' })).text === 'bytes')
  },
  async unwound(id) {
    const task = await lastTask(id)
    assert.deepEqual([(await show(id)).status, task.status], ['queued', 'failure'])
    assert.match(task.message, /sabotaged/)
    assert.deepEqual(
      readdirSync(join(dataDir, 'images')).filter((file) => file.startsWith(id)),
      [],
    )
  },
  async tidy(id) {
    assert.equal((await ask('DELETE', `${images}/${id}`)).status, 204)
    await cloud.systemContext().transaction((tx) => tx.db.as<ImageTables>().deleteFrom('image_tasks').execute())
  },
})

test('clients 16 glance-download takes an image and its disk’s properties from a region of the catalog, with the asker’s token', async () => {
  const region = 'Elsewhere'
  // the catalog of a bare test cloud is empty
  const service = await ask('POST', '/identity/v3/services', { service: { type: 'image', name: 'glance' } }, 'admin@p1')
  assert.equal(service.status, 201, service.text)
  await ask('POST', '/identity/v3/regions', { region: { id: region } }, 'admin@p1')
  const made = await ask(
    'POST',
    '/identity/v3/endpoints',
    { endpoint: { service_id: service.body.service.id, interface: 'public', region_id: region, url: `http://127.0.0.1:${port}/glance` } },
    'admin@p1',
  )
  assert.equal(made.status, 201, made.text)
  const remoteId = '11111111-1111-4111-8111-111111111111'
  const remote = {
    id: remoteId,
    status: 'active',
    size: 5,
    disk_format: 'raw',
    container_format: 'bare',
    hw_disk_bus: 'scsi',
    os_distro: 'debian',
    'trait:X': 'required',
    speed: '88mph',
    os_glance_x: 'no',
    owner: 'theirs',
  }
  const asked: unknown[] = []
  answerOf = (request) => {
    asked.push([request.url, request.headers['x-auth-token']])
    return { body: request.url?.endsWith('/file') ? 'bytes' : JSON.stringify(remote) }
  }
  const download = async (method: object) => {
    const id = await create()
    const answer = await ask('POST', `${images}/${id}/import`, {
      method: { name: 'glance-download', glance_region: 'elsewhere', glance_image_id: remoteId, ...method },
    })
    await settled(cloud)
    return { answer, image: await show(id), task: await lastTask(id) }
  }
  const { image, task } = await download({})
  assert.deepEqual([image.status, task.status, task.message], ['active', 'success', ''])
  assert.deepEqual(
    [image.hw_disk_bus, image.os_distro, image['trait:X'], image.speed, image.os_glance_x, image.owner],
    ['scsi', 'debian', 'required', undefined, undefined, 'p1'],
  )
  assert.deepEqual(asked, [
    [`/glance/v2/images/${remoteId}`, 'member@p1'],
    [`/glance/v2/images/${remoteId}/file`, 'member@p1'],
  ])
  for (const [method, status] of [
    [{ glance_region: undefined }, 400],
    [{ glance_image_id: undefined }, 400],
    [{ glance_image_id: 'x' }, 400],
  ] as const) {
    assert.equal((await download(method)).answer.status, status)
  }
  for (const [method, change, reason] of [
    [{ glance_region: 'nowhere' }, {}, /endpoint for region/],
    [{ glance_service_interface: 'internal' }, {}, /endpoint for region/],
    [{ glance_service_interface: 'no interface' }, {}, /endpoint for region/],
    [{}, { status: 'queued' }, /should be active/],
    [{}, { size: 6 }, /different from expected/],
    [{}, { size: null }, /could not be determined/],
  ] as const) {
    answerOf = (request) => ({ body: request.url?.endsWith('/file') ? 'bytes' : JSON.stringify({ ...remote, ...change }) })
    const failed = await download(method)
    assert.deepEqual([failed.image.status, failed.task.status, failed.image.hw_disk_bus], ['queued', 'failure', undefined])
    assert.match(failed.task.message, reason)
  }
})

test('clients 16 an import whose process died goes on in the next one', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'image-import-again-'))
  const config = { dataDir: directory, fetchRules: { ...defaultFetchRules, ports: [port] } }
  const start = () =>
    startTestCloud({ config, store: openSqliteStore(join(directory, 'cloud.db'), { clock: systemClock, ids: systemIds }) })
  const first = await start()
  let asked = 0
  const held = createServer((_, answer) => (++asked === 1 ? answer.write('half of it') : answer.end('all of it')))
  await new Promise<void>((resolve) => held.listen(0, '127.0.0.1', resolve))
  config.fetchRules.ports = [port, (held.address() as AddressInfo).port]
  const of = (cloud: TestCloud) => (method: string, url: string, body?: unknown) =>
    cloud.request(method, url, { as: 'member@p1', ...defined({ body }) })
  const { id } = (await of(first)('POST', images, { name: 'i', disk_format: 'raw', container_format: 'bare' })).body
  assert.equal(
    (
      await of(first)('POST', `${images}/${id}/import`, {
        method: { name: 'web-download', uri: `http://127.0.0.1:${config.fetchRules.ports[1]}/` },
      })
    ).status,
    202,
  )
  await until(() => asked === 1)
  await first.stop()
  const second = await start()
  await settled(second)
  const image = (await of(second)('GET', `${images}/${id}`)).body
  assert.deepEqual([image.status, image.size], ['active', 9])
  await until(() => readdirSync(join(directory, 'images')).length === 1)
  await second.stop()
  held.closeAllConnections()
  await new Promise((resolve) => held.close(resolve))
  rmSync(directory, { recursive: true })
})

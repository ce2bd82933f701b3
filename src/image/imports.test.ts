// Imports from elsewhere: web-download, glance-download, copy-image and import tasks, through the API and durable work.
import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, before, test } from 'node:test'
import { startTestCloud, type TestCloud } from '../../test/support/cloud.ts'
import { settled } from '../../test/support/saga.ts'
import { tinyQcow2 } from '../platform/disk-image/tiny-qcow2.ts'
import { defined } from '../platform/defined.ts'
import { resolverKey } from '../platform/guarded-fetch/outbound.ts'
import { defaultFetchRules } from '../platform/guarded-fetch/rules.ts'
import { until } from '../../test/support/until.ts'
import { injectInto } from '../../test/support/inject.ts'

let cloud: TestCloud
let server: Server
let port: number
let serve: RequestListener = (_, answer) => answer.end()
const dataDir = mkdtempSync(join(tmpdir(), 'image-imports-'))
before(async () => {
  server = createServer((request, answer) => serve(request, answer))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  port = (server.address() as AddressInfo).port
  cloud = await startTestCloud({ config: { dataDir, fetchRules: { ...defaultFetchRules, ports: [80, 443, port] } } })
  // no name server is asked
  cloud.platform.caches.set(resolverKey, () => Promise.reject(new Error('ENOTFOUND')))
})
after(async () => {
  await cloud.stop()
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  rmSync(dataDir, { recursive: true })
})
afterEach(async () => {
  for (const { id } of (await ask('GET', `${images}?limit=1000`, undefined, 'admin@p1')).body.images)
    await ask('DELETE', `${images}/${id}`, undefined, 'admin@p1')
  await until(() => files().length === 0)
})

const images = '/image/v2/images'
const files = () => (readdirSync(dataDir).includes('images') ? readdirSync(join(dataDir, 'images')) : [])
const ask = (method: string, url: string, body?: unknown, as = 'member@p1', headers = {}) =>
  cloud.request(method, url, { as, headers, ...defined({ body }) })
const show = async (id: string) => (await ask('GET', `${images}/${id}`)).body
const web = (path = '/disk') => ({ method: { name: 'web-download', uri: `http://127.0.0.1:${port}${path}` } })

async function create(body: object = {}): Promise<string> {
  const made = await ask('POST', images, { name: 'i', disk_format: 'raw', container_format: 'bare', ...body })
  assert.equal(made.status, 201, made.text)
  return made.body.id
}

async function imported(id: string, request: object, as = 'member@p1') {
  const answer = await ask('POST', `${images}/${id}/import`, request, as)
  assert.deepEqual([answer.status, answer.text], [202, ''])
  await settled(cloud)
  const { tasks } = (await ask('GET', `${images}/${id}/tasks`)).body
  return { image: await show(id), task: tasks[0] }
}

test('clients 16 web-download brings the bytes, their hashes and the task', async () => {
  const data = randomBytes(2_500_000)
  serve = (_, answer) => answer.writeHead(200, { 'content-length': String(data.length) }).end(data)
  assert.ok((await ask('GET', '/image/v2/info/import')).body['import-methods'].value.includes('web-download'))
  const { image, task } = await imported(await create(), web())
  assert.deepEqual([image.status, image.size, image.virtual_size, image.stores], ['active', data.length, data.length, 'file'])
  assert.deepEqual(
    [image.checksum, image.os_hash_value],
    ['md5', 'sha512'].map((name) => createHash(name).update(data).digest('hex')),
  )
  assert.deepEqual(
    [task.type, task.status, task.message, task.input.import_req.method.name],
    ['api_image_import', 'success', '', 'web-download'],
  )
  const kept = await injectInto(cloud.app, { method: 'GET', url: `${images}/${image.id}/file`, headers: { 'x-auth-token': 'member@p1' } })
  assert.ok(kept.rawPayload.equals(data))
})

test('clients 16 what cannot be fetched, or is not what it claims, leaves a queued image, a task that says why, and no file', async () => {
  const id = await create({ disk_format: 'qcow2' })
  for (const [listener, reason] of [
    [(_, answer) => answer.writeHead(404).end('none'), /HTTP Error 404/],
    [(_, answer) => answer.end(randomBytes(4096)), /safety checks/],
    [(_, answer) => answer.writeHead(200, { 'content-length': '99999' }).write('x', () => answer.destroy()), /broke off/],
    [(request) => request.socket.destroy(), /./],
    [(_, answer) => answer.writeHead(302, { location: 'http://169.254.169.254/' }).end(), /no address to get/],
    [(_, answer) => answer.writeHead(302, { location: `http://127.0.0.1:${port + 1}/` }).end(), /port/],
  ] as [RequestListener, RegExp][]) {
    serve = listener
    const { image, task } = await imported(id, web())
    assert.deepEqual([image.status, image.size, task.status, image.os_glance_failed_import], ['queued', null, 'failure', 'file'])
    assert.match(task.message, reason)
    assert.deepEqual(files(), [])
  }
  // and it may be tried again
  serve = (_, answer) => answer.end(tinyQcow2(2 ** 30))
  const { image } = await imported(id, web())
  assert.deepEqual([image.status, image.virtual_size], ['active', 2 ** 30])
})

test('attack-18 attack-19 a URL that may not be fetched is refused with the request', async () => {
  const id = await create()
  for (const uri of [
    'file:///etc/passwd',
    'http://127.0.0.1:22/',
    `http://127.0.0.1:${port + 1}/`,
    'http://2130706433/',
    'http://0x7f.1/',
    'http://169.254.169.254/latest/meta-data/',
    'http://[::ffff:169.254.169.254]/',
    'http://a:b@127.0.0.1/',
    'ftp://127.0.0.1/',
    'http://',
    '',
    'nonsense',
    5,
    null,
    undefined,
    {},
    'http://does-not.invalid/x',
  ]) {
    const answer = await ask('POST', `${images}/${id}/import`, { method: { name: 'web-download', uri } })
    assert.equal(answer.status, 400, String(uri))
    assert.match(answer.text, /URI for web-download does not pass filtering/)
    assert.equal((await show(id)).status, 'queued')
  }
  for (const import_from of [
    'file:///etc/passwd',
    'filesystem:///etc/passwd',
    'http://127.0.0.1:22/',
    'http://2130706433/',
    'http://169.254.169.254/',
    'ftp://a/',
    '',
    5,
    undefined,
  ]) {
    const answer = await ask(
      'POST',
      '/image/v2/tasks',
      { type: 'import', input: { import_from, import_from_format: 'raw', image_properties: {} } },
      'admin@p1',
    )
    assert.equal(answer.status, 400, String(import_from))
  }
  assert.deepEqual((await ask('GET', `${images}/${id}/tasks`)).body.tasks, [])
})

test('the next page of tasks keeps filters, order and size', async () => {
  for (const path of ['/a', '/b']) await imported(await create(), web(path))
  const list = async (path: string) => (await ask('GET', `/image${path}`, undefined, 'admin@p1')).body
  const first = await list('/v2/tasks?sort_key=id&sort_dir=asc&type=api_image_import&limit=1')
  assert.equal(first.first, '/v2/tasks?sort_key=id&sort_dir=asc&type=api_image_import&limit=1')
  assert.equal(first.next, `${first.first}&marker=${first.tasks[0].id}`)
  const second = await list(first.next)
  assert.equal(second.first, first.first)
  assert.equal(second.tasks.length, 1)
  assert.ok(second.tasks[0].id > first.tasks[0].id)
})

test('clients 16 the order of refusals: body, state, rights, stores, source', async () => {
  const id = await create()
  const refused = async (request: object, status: number, text: RegExp, { as = 'member@p1', image = id, headers = {} } = {}) => {
    const answer = await ask('POST', `${images}/${image}/import`, request, as, headers)
    assert.equal(answer.status, status, answer.text)
    assert.match(answer.text, text)
  }
  await refused({}, 400, /requires a .*method.* field/)
  await refused({ method: {} }, 400, /requires a .*name.* field/)
  await refused({ method: { name: 'nosuch' } }, 400, /Unknown import method/)
  await refused({ ...web(), all_stores: 'yes' }, 400, /boolean/)
  await refused(web(), 404, /No image found/, { as: 'member@p2' })
  await refused(web(), 404, /No image found/, { image: '00000000-0000-4000-8000-000000000000' })
  await refused(web(), 403, /./, { as: 'reader@p1' })
  await refused({ method: { name: 'glance-direct' } }, 409, /staged before/)
  await refused({ method: { name: 'copy-image' } }, 409, /Only images with status active/)
  await refused({ ...web(), stores: ['nosuch'] }, 409, /nosuch not found/)
  await refused(web(), 409, /nosuch not found/, { headers: { 'x-image-meta-store': 'nosuch' } })
  await refused({ ...web(), stores: ['file'] }, 400, /both/, { headers: { 'x-image-meta-store': 'file' } })
  await refused(web(), 409, /disk_format/, { image: (await ask('POST', images, { name: 'i', container_format: 'bare' })).body.id })
  assert.equal((await show(id)).status, 'queued')
})

test('clients 16 copy-image is for admins, and there is nowhere to copy to', async () => {
  const id = await create()
  await cloud.request('PUT', `${images}/${id}/file`, {
    as: 'member@p1',
    body: Buffer.alloc(10),
    headers: { 'content-type': 'application/octet-stream' },
  })
  const copy = { method: { name: 'copy-image' } }
  assert.equal((await ask('POST', `${images}/${id}/import`, copy)).status, 403)
  assert.equal((await ask('POST', `${images}/${id}/import`, copy, 'admin@p1')).status, 400)
  assert.equal((await ask('POST', `${images}/${id}/import`, { ...copy, all_stores: true }, 'admin@p1')).status, 202)
  const { os_glance_importing_to_stores: left, os_glance_failed_import: failed } = await show(id)
  assert.deepEqual([left, failed], ['', ''])
  assert.equal((await ask('POST', `${images}/${id}/import`, web())).status, 409)
})

test('clients 16 while it is fetched: importing, nobody else may begin; deleted, it ends', async () => {
  const id = await create()
  let asked = false
  serve = (_, answer) => void ((asked = true), answer.write('slow'))
  assert.equal((await ask('POST', `${images}/${id}/import`, web())).status, 202)
  await until(() => asked)
  assert.deepEqual([(await show(id)).status, (await show(id)).os_glance_importing_to_stores], ['importing', 'file'])
  assert.equal((await ask('POST', `${images}/${id}/import`, web())).status, 409)
  assert.equal(
    (await ask('PUT', `${images}/${id}/file`, Buffer.alloc(3), 'member@p1', { 'content-type': 'application/octet-stream' })).status,
    409,
  )
  const [task] = (await ask('GET', `${images}/${id}/tasks`)).body.tasks
  assert.equal(task.status, 'processing')
  assert.equal((await ask('DELETE', `${images}/${id}`)).status, 204)
  await settled(cloud)
  await until(() => files().length === 0)
  assert.deepEqual((await ask('GET', `/image/v2/tasks/${task.id}`, undefined, 'admin@p1')).body.status, 'failure')
})

test('clients 9 a task of type import makes an image, and takes it away when it fails', async () => {
  const properties = { name: 'by task', disk_format: 'qcow2', container_format: 'bare', visibility: 'private', os_distro: 'x' }
  const task = async (input: object) => {
    const made = await ask('POST', '/image/v2/tasks', { type: 'import', input }, 'admin@p1')
    assert.equal(made.status, 201, made.text)
    await settled(cloud)
    return (await ask('GET', `/image/v2/tasks/${made.body.id}`, undefined, 'admin@p1')).body
  }
  const input = { import_from: `http://127.0.0.1:${port}/disk`, import_from_format: 'qcow2', image_properties: properties }
  serve = (_, answer) => answer.end(tinyQcow2(2 ** 30))
  const done = await task(input)
  assert.deepEqual([done.status, done.input], ['success', input])
  const image = await show(done.result.image_id)
  assert.deepEqual([image.status, image.name, image.os_distro, image.owner], ['active', 'by task', 'x', 'p1'])
  serve = (_, answer) => answer.writeHead(500).end()
  for (const [bad, reason] of [
    [input, /HTTP Error 500/],
    [{ ...input, import_from: `http://nowhere.invalid:${port}/` }, /not known/],
    [{ import_from: input.import_from }, /import_from_format/],
    [{ ...input, image_properties: { os_glance_x: 'y' } }, /reserved/],
    [{ ...input, image_properties: { visibility: 5 } }, /./],
    [{ ...input, image_properties: { name: 'no format' } }, /disk_format/],
  ] as const) {
    const failed = await task(bad)
    assert.deepEqual([failed.status, failed.result], ['failure', null])
    assert.match(failed.message, reason)
  }
  assert.equal((await ask('GET', images)).body.images.length, 1)
  assert.equal((await ask('POST', '/image/v2/tasks', { type: 'import', input }, 'member@p1')).status, 403)
  assert.equal((await ask('POST', '/image/v2/tasks', { type: 'export', input }, 'admin@p1')).status, 400)
  assert.equal((await ask('POST', '/image/v2/tasks', { type: 'import' }, 'admin@p1')).status, 400)
})

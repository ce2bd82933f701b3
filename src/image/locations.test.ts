// Image locations (API 2.17): Glance's answers by default; by setting, a URL is fetched and kept as a copy.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { startTestCloud, type TestCloud } from '../../test/support/cloud.ts'
import { settled } from '../../test/support/saga.ts'
import { defined } from '../platform/defined.ts'
import { defaultFetchRules } from '../platform/guarded-fetch/rules.ts'

let cloud: TestCloud
let server: Server
let port: number
const dataDir = mkdtempSync(join(tmpdir(), 'image-locations-'))
const bytes = Buffer.from('the bytes behind a URL')
before(async () => {
  server = createServer((_, answer) => answer.end(bytes))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  port = (server.address() as AddressInfo).port
  cloud = await startTestCloud({ config: { dataDir, fetchRules: { ...defaultFetchRules, ports: [port] } } })
})
after(async () => {
  await cloud.stop()
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  rmSync(dataDir, { recursive: true })
})

const images = '/image/v2/images'
const ask = (method: string, url: string, body?: unknown, as = 'member@p1') => cloud.request(method, url, { as, ...defined({ body }) })
const create = async (): Promise<string> => (await ask('POST', images, { name: 'i', disk_format: 'raw', container_format: 'bare' })).body.id
const add = (id: string, body: object, as?: string) => ask('POST', `${images}/${id}/locations`, body, as)
const url = () => `http://127.0.0.1:${port}/disk`

test('clients 16 attack-18 by default no location is taken, and none of the store’s is told', async () => {
  const id = await create()
  assert.ok(
    (await ask('GET', '/image/versions')).body.versions.some(
      (version: { id: string; status: string }) => version.id === 'v2.17' && version.status === 'CURRENT',
    ),
  )
  for (const location of [url(), 'file:///etc/passwd', 'rbd://a/b/c/d', 'cinder://x']) {
    for (const as of ['member@p1', 'admin@p1']) assert.equal((await add(id, { url: location }, as)).status, 403, location)
  }
  assert.equal((await add(id, {})).status, 400)
  assert.equal((await add(id, { url: url(), validation_data: { os_hash_algo: 'sha512' } })).status, 400)
  assert.equal((await add(id, { url: url() }, 'member@p2')).status, 404)
  assert.equal((await add('00000000-0000-4000-8000-000000000000', { url: url() })).status, 404)
  assert.equal((await add(id, { url: url() }, 'reader@p1')).status, 403)
  assert.equal((await ask('GET', `${images}/${id}/locations`)).status, 403)
  assert.equal((await ask('GET', `${images}/${id}/locations`, undefined, 'member@p2')).status, 403)
  assert.deepEqual((await ask('GET', `${images}/${id}/locations`, undefined, 'admin@p1')).body, [])
  await cloud.request('PUT', `${images}/${id}/file`, {
    as: 'member@p1',
    body: bytes,
    headers: { 'content-type': 'application/octet-stream' },
  })
  const told = await ask('GET', `${images}/${id}/locations`, undefined, 'admin@p1')
  assert.deepEqual(told.body, [{ url: `http://127.0.0.1:9000/image/v2/images/${id}/file`, metadata: { store: 'file' } }])
  assert.ok(!told.text.includes(dataDir))
  assert.equal((await add(id, { url: url() })).status, 409)
})

test('clients 16 by setting, a URL becomes the image’s bytes, held against their hash', async () => {
  const { config } = cloud.platform
  config.imageLocations = true
  const imported = async (body: object) => {
    const id = await create()
    const answer = await add(id, body)
    assert.deepEqual([answer.status, answer.text], [202, ''])
    await settled(cloud)
    return { image: (await ask('GET', `${images}/${id}`)).body, task: (await ask('GET', `${images}/${id}/tasks`)).body.tasks[0] }
  }
  for (const os_hash_algo of ['sha512', 'sha256', 'sha1', 'md5']) {
    const os_hash_value = createHash(os_hash_algo).update(bytes).digest('hex')
    const { image, task } = await imported({ url: url(), validation_data: { os_hash_algo, os_hash_value } })
    assert.deepEqual([image.status, image.size, task.type, task.status], ['active', bytes.length, 'location_import', 'success'])
    const other = await imported({
      url: url(),
      validation_data: { os_hash_algo, os_hash_value: os_hash_value.replace(/./, (digit) => (digit === '0' ? '1' : '0')) },
    })
    assert.deepEqual([other.image.status, other.task.status], ['queued', 'failure'])
    assert.match(other.task.message, /not matched/)
  }
  assert.equal((await imported({ url: url() })).image.status, 'active')
  const id = await create()
  for (const [body, status] of [
    [{ url: 'file:///etc/passwd' }, 400],
    [{ url: 'http://127.0.0.1:22/' }, 400],
    [{ url: 'http://169.254.169.254/' }, 400],
    [{ url: `http://2130706433:${port}/` }, 400],
    [{ url: 'rbd://x' }, 400],
    [{ url: '' }, 400],
    [{ url: url(), validation_data: { os_hash_algo: 'md5', os_hash_value: 'xyz' } }, 400],
    [{ url: url(), validation_data: { os_hash_algo: 'md5', os_hash_value: '00' } }, 400],
    [{ url: url(), validation_data: { other: 1 } }, 400],
  ] as const)
    assert.equal((await add(id, body)).status, status, JSON.stringify(body))
  config.imageLocations = false
  assert.equal(readdirSync(join(dataDir, 'images')).filter((file) => file.startsWith(id)).length, 0)
})

// F11: `constructor`, `toString` and `__proto__` are names like any other: as parameters and values of every query, as
// segments of every path, as properties and texts of every body, as metadata. Nothing of it is ever a 500, and what was
// stored under such a name is read back.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import { fakeHosts, startTestCloud, type TestCloud } from '../support/cloud.ts'
import { aimed, makeFixtures, type Fixtures } from './fixtures.ts'
import { allOperations, fillPath, versionHeaders, type OperationRow } from './operations.ts'
import { schemaArbitrary } from './schema-arbitrary.ts'
import { defined } from '../../src/platform/defined.ts'

const names = ['constructor', 'toString', '__proto__']

let cloud: TestCloud
let ids: Fixtures
before(async () => {
  cloud = await startTestCloud({ hosts: await fakeHosts(1) })
  ids = await makeFixtures(cloud)
})
after(() => cloud.stop())

const askers = ['admin@p1', 'service@p1']

async function ask(row: OperationRow, url: string, body?: unknown): Promise<void> {
  for (const as of askers) {
    const answer = await cloud.request(row.operation.method, url, {
      as,
      headers: versionHeaders(row),
      ...defined({ body }),
    })
    assert.ok(answer.status !== 500, `${row.operation.method} ${url} ${JSON.stringify(body)}: ${answer.status} ${answer.text}`)
    if (answer.status !== 403) break
  }
}

/** Parameters that lists have whether or not they declare them. */
const usual = ['sort', 'sort_key', 'sort_dir', 'fields', 'name', 'status', 'limit', 'marker', 'id']
const queryNames = ({ operation }: OperationRow): string[] => [
  ...new Set([...usual, ...Object.keys((operation.query as { properties?: object } | undefined)?.properties ?? {})]),
]

/** The names as properties of every object of a body. */
function withNames(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withNames)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries([
    ...Object.entries(value).map(([key, inner]) => [key, withNames(inner)]),
    ['constructor', 'x'],
    ['toString', 'x'],
  ])
}

function withTexts(value: unknown): unknown {
  if (typeof value === 'string') return 'constructor'
  if (Array.isArray(value)) return value.map(withTexts)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withTexts(inner)]))
}

for (const row of allOperations()) {
  const { operation, path, name } = row
  test(`F11 names of the prototype: ${name}`, async () => {
    if (operation.method === 'GET') {
      for (const one of names) await ask(row, `${aimed(path, ids)}?${one}=x&${one}=y`)
      for (const parameter of queryNames(row)) await ask(row, `${aimed(path, ids)}?${parameter}=constructor`)
      for (const parameter of ['sort', 'sort_key']) await ask(row, `${aimed(path, ids)}?${parameter}=__proto__`)
    }
    const sample =
      operation.body && !operation.stream
        ? fc.sample(schemaArbitrary(operation.body as Record<string, unknown>, { known: { strings: Object.values(ids) }, wrong: 0 }), {
            numRuns: 1,
            seed: 11,
          })[0]
        : undefined
    const wrapped = (value: unknown) => (operation.action === undefined ? value : { [operation.action]: value })
    if (path.includes('/:') && operation.method !== 'DELETE')
      await ask(
        row,
        fillPath(path, () => 'constructor'),
        sample === undefined ? undefined : wrapped(sample),
      )
    if (sample === undefined || operation.method === 'DELETE') return
    await ask(row, aimed(path, ids), wrapped(withNames(sample)))
    await ask(row, aimed(path, ids), wrapped(withTexts(sample)))
    const texts = JSON.stringify(wrapped(sample)).replace(/^\{/, '{"__proto__":{"polluted":1},')
    await ask(row, aimed(path, ids), texts)
    assert.equal(({} as Record<string, unknown>)['polluted'], undefined)
  })
}

test('F11 metadata, properties, tags and names of the prototype’s are kept and shown', async () => {
  const made = await makeFixtures(await cloudOfItsOwn())
  const odd = { constructor: 'a', toString: 'b', hasOwnProperty: 'c', valueOf: 'd' }
  const as = 'member@p1'
  const at = async (method: string, url: string, body?: unknown, headers: Record<string, string> = {}) => {
    const answer = await own.request(method, url, { as, headers, ...defined({ body }) })
    assert.ok(answer.status < 300, `${method} ${url}: ${answer.status} ${answer.text}`)
    return answer.body
  }
  const server = `/compute/v2.1/servers/${made['servers']}`
  const volume = `/volume/v3/volumes/${made['volumes']}`
  assert.deepEqual((await at('PUT', `${server}/metadata`, { metadata: odd })).metadata, odd)
  assert.deepEqual((await at('GET', server)).server.metadata, odd)
  assert.deepEqual((await at('GET', `${server}/metadata/constructor`)).meta, { constructor: 'a' })
  assert.equal((await at('GET', '/compute/v2.1/servers/detail')).servers.length, 1)
  assert.deepEqual((await at('PUT', `${volume}/metadata`, { metadata: odd })).metadata, odd)
  assert.deepEqual((await at('GET', volume)).volume.metadata, odd)
  await at('GET', `/volume/v3/volumes/summary`, undefined, { 'openstack-api-version': 'volume 3.36' })
  await at('GET', `/volume/v3/volumes/detail?metadata=${encodeURIComponent(JSON.stringify(odd))}`)
  const image = await at('POST', '/image/v2/images', { name: 'constructor', disk_format: 'raw', container_format: 'bare', ...odd })
  assert.deepEqual(Object.fromEntries(Object.keys(odd).map((key) => [key, image[key]])), odd)
  assert.equal((await at('GET', '/image/v2/images?constructor=a')).images.length, 1)
  const network = await at('POST', '/network/v2.0/networks', { network: { name: 'constructor' } })
  await at('PUT', `/network/v2.0/networks/${network.network.id}/tags/constructor`)
  assert.deepEqual(
    (await at('GET', '/network/v2.0/networks?tags=constructor')).networks.map(({ name }: { name: string }) => name),
    ['constructor'],
  )
})

let own: TestCloud
async function cloudOfItsOwn(): Promise<TestCloud> {
  own = await startTestCloud({ hosts: await fakeHosts(1) })
  return own
}
after(() => own?.stop())

// A fuzz run over every declared operation: whatever comes, no answer is a 5xx, and the cloud still works after it.
// It begins with one of each resource, and ids go where their kind belongs as often as anywhere else.
// FUZZ_RUNS (default 12) requests an operation, FUZZ_SEED replays one.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import type { TSchema } from 'typebox'
import { fakeHosts, startTestCloud, type TestCloud } from '../support/cloud.ts'
import { makeFixtures, type Fixtures } from './fixtures.ts'
import { absentId, allOperations, fillPath, versionHeaders, type OperationRow } from './operations.ts'
import { schemaArbitrary, type Known } from './schema-arbitrary.ts'

const runs = Number(process.env['FUZZ_RUNS'] ?? 12)
const seed = Number(process.env['FUZZ_SEED'] ?? 20261122)

let cloud: TestCloud
const known: Known = { strings: [absentId], named: {} }
let fixtures: Fixtures = {}
before(async () => {
  cloud = await startTestCloud({ hosts: await fakeHosts(1) })
  fixtures = await makeFixtures(cloud)
  Object.assign(known.named ?? {}, fittingNames(fixtures))
})
after(() => cloud.stop())

/** What properties of these names hold when they are right. */
function fittingNames(ids: Fixtures): Record<string, string[]> {
  const one = (segment: string) => [ids[segment] ?? absentId]
  const flavors = ['1', '2', '42', '84']
  return {
    network_id: one('networks'),
    external_network_id: one('networks'),
    floating_network_id: one('networks'),
    networks: ['auto', 'none'],
    subnet_id: one('subnets'),
    port_id: one('ports'),
    router_id: one('routers'),
    subnetpool_id: one('subnetpools'),
    address_scope_id: one('address-scopes'),
    security_group_id: one('security-groups'),
    security_groups: one('security-groups'),
    remote_group_id: one('security-groups'),
    image_id: one('images'),
    imageRef: one('images'),
    flavorRef: flavors,
    flavor_id: flavors,
    volume_id: one('volumes'),
    source_volid: one('volumes'),
    volumeId: one('volumes'),
    snapshot_id: one('snapshots'),
    instance_uuid: one('servers'),
    server_uuid: one('servers'),
    device_id: [...one('servers'), ...one('routers')],
    key_name: one('os-keypairs'),
    group: one('os-server-groups'),
    net_id: one('networks'),
    project_id: ['p1', 'p2'],
    tenant_id: ['p1', 'p2'],
    user_id: ['user-p1'],
    host: ['host1'],
    uuid: [...one('networks'), ...one('volumes'), ...one('ports')],
    cidr: ['10.9.0.0/24', '10.9.1.0/24', 'fd00:9::/64', '0.0.0.0/0'],
    ip_address: ['10.9.0.7', '10.9.0.1', '10.9.0.255', 'fd00:9::5'],
    gateway_ip: ['10.9.0.1', 'fd00:9::1'],
    destination: ['10.20.0.0/16'],
    nexthop: ['10.9.0.9'],
    fixed_ip: ['10.9.0.7'],
    start: ['10.9.0.5'],
    end: ['10.9.0.99'],
    fixed_ip_address: ['10.9.0.7'],
    remote_ip_prefix: ['10.0.0.0/8', '::/0'],
    prefixes: ['10.65.0.0/16'],
    mac_address: ['fa:16:3e:00:00:01'],
    ethertype: ['IPv4', 'IPv6'],
    protocol: ['tcp', 'icmp', '41'],
    availability_zone: ['nova'],
    source_type: ['volume', 'image', 'blank'],
    destination_type: ['volume', 'local'],
  }
}

/** Ids in answers are used in later requests: fuzzing then reaches rows that exist. */
function learn(value: unknown): void {
  for (const id of JSON.stringify(value ?? null).match(/"id":\s*"[^"]{1,64}"/g) ?? []) {
    if (known.strings.length < 400) known.strings.push(id.split('"')[3] ?? absentId)
  }
}

function request(row: OperationRow) {
  const pick = fc.nat().map((index) => known.strings[known.strings.length - 1 - (index % Math.min(known.strings.length, 60))] ?? absentId)
  const anything = fc.oneof({ weight: 8, arbitrary: pick }, { weight: 1, arbitrary: fc.string({ minLength: 1, maxLength: 40 }) })
  /** as often as not the id of what the path names before it */
  const parameter = (segment: string) => {
    const fit = fc.nat().map(() => fixtures[segment] ?? (segment === 'flavors' ? '42' : segment === 'projects' ? 'p1' : absentId))
    return fc.oneof({ weight: 1, arbitrary: fit }, { weight: 1, arbitrary: anything })
  }
  const segments = [...row.path.matchAll(/([^/]+)\/:\w+/g)].map((match) => match[1] ?? '')
  const parameters = [...row.path.matchAll(/:(\w+)/g)].map((_match, index) => parameter(segments[index] ?? ''))
  const bodySchema = row.operation.body as TSchema | undefined
  return fc.record({
    as: fc.constantFrom('admin@p1', 'member@p1', 'member@p2', 'reader@p1'),
    parameters: fc.tuple(...parameters),
    body:
      bodySchema && !row.operation.stream
        ? fc.constant(null).chain(() => schemaArbitrary(bodySchema as Record<string, unknown>, { known }))
        : fc.constant(undefined),
    query: fc.dictionary(
      queryName(row),
      fc.oneof(pick, fc.string({ maxLength: 12 }), fc.constantFrom('1', '-1', 'true', 'name', 'id:asc', '2026-01-01')),
      { maxKeys: 3 },
    ),
  })
}

function queryName(row: OperationRow) {
  const declared = Object.keys((row.operation.query as { properties?: object } | undefined)?.properties ?? {})
  return fc.constantFrom(
    'limit',
    'marker',
    'sort_key',
    'sort_dir',
    'name',
    'status',
    'fields',
    'all_tenants',
    'changes-since',
    'offset',
    ...declared,
  )
}

/** No backup service is up: Cinder says so with 503. */
const hasNoService = (row: OperationRow): boolean => row.path.includes('/backups')

for (const row of allOperations()) {
  test(`fuzz: ${row.name}`, async () => {
    await fc.assert(
      fc.asyncProperty(request(row), async ({ as, parameters, body, query }) => {
        let index = 0
        const path = fillPath(row.path, () => parameters[index++] ?? absentId)
        const url = Object.keys(query).length > 0 ? `${path}?${new URLSearchParams(query)}` : path
        const payload =
          body === undefined ? {} : { body: JSON.stringify(row.operation.action === undefined ? body : { [row.operation.action]: body }) }
        const answer = await cloud.request(row.operation.method, url, { as, headers: versionHeaders(row), ...payload })
        learn(answer.body)
        assert.ok(
          answer.status < 500 || (answer.status === 503 && hasNoService(row)),
          `${as} ${row.operation.method} ${url} ${JSON.stringify(payload)} → ${answer.status} ${answer.text.slice(0, 300)}`,
        )
      }),
      { numRuns: runs, seed, endOnFailure: true },
    )
  })
}

test('after the fuzz run the cloud still makes and shows a keypair', async () => {
  const made = await cloud.request('POST', '/compute/v2.1/os-keypairs', { as: 'member@after', body: { keypair: { name: 'after' } } })
  assert.equal(made.status, 200, made.text)
})

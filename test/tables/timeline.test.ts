// The timeline is complete: every operation that changes something, asked by who may, leaves a line with its request id, a type and an
// id; every table is told of, or stands among the exceptions with its reason. What rows tell by themselves: platform/store/facts.ts.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { facts } from '../../src/server/domains.ts'
import { sql } from '../../src/platform/store/store.ts'
import { settled } from '../support/saga.ts'
import { startServerCloud, type ServerCloud } from '../support/server-cloud.ts'
import { makeCommons, makeEstate, type Estate } from './estate.ts'
import { plainBody, type Sender } from './id-bodies.ts'
import { pathKinds } from './id-fields.ts'
import { absentId, allOperations, versionHeaders, type OperationRow } from './operations.ts'

let the: ServerCloud
let estate: Estate
let commons: Sender['commons']
/** by the segment before them in paths, what was made on the way */
const made: Record<string, string> = { 'compute os-quota-class-sets': 'default', 'block-storage os-quota-class-sets': 'default' }
let serial = 0

before(async () => {
  the = await startServerCloud()
  commons = { ...(await makeCommons(the)), imageId: the.imageId, flavorId: the.flavorId }
  estate = await makeEstate(the, commons, { name: 'told', octet: 41 })
  await settled(the.cloud)
})
after(() => the.stop())

/** tables whose rows are no resource's, by why */
const untold: Record<string, string> = {
  events: 'it is the timeline',
  event_cursors: 'how far followers have read it',
  work_items: 'work under way; what it does is told',
  counters: 'fences',
  settings: 'what the cloud itself has done once',
  compute_numbers: 'the next numbers of ids',
  console_tokens: 'tickets of some minutes, which change nothing',
  host_networks: 'what hosts were told, of rows that are told themselves',
  segment_allocations: 'an index of networks',
  identity_nonces: 'requests of OAuth that were heard',
  identity_passcodes: 'one-time codes that were used',
  identity_password_history: 'hashes of old passwords; the change is told of its user',
  identity_revision: 'when caches are void',
  identity_revocations: 'tokens that are void: told of whose they are',
}

test('every table is told of, or has a reason why not; every column that is declared is there', async () => {
  const { rows } =
    the.cloud.platform.store.dialect === 'sqlite'
      ? await sql<{ name: string; column: string }>`
          select t.name as name, c.name as "column" from sqlite_master as t join pragma_table_info(t.name) as c where t.type = 'table'`.execute(
          the.cloud.platform.store.as(),
        )
      : await sql<{
          name: string
          column: string
        }>`select table_name as name, column_name as "column" from information_schema.columns where table_schema = 'public'`.execute(
          the.cloud.platform.store.as(),
        )
  const tables = Map.groupBy(rows, ({ name }) => name)
  const silent = [...tables.keys()].filter((name) => !(name in facts) && !(name in untold) && !/^(kysely_|sqlite_)/.test(name))
  assert.deepEqual(silent, [])
  const strange = Object.entries(facts).flatMap(([table, { id = 'id', type, project, called, gone, part, facts: columns, quiet = [] }]) => {
    const known = new Set(tables.get(table)?.map(({ column }) => column))
    const named = [id, ...(typeof type === 'string' ? [] : [type.column]), project, called, gone, ...(part?.key ?? []), ...quiet]
    const all = [...named.filter((name) => name !== undefined), ...columns]
    return all.filter((column) => !known.has(column)).map((column) => `${table}.${column}`)
  })
  assert.deepEqual(strange, [])
  const both = Object.entries(facts).flatMap(([table, { facts: columns, quiet = [] }]) =>
    columns.flatMap((column) => (quiet.includes(column) ? [`${table}.${column}`] : [])),
  )
  assert.deepEqual(both, [], 'a fact that is quiet is told of only by chance')
})

/** successes that change nothing, and why */
const changesNothing: { pattern: RegExp; reason: string }[] = [
  { pattern: /action (injectNetworkInfo|resetNetwork)$/, reason: 'accepted for old clients, and nothing to do here' },
  { pattern: /^POST \/operations\/fsck/, reason: 'it looks; what it mends leaves lines' },
  { pattern: /workers\/cleanup/, reason: 'nothing rests here; what it mends leaves lines' },
  { pattern: /^(POST|DELETE) \/identity\/v3\/(auth\/tokens|s3tokens|ec2tokens)/, reason: 'a token is no resource' },
]

/** bodies that change something, where one that just fits does not */
function wanted(row: OperationRow): unknown {
  const { ids } = estate
  const own: [RegExp, unknown][] = [
    [/^PUT \/network\/.*\/tags$/, { tags: ['other'] }],
    [/^PUT \/network\/v2.0\/quotas/, { quota: { network: 77 } }],
    [/^PUT .*\/os-quota-sets/, { quota_set: row.service.type === 'compute' ? { instances: 1000 } : { volumes: 1000 } }],
    [/^PUT .*\/os-quota-class-sets/, { quota_class_set: row.service.type === 'compute' ? { instances: 50 } : { volumes: 50 } }],
    [/^POST .*metadefs\/namespaces\/:namespace\/tags$/, { tags: [{ name: 'told' }] }],
    [/^POST .*\/address-scopes$/, { address_scope: { name: 'x', ip_version: 4 } }],
    [
      /^POST .*\/rbac-policies$/,
      { rbac_policy: { object_type: 'network', object_id: ids.network, action: 'access_as_shared', target_tenant: 'p9' } },
    ],
    [/^PUT .*\/metadata\/:key$/, { meta: { told: 'x' } }],
    [/^PUT .*(extra_specs|group_specs)\/:key$/, { told: 'x' }],
    [/^PUT .*\/os-services\/(enable|disable)/, { host: 'host1', binary: 'cinder-volume', disabled_reason: 'told' }],
    [/^PUT .*\/os-services\/(freeze|thaw)/, { host: 'host1' }],
    [/^PUT .*\/os-aggregates\/:id$/, { aggregate: { name: 'told' } }],
    [/^POST .*action addTenantAccess/, { addTenantAccess: { tenant: estate.project } }],
    [/^POST .*action resize$/, { resize: { flavorRef: the.bigFlavorId } }],
    [/^POST \/identity\/v3\/endpoints$/, { endpoint: { interface: 'public', url: 'http://told', service_id: made['identity services'] } }],
    [
      /^POST \/identity\/v3\/registered_limits$/,
      { registered_limits: [{ service_id: made['identity services'], resource_name: 'told', default_limit: 1 }] },
    ],
    [/^POST \/placement\/resource_classes/, { name: 'CUSTOM_TOLD' }],
    [/^POST \/placement\/.*inventories$/, { resource_class: 'PCPU', total: 1 }],
    [/^PUT .*_router_interface$/, { subnet_id: ids.subnet }],
    [/^PUT .*\/subnetpools\/:id$/, { subnetpool: { name: 'told' } }],
    [/^POST .*action removeTenantAccess/, { removeTenantAccess: { tenant: estate.project } }],
    [/^POST .*types\/:id\/action removeProjectAccess/, { removeProjectAccess: { project: estate.project } }],
    [/^PATCH .*\/images\/:id$/, [{ op: 'replace', path: '/name', value: 'told' }]],
  ]
  const fitting = own.find(([pattern]) => pattern.test(row.name))?.[1] ?? plainBody(row, { ids, commons, serial: serial++ })
  if (fitting === undefined) return row.operation.action === undefined ? undefined : { [row.operation.action]: null }
  // names of their own, and a change that changes something
  const named = JSON.parse(JSON.stringify(fitting).replaceAll('"name":"x"', `"name":"x${serial}"`)) as Record<string, unknown>
  if (row.operation.method !== 'POST')
    for (const [key, value] of Object.entries(named ?? {}))
      if (JSON.stringify(value) === '{}') named[key] = { name: `told${serial}`, description: 'told' }
  return named
}

function aimed(row: OperationRow): string {
  const parts = row.path.split('/')
  return parts
    .map((part, index) => {
      if (part === '*') return 'x'
      if (!part.startsWith(':')) return part
      const segment = parts[index - 1] ?? ''
      const kind = pathKinds[row.service.type]?.[segment]
      const id =
        made[`${row.service.type} ${segment}`] ?? (kind && estate.ids[kind]) ?? (part === ':project_id' ? estate.project : undefined)
      return encodeURIComponent(id ?? (/:(key|name|tag|value|option|group)$/.test(part) ? 'told' : absentId))
    })
    .join('/')
}

function learn(row: OperationRow, body: unknown): void {
  const segment = row.path.split('/').at(-1) ?? ''
  const [value] = Object.values((body ?? {}) as Record<string, { id?: unknown; uuid?: unknown; name?: unknown }>)
  const id = value?.id ?? (body as { id?: unknown } | undefined)?.id ?? value?.uuid
  if (row.operation.method === 'POST' && (typeof id === 'string' || typeof id === 'number'))
    made[`${row.service.type} ${segment}`] ??= String(id)
}

interface Line {
  resource_type: string
  resource_id: string
}
const linesOf = async (requestId: string): Promise<Line[]> =>
  (await sql<Line>`select resource_type, resource_id from events where request_id = ${requestId}`.execute(the.cloud.platform.store.as()))
    .rows

/** as many as the estate and its bodies bring through; more is better */
const provenAtLeast = 260

const order = ['POST', 'PUT', 'PATCH', 'DELETE']
// the same operations stand below /v3 and /v3/:project_id: one of the two tells all
const rows = allOperations()
  .filter(({ operation, path }) => order.includes(operation.method) && !path.includes('/v3/:project_id/'))
  // what is inside of something goes before it
  .sort(
    (a, b) =>
      order.indexOf(a.operation.method) - order.indexOf(b.operation.method) ||
      (a.operation.method === 'DELETE' ? b.path.length - a.path.length : 0),
  )

test('every operation that changes something leaves a line with its request id', async () => {
  const proven = new Set<string>()
  const silent: string[] = []
  const vain: string[] = []
  for (const row of rows) {
    const body = wanted(row)
    const answer = await the.cloud.request(row.operation.method, aimed(row), {
      as: `admin@${estate.project}`,
      headers: versionHeaders(row),
      ...(body === undefined ? {} : { body }),
    })
    assert.ok(answer.status < 500 || row.path.includes('/backups'), `${row.name}: ${answer.status} ${answer.text}`)
    if (answer.status >= 300) {
      vain.push(`${row.name}: ${answer.status} ${answer.text.slice(0, 120)}`)
      continue
    }
    learn(row, answer.body)
    const lines = await linesOf(String(answer.headers['x-openstack-request-id'] ?? answer.headers['x-compute-request-id']))
    assert.ok(
      lines.every((line) => line.resource_type !== '' && line.resource_id !== ''),
      row.name,
    )
    if (lines.length > 0) proven.add(row.name)
    else if (!changesNothing.some(({ pattern }) => pattern.test(row.name))) silent.push(`${row.name}: ${answer.status}`)
    await settled(the.cloud)
  }
  assert.deepEqual(silent, [])
  // a change of the estate must not let the rest pass for want of a success
  assert.ok(proven.size >= provenAtLeast, `${proven.size} proven, these in vain:\n${vain.join('\n')}`)
})

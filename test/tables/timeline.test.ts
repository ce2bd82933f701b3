// The timeline is complete: every operation that changes something, asked by who may, leaves a line with its request id, a type and an
// id; every table is told of, or stands among the exceptions with its reason. What rows tell by themselves: platform/store/facts.ts.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { facts } from '../../src/server/domains.ts'
import { allStores } from '../../src/platform/context.ts'
import { sql } from '../../src/platform/store/store.ts'
import { settled } from '../support/saga.ts'
import { startServerCloud, type ServerCloud } from '../support/server-cloud.ts'
import { makeCommons, makeEstate, type Estate } from './estate.ts'
import { plainBody, type Sender } from './id-bodies.ts'
import { bodyOf, changesNothing, inOrder, isIn, methods, unproven, targetOf } from './told-changes.ts'
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
  await learnIds()
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

/** may only grow */
const provenAtLeast = 387

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

/** The body that changes something; undefined: none is wanted. */
async function wanted(row: OperationRow): Promise<unknown> {
  const own = await bodyOf(row, { the, estate, made })
  const fitting = own ?? plainBody(row, { ids: estate.ids, commons, serial: serial++ })
  if (fitting === undefined) return row.operation.action === undefined ? undefined : { [row.operation.action]: null }
  // names of their own, and a change that changes something
  const named = JSON.parse(JSON.stringify(fitting).replaceAll('"name":"x"', `"name":"x${serial}"`)) as Record<string, unknown>
  if (own === undefined && row.operation.method !== 'POST')
    for (const [key, value] of Object.entries(named ?? {}))
      if (JSON.stringify(value) === '{}') named[key] = { name: `told${serial}`, description: 'told' }
  return named
}

async function aimed(row: OperationRow): Promise<string> {
  const target = await targetOf(row, { the, estate, made })
  const parts = row.path.split('/')
  return parts
    .map((part, index) => {
      if (part === '*') return 'x'
      if (target !== undefined && part.startsWith(':') && !parts.slice(0, index).some((before) => before.startsWith(':'))) return target
      if (!part.startsWith(':')) return part
      const segment = parts[index - 1] ?? ''
      const kind = pathKinds[row.service.type]?.[segment]
      const id =
        made[`${row.service.type} ${segment}`] ?? (kind && estate.ids[kind]) ?? (part === ':project_id' ? estate.project : undefined)
      return encodeURIComponent(id ?? (/:(key|name|tag|value|option|group)$/.test(part) ? 'told' : absentId))
    })
    .join('/')
}

/** what was there before, or whose id its making does not show */
async function learnIds(): Promise<void> {
  for (const [key, url] of Object.entries({
    'network agents': '/network/v2.0/agents?agent_type=DHCP agent',
    'compute os-services': '/compute/v2.1/os-services',
    'placement resource_providers': '/placement/resource_providers',
  })) {
    const body = await the.api('GET', url, { as: 'admin@p1', ...(key.startsWith('compute') ? { version: '2.53' } : {}) })
    const [first] = Object.values(body)[0] as { id?: string; uuid?: string }[]
    made[key] = first?.id ?? first?.uuid ?? ''
  }
}

function learn(row: OperationRow, body: unknown): void {
  const segment = row.path.split('/').at(-1) ?? ''
  const [some] = Object.values((body ?? {}) as Record<string, { id?: unknown; uuid?: unknown; name?: unknown }>)
  const value = Array.isArray(some) ? (some[0] as typeof some) : some
  const id = value?.id ?? (body as { id?: unknown } | undefined)?.id ?? value?.uuid
  if (row.operation.method === 'POST' && (typeof id === 'string' || typeof id === 'number'))
    made[`${row.service.type} ${segment}`] ??= String(id)
}

interface Line {
  resource_type: string
  resource_id: string
}

/** what a request to object storage changes stands in its headers */
const metadataOf = ({ service }: OperationRow): Record<string, string> =>
  service.type === 'object-store'
    ? Object.fromEntries(['account', 'container', 'object'].map((what) => [`x-${what}-meta-told`, String(serial++)]))
    : {}

const linesOf = async (requestId: string): Promise<Line[]> => {
  const found: Line[] = []
  for (const store of allStores(the.cloud.platform))
    found.push(...(await sql<Line>`select resource_type, resource_id from events where request_id = ${requestId}`.execute(store.as())).rows)
  return found
}

// the same operations stand below /v3 and /v3/:project_id: one of the two tells all
const rows = inOrder(
  allOperations().filter(({ operation, path }) => methods.includes(operation.method) && !path.includes('/v3/:project_id/')),
)

test('every operation that changes something leaves a line with its request id', async (t) => {
  const silent: string[] = []
  const vain = new Map<string, string>()
  let proven = 0
  for (const row of rows) {
    const body = await wanted(row)
    const answer = await the.cloud.request(row.operation.method, await aimed(row), {
      as: row.operation.policy === 'object:reseller' ? 'ResellerAdmin@elsewhere' : `admin@${estate.project}`,
      headers: {
        ...versionHeaders(row),
        ...metadataOf(row),
        ...(row.name === 'PATCH /image/v2/images/:id' ? { 'content-type': 'application/openstack-images-v2.1-json-patch' } : {}),
      },
      ...(row.name === 'PUT /object/v1/:account/:container/:object' ? { body: 'told' } : body === undefined ? {} : { body }),
    })
    assert.ok(answer.status < 500 || row.path.includes('/backups'), `${row.name}: ${answer.status} ${answer.text}`)
    if (answer.status >= 300) {
      // 410: the API is gone, for everybody
      if (answer.status !== 410) vain.set(row.name, `${answer.status} ${answer.text.slice(0, 120)}`)
      continue
    }
    learn(row, answer.body)
    const lines = await linesOf(String(answer.headers['x-openstack-request-id'] ?? answer.headers['x-compute-request-id']))
    assert.ok(
      lines.every((line) => line.resource_type !== '' && line.resource_id !== ''),
      row.name,
    )
    proven += lines.length > 0 ? 1 : 0
    if (lines.length === 0 && !isIn(changesNothing, row.name)) silent.push(`${row.name}: ${answer.status}`)
    await settled(the.cloud)
  }
  assert.deepEqual(silent, [])
  // whatever is not seen to change something has a reason, and what has one is in vain
  assert.deepEqual(
    [...vain].filter(([name]) => !isIn(unproven, name)),
    [],
  )
  const idle = unproven.filter(({ pattern }) => ![...vain.keys()].some((name) => pattern.test(name)))
  assert.deepEqual(idle, [])
  // an operation that stops succeeding would hide behind a pattern that covers many
  assert.ok(proven >= provenAtLeast, `${proven} operations left lines, of at least ${provenAtLeast}`)
  t.diagnostic(`${proven} of ${rows.length} operations leave lines, ${vain.size} are refused`)
})

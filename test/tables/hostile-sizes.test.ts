// Item 3 of the faults found by use: every operation, with hostile sizes in URL, query, headers and body, asked by nobody,
// by a token without a role that fits, by a reader, a member and an admin. No request keeps the loop for more than 20 ms,
// and none is a 500. What is measured is this process's CPU from the request to its answer, the least of several readings:
// other processes add nothing to it, and what else this one does (a garbage collection) does not come back each time.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { fakeHosts, startTestCloud, type TestCloud } from '../support/cloud.ts'
import { aimed, makeFixtures, type Fixtures } from './fixtures.ts'
import { allOperations, fillPath, versionHeaders, type OperationRow } from './operations.ts'
import { defined } from '../../src/platform/defined.ts'

const budgetMs = 20
/** What operators ask of the whole cloud costs by its rows, a page a turn, whatever the request holds. */
const wholeCloudMs = 400
const ofWholeCloud = new Set(['POST /operations/fsck'])
/** a reading over the budget is taken again so often, before it counts */
const readings = 6

let cloud: TestCloud
let ids: Fixtures
before(async () => {
  cloud = await startTestCloud({ hosts: await fakeHosts(1) })
  ids = await makeFixtures(cloud)
})
after(() => cloud.stop())

/** 14 KiB: as much as Node takes for a request's line and headers. */
const longest = 14_000
const fill = (seed: string, length: number) => seed.repeat(Math.ceil(length / seed.length)).slice(0, length)

type Schema = Record<string, any>

/** A body by its schema in which every text is long, every list full, and every open object has many properties. */
function huge(schema: Schema, text: (length: number) => string, depth = 0): unknown {
  if ('const' in schema) return schema['const']
  if (Array.isArray(schema['enum'])) return schema['enum'][0]
  const alternative =
    ((schema['anyOf'] ?? schema['oneOf'] ?? []) as Schema[]).find(({ type }) => type === 'array' || type === 'object') ??
    (schema['anyOf'] ?? schema['oneOf'])?.[0]
  if (alternative) return huge(alternative, text, depth)
  const type = Array.isArray(schema['type']) ? schema['type'][0] : schema['type']
  const room = 100_000 / 8 ** depth
  if (type === 'array') {
    const item = huge(schema['items'] ?? {}, text, depth + 1)
    const size = JSON.stringify(item)?.length ?? 8
    return Array.from({ length: Math.max(2, Math.min(schema['maxItems'] ?? 1_000, 1_000, Math.floor(room / (size + 1)))) }, () => item)
  }
  if (type === 'object' || schema['properties']) {
    const declared = Object.entries((schema['properties'] ?? {}) as Record<string, Schema>)
    const each = declared.map(([name, part]) => [name, huge(part, text, depth + 1)])
    const many =
      schema['additionalProperties'] === false
        ? []
        : Array.from({ length: Math.floor(room / 400) }, (_, index) => [`property-${index}`, fill('x', 100)])
    return Object.fromEntries([...each, ...many])
  }
  if (type === 'integer' || type === 'number') return 9e15
  if (type === 'boolean') return true
  if (type === 'null') return null
  return text(Math.min(schema['maxLength'] ?? 60_000, room))
}

interface Attack {
  what: string
  url?: string
  query?: string
  headers?: Record<string, string>
  body?: string
}

/** What a request without a body can be made large by. */
const around: Attack[] = [
  { what: 'a long path', url: fill('a', 900) },
  { what: 'many segments', url: fill('a%2F', longest) },
  { what: 'many parameters', query: fill('a=1&', longest) },
  { what: 'one long value', query: `name=${fill('(a+)+%24', longest)}&limit=9` },
  { what: 'many sorts and fields', query: fill('sort_key=id&fields=id&sort=id&', longest) },
  { what: 'a list in a value', query: `id=in:${fill('a,', longest)}&tags=${fill('a,', 40)}` },
  { what: 'odd escapes', query: fill('%E2%82%AC=%26&', longest) },
  {
    what: 'long headers',
    headers: {
      accept: fill('a/b;q=0.1,', longest),
      'openstack-api-version': fill('compute 2.1,', 2_000),
      'if-match': fill('"x",', 4_000),
      range: `bytes=${fill('0-1,', 4_000)}`,
    },
  },
]

/** Bodies that know nothing of the operation's schema. */
const shapeless: Attack[] = [
  { what: 'nested lists', body: fill('[', 100_000) },
  { what: 'lists within lists', body: `[${fill('[],', 99_000)}1]` },
  { what: 'keys', body: `{${Array.from({ length: 9_000 }, (_, index) => `"${index.toString(36)}":1`).join()}}` },
  { what: 'one text', body: JSON.stringify(fill(' ', 100_000)) },
  { what: 'spaces', body: fill(' ', 110_000) },
  { what: 'too much', body: fill('{"a":', 400_000) },
]

function attacksOn({ operation }: OperationRow): Attack[] {
  if (operation.method === 'GET' || operation.method === 'HEAD' || !operation.body || operation.stream) return around
  const wrap = (value: unknown) => JSON.stringify(operation.action === undefined ? value : { [operation.action]: value })
  const fitting = [
    (length: number) => `${fill(' ', length - 1)}!`,
    (length: number) => `${fill('a', length - 1)}=`,
    (length: number) => fill('Aa0+/', length),
  ]
  const wrapped = operation.action === undefined ? [] : [{ what: 'the value nested', body: `{"${operation.action}":${fill('[', 90_000)}` }]
  return [
    ...around.slice(0, 2),
    ...shapeless,
    ...wrapped,
    ...fitting.map((text) => ({ what: 'what the schema lets through', body: wrap(huge(operation.body as Schema, text)) })),
  ]
}

const askers = [undefined, 'nothing@p1', 'reader@p1', 'member@p1', 'admin@p1']

async function cost(row: OperationRow, attack: Attack, as: string | undefined): Promise<{ ms: number; status: number }> {
  const base = attack.url === undefined ? aimed(row.path, ids) : fillPath(row.path, () => '').replace(/\/\/|\/$/, `/${attack.url}/`)
  const url = attack.query === undefined ? base : `${base}?${attack.query}`
  let ms = Infinity
  let status = 0
  for (let reading = 0; reading < readings && ms > budgetMs; reading++) {
    const begun = process.cpuUsage()
    const answer = await cloud.request(row.operation.method, url, {
      ...defined({ as }),
      headers: { ...versionHeaders(row), ...attack.headers },
      ...defined({ body: attack.body }),
    })
    const { user, system } = process.cpuUsage(begun)
    ms = Math.min(ms, (user + system) / 1000)
    status = answer.status
  }
  return { ms, status }
}

/** Actions share a path: the ways around their bodies are tried once. */
const tried = new Set<string>()

for (const row of allOperations()) {
  const { operation, path, name } = row
  test(`F2 F28 hostile sizes: ${name}`, async () => {
    const isFirst = !tried.has(`${operation.method} ${path}`)
    tried.add(`${operation.method} ${path}`)
    const attacks = isFirst ? attacksOn(row) : attacksOn(row).slice(-3)
    for (const [index, attack] of attacks.entries()) {
      // everybody tries the first and the last, which goes furthest; the others are each asker's in turn
      const asks = index === 0 || index === attacks.length - 1 ? askers : [askers[index % askers.length], 'admin@p1']
      for (const as of asks) {
        const { ms, status } = await cost(row, attack, as)
        const mostMs = ofWholeCloud.has(`${operation.method} ${path}`) && status === 200 ? wholeCloudMs : budgetMs
        assert.ok(ms <= mostMs, `${attack.what} as ${as ?? 'nobody'}: ${Math.round(ms)} ms (${status})`)
        assert.notEqual(status, 500, `${attack.what} as ${as ?? 'nobody'}`)
      }
    }
  })
}

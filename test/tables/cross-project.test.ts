// Every operation, aimed by five strangers at another project's private things: named in each path parameter and in each id field
// of each body, by the lowest and the highest microversion. All is refused, no answer shows what is not theirs, and when all work
// has come to rest the owner sees everything as it was and the strangers' project holds nothing of it (F1 came after its answer).
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { settled } from '../support/saga.ts'
import { startServerCloud, type ServerCloud } from '../support/server-cloud.ts'
import { makeCommons, makeEstate, type Estate, type Kind } from './estate.ts'
import { bodyWith, idFields, lastName, leaves, plainBody, queryFields, type Sender } from './id-bodies.ts'
import { fieldExceptions, fieldKinds, looksLikeId, pathExceptions, pathKinds } from './id-fields.ts'
import { absentId, allOperations, lowestHeaders, versionHeaders, type OperationRow } from './operations.ts'
import { defined } from '../../src/platform/defined.ts'

let the: ServerCloud
let owner: Estate
let stranger: Estate
let commons: Sender['commons']
let before_: Record<string, string>
before(async () => {
  the = await startServerCloud()
  commons = { ...(await makeCommons(the)), imageId: the.imageId, flavorId: the.flavorId }
  owner = await makeEstate(the, commons, { name: 'owner', octet: 11 })
  stranger = await makeEstate(the, commons, { name: 'stranger', octet: 12 })
  await settled(the.cloud)
  before_ = await owner.view()
})
after(() => the.stop())

const strangers = () => [
  `member@${stranger.project}`,
  `reader@${stranger.project}`,
  `manager@${stranger.project}`,
  `nobody@${stranger.project}`,
  'admin@domain:elsewhere',
]

/** the kind that a path's parameter names; null: none, with a reason */
function kindAt(row: OperationRow, segment: string): Kind | null {
  const type = row.service.type
  return pathKinds[type]?.[segment] ?? null
}

/** The path filled by whoever holds each thing; a parameter without a kind gets something that is nowhere. */
function aimed(row: OperationRow, whose: (index: number, of: number) => Estate): string {
  const parts = row.path.split('/')
  const named = parts.flatMap((part, index) =>
    part.startsWith(':') && part !== ':project_id' && kindAt(row, parts[index - 1] ?? '') !== null ? [index] : [],
  )
  return parts
    .map((part, index) => {
      if (part === '*') return 'x'
      if (!part.startsWith(':')) return part
      const kind = kindAt(row, parts[index - 1] ?? '')
      if (part === ':project_id' && kind === null) return row.path.includes('/v3/:project_id') ? stranger.project : owner.project
      return encodeURIComponent(kind === null ? absentId : whose(named.indexOf(index), named.length).ids[kind])
    })
    .join('/')
}

let serial = 0
const sender = (): Sender => ({ ids: stranger.ids, commons, serial: serial++ })

/** reads of what all may see, or that say nothing of whose it is */
const harmless: { pattern: RegExp; reason: string }[] = [
  { pattern: /^GET .*os-quota-sets\/:\w+\/defaults/, reason: 'the defaults are the same for all' },
]

async function refused(row: OperationRow, url: string, body: unknown, what: string): Promise<void> {
  for (const as of strangers()) {
    for (const headers of headersOf(row)) {
      const answer = await the.cloud.request(row.operation.method, url, { as, headers, ...defined({ body }) })
      const said = `${as} ${row.operation.method} ${url} ${what} ${JSON.stringify(headers)}: ${answer.status} ${answer.text.slice(0, 300)}`
      assert.ok(!answer.text.includes(owner.marker), `was shown the owner's: ${said}`)
      assert.ok(answer.status < 500, said)
      if (!harmless.some(({ pattern }) => pattern.test(row.name))) assert.ok(answer.status >= 400, `was not refused: ${said}`)
    }
  }
}

/** A foreign id in a query finds nothing, and pages after nothing: whatever is answered, it is not the owner's. */
async function showsNothing(row: OperationRow, url: string, what: string): Promise<void> {
  for (const as of strangers()) {
    for (const headers of headersOf(row)) {
      const answer = await the.cloud.request(row.operation.method, url, { as, headers })
      const said = `${as} ${row.operation.method} ${url} ${what} ${JSON.stringify(headers)}: ${answer.status} ${answer.text.slice(0, 300)}`
      assert.ok(!answer.text.includes(owner.marker), `was shown the owner's: ${said}`)
      assert.ok(answer.status < 500, said)
    }
  }
}

function headersOf(row: OperationRow): Record<string, string>[] {
  const all = [versionHeaders(row), lowestHeaders(row)]
  return JSON.stringify(all[0]) === JSON.stringify(all[1]) ? all.slice(0, 1) : all
}

// the same operations stand below /v3 and /v3/:project_id: one of the two tells all
const rows = allOperations().filter(({ operation, path }) => operation.policy !== null && !path.includes('/v3/:project_id/'))

for (const row of rows) {
  const parts = row.path.split('/')
  const kinds = parts
    .flatMap((part, index) => (part.startsWith(':') ? [kindAt(row, parts[index - 1] ?? '')] : []))
    .filter((kind) => kind !== null)
  const fields = idFields(row)
  const queries = queryFields(row, (parts.at(-1) === 'detail' ? parts.at(-2) : parts.at(-1)) ?? '')
  if (kinds.length === 0 && fields.length === 0 && queries.length === 0) continue
  test(`F1 wrong project: ${row.name}`, async () => {
    if (kinds.length > 0)
      await refused(
        row,
        aimed(row, () => owner),
        plainBody(row, sender()),
        'all foreign',
      )
    // an account's containers and objects are named as it likes, also as another's
    if (kinds.length > 1 && row.service.type !== 'object-store')
      await refused(
        row,
        aimed(row, (index, of) => (index === of - 1 ? owner : stranger)),
        plainBody(row, sender()),
        'the last foreign',
      )
    for (const field of fields)
      await refused(
        row,
        aimed(row, () => stranger),
        bodyWith(row, field, owner.ids[field.kind], sender()),
        `${field.where} foreign`,
      )
    for (const { name, kind } of queries)
      await showsNothing(row, `${aimed(row, () => stranger)}?${name}=${encodeURIComponent(owner.ids[kind])}`, 'in the query')
  })
}

test('F1 every path parameter and every field that looks like an id has a kind, or a reason why not', () => {
  const unknown = new Set<string>()
  for (const row of allOperations()) {
    const { type } = row.service
    const parts = row.path.split('/')
    parts.forEach((part, index) => {
      const segment = parts[index - 1] ?? ''
      const known = pathKinds[type]?.[segment] ?? pathExceptions[type]?.[segment]
      if (part.startsWith(':') && part !== ':project_id' && known === undefined) unknown.add(`${type}: ${row.path} (${segment})`)
    })
    if (!row.operation.body || row.operation.stream || type === 'identity') continue
    for (const path of leaves(row.operation.body as Record<string, unknown>)) {
      const name = lastName(path)
      const isKnown = Object.keys(fieldKinds).some((key) => key === name || key.endsWith(`.${name}`)) || name in fieldExceptions
      if (looksLikeId(name) && !isKnown) unknown.add(`${row.name}: ${path.join('.')}`)
    }
  }
  assert.deepEqual([...unknown], [])
})

test('F1 when all work rests, the owner sees everything as it was, and the strangers hold nothing of it', async () => {
  await settled(the.cloud)
  assert.deepEqual(await owner.view(), before_)
  for (const [url, text] of Object.entries(await stranger.view())) {
    for (const [kind, id] of Object.entries(owner.ids)) assert.ok(!text.includes(id), `the strangers' ${url} names the owner's ${kind}`)
    assert.ok(!text.includes(owner.marker), url)
  }
})

test('F1 the same requests with the sender’s own ids are good: what was refused was refused for the id', async () => {
  const proven: string[] = []
  const vain: string[] = []
  for (const row of rows) {
    for (const field of idFields(row)) {
      const body = bodyWith(row, field, stranger.ids[field.kind], sender())
      const answer = await the.cloud.request(
        row.operation.method,
        aimed(row, () => stranger),
        { as: `member@${stranger.project}`, headers: versionHeaders(row), body },
      )
      ;(answer.status < 400 ? proven : vain).push(`${row.name} ${field.where} ${field.kind}: ${answer.text.slice(0, 160)}`)
    }
  }
  assert.ok(proven.length > vain.length, `${proven.length} proven, ${vain.length} in vain:\n${vain.join('\n')}`)
})

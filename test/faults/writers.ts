// Writers that change a cloud without pause, and the ledger of what it has acknowledged: the ledger is what must be there
// after the power came back. What was asked for and not answered may be there or not, but whole.
import assert from 'node:assert/strict'
import type { Client } from '../support/client.ts'
import { untilWithin } from '../support/until.ts'

const neutron = '/network/v2.0/networks'
const cinder = '/volume/v3/volumes'
const nova = '/compute/v2.1/servers'
const glance = '/image/v2/images'
const settleLimitMs = 30_000

interface Entry {
  collection: string
  /** 'maybe': its deletion was asked for and not answered */
  there: 'yes' | 'maybe' | 'no'
  /** more than one while a new name is not acknowledged */
  names: string[]
  /** an image's data, once its upload was acknowledged */
  bytes: Uint8Array | null
}

/** path of a resource → what was acknowledged of it */
export type Ledger = Map<string, Entry>

export const copyOf = (ledger: Ledger): Ledger => structuredClone(ledger)

export interface Writing {
  client: Client
  ledger: Ledger
  luck: () => number
  /** what servers are made of */
  flavorId: string
  imageId: string
}

/** Writes one after another until told to stop; resolves when the last answer is in. */
export async function write(writing: Writing, stop: AbortSignal): Promise<void> {
  const { ledger, luck } = writing
  const actions = [createNetwork, rename, createNetwork, createVolume, createImage, rename, createServer, remove, remove]
  while (!stop.aborted) {
    const full = [...ledger.values()].filter(({ there }) => there === 'yes').length > 24
    const action = full ? remove : actions[Math.floor(luck() * actions.length)]
    await action?.(writing)
  }
}

let names = 0

async function create({ client, ledger }: Writing, collection: string, body: (name: string) => unknown): Promise<string> {
  const name = `written-${++names}`
  const made = await client.must('POST', collection, body(name))
  const { id } = (made.network ?? made.volume ?? made.server ?? made) as { id: string }
  const path = `${collection}/${id}`
  ledger.set(path, { collection, there: 'yes', names: [name], bytes: null })
  return path
}

const createNetwork = (writing: Writing) => create(writing, neutron, (name) => ({ network: { name } }))
const createVolume = (writing: Writing) => create(writing, cinder, (name) => ({ volume: { name, size: 1 } }))
const createServer = (writing: Writing) =>
  create(writing, nova, (name) => ({ server: { name, flavorRef: writing.flavorId, imageRef: writing.imageId, networks: 'none' } }))

async function createImage(writing: Writing): Promise<void> {
  const path = await create(writing, glance, (name) => ({ name, disk_format: 'raw', container_format: 'bare' }))
  const bytes = Buffer.alloc(1 + Math.floor(writing.luck() * 200_000), 65 + (names % 26)) // letters: the client reads text
  await writing.client.must('PUT', `${path}/file`, bytes, { 'content-type': 'application/octet-stream' })
  const entry = writing.ledger.get(path)
  if (entry) entry.bytes = bytes
}

/** One that is there, at random, and that nobody else works on. */
function pick({ ledger, luck }: Writing, collections: string[]): [string, Entry] | undefined {
  const found = [...ledger].filter(
    ([, entry]) =>
      entry.there === 'yes' &&
      entry.names.length === 1 &&
      collections.includes(entry.collection) &&
      (entry.collection !== glance || entry.bytes !== null),
  )
  return found[Math.floor(luck() * found.length)]
}

async function rename(writing: Writing): Promise<void> {
  const [path, entry] = pick(writing, [neutron]) ?? []
  if (path === undefined || entry === undefined) return
  const name = `written-${++names}`
  entry.names.push(name)
  await writing.client.must('PUT', path, { network: { name } })
  entry.names = [name]
}

async function remove(writing: Writing): Promise<void> {
  const [path, entry] = pick(writing, [neutron, cinder, nova, glance]) ?? []
  if (path === undefined || entry === undefined) return
  entry.there = 'maybe'
  const answer = await writing.client.call('DELETE', path)
  // a volume that is still being made cannot be deleted yet, nor an image while its data comes in
  const refused = answer.status === 400 || answer.status === 409
  assert.ok(answer.status < 300 || refused, `DELETE ${path}: ${answer.status} ${JSON.stringify(answer.body)}`)
  entry.there = refused ? 'yes' : 'no'
}

/** Everything that was acknowledged is so, or becomes so by work that goes on. */
export async function verify(client: Client, ledger: Ledger): Promise<void> {
  for (const [path, entry] of ledger) {
    if (entry.there === 'no')
      await untilWithin(`${path}, whose deletion was acknowledged, to be gone`, settleLimitMs, async () =>
        (await client.call('GET', path)).status === 404 ? true : undefined,
      )
    if (entry.there !== 'yes') continue
    const answer = await client.call('GET', path)
    assert.equal(answer.status, 200, `${path} (${entry.names.join(' or ')}) was acknowledged`)
    const { name } = answer.body.network ?? answer.body.volume ?? answer.body.server ?? answer.body
    assert.ok(entry.names.includes(name), `${path} is named ${name}, not ${entry.names.join(' or ')}`)
    if (entry.bytes)
      assert.ok(Buffer.from(await bytesOf(client, `${path}/file`)).equals(Buffer.from(entry.bytes)), `the data of ${path} was acknowledged`)
  }
}

async function bytesOf(client: Client, path: string): Promise<string> {
  const answer = await client.call('GET', path)
  assert.equal(answer.status, 200, path)
  return answer.body as string
}

interface Listed {
  id: string
  status: string
  name: string
  fault?: { message: string }
}

const settledStates = /^(ACTIVE|available|active|queued)$/

/** Nothing is half made: all that there is has settled, what was not acknowledged too. Then all of it goes. */
export async function settleAndDelete(client: Client, keep: Set<string>): Promise<void> {
  for (const collection of [`${nova}/detail`, `${cinder}/detail`, glance, neutron]) {
    const key = collection.replace('/detail', '').split('/').at(-1) ?? ''
    const list = async () => ((await client.must('GET', collection))[key] as Listed[]).filter(({ id }) => !keep.has(id))
    await untilWithin(`${key} to settle`, settleLimitMs, async () => {
      const moving = (await list()).filter(({ status }) => !settledStates.test(status))
      const failed = moving.filter(({ status }) => /^error$/i.test(status))
      assert.deepEqual(
        failed.map(({ name, fault }) => `${name}: ${fault?.message}`),
        [],
        'nothing fails on fake drivers',
      )
      return moving.length === 0 ? true : undefined
    })
    for (const { id } of await list()) await client.must('DELETE', `${collection.replace('/detail', '')}/${id}`)
    await untilWithin(`${key} to be gone`, settleLimitMs, async () => ((await list()).length === 0 ? true : undefined))
  }
}

// Writers of objects that never rest, and the ledger of what the cloud has acknowledged of each: that must be there after a crash or a power
// failure, byte by byte, in the listing and in the counters. What was asked for and not answered may be there or not, but whole.
import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { isConnectionLoss, type Client } from '../support/client.ts'
import { untilWithin } from '../support/until.ts'

/** null: no object */
type State = { md5: string; bytes: number; mark: string } | null

/** name → what may be there: one state when the last request was answered */
export type ObjectLedger = Map<string, State[]>

export interface ObjectWriting {
  client: Client
  ledger: ObjectLedger
  luck: () => number
  /** names of writers do not meet */
  writer: number
}

const container = 'written'
const namesOfEach = 8
const url = ({ projectId }: Client, name = '') =>
  `/object/v1/AUTH_${projectId}/${container}${name === '' ? '' : `/${encodeURIComponent(name)}`}`

export async function objectsPrepare(client: Client): Promise<void> {
  assert.ok((await client.send('PUT', url(client))).status < 300)
}

export const copyOfObjects = (ledger: ObjectLedger): ObjectLedger => structuredClone(ledger)

/** Writes one after another until told to stop, or until the connection is lost. */
export async function objectsWrite(writing: ObjectWriting, stop: AbortSignal): Promise<void> {
  const acts = [put, put, putLarge, putUnmeasured, copy, mark, remove]
  while (!stop.aborted) {
    const act = acts[Math.floor(writing.luck() * acts.length)] ?? put
    const name = `writer-${writing.writer}/${Math.floor(writing.luck() * namesOfEach)}`
    try {
      await act(writing, name)
    } catch (error) {
      if (!isConnectionLoss(error)) throw error
      return
    }
  }
}

/** Asks for it; in between both may be there. */
async function change({ ledger }: ObjectWriting, name: string, to: State, ask: () => Promise<Response>): Promise<void> {
  const before = ledger.get(name) ?? [null]
  ledger.set(name, [...before, to])
  const answer = await ask()
  await answer.arrayBuffer()
  assert.ok(answer.status < 300 || answer.status === 404, `${name}: ${answer.status}`)
  ledger.set(name, answer.status === 404 ? [null] : [to])
}

const stateOf = (bytes: Buffer, text = ''): State => ({
  md5: createHash('md5').update(bytes).digest('hex'),
  bytes: bytes.length,
  mark: text,
})

async function putOf(writing: ObjectWriting, name: string, bytes: Buffer, body: Uint8Array | ReadableStream = bytes): Promise<void> {
  const text = String(Math.floor(writing.luck() * 1e9))
  const headers = { 'x-object-meta-mark': text, 'content-type': 'application/octet-stream' }
  await change(writing, name, stateOf(bytes, text), () => writing.client.send('PUT', url(writing.client, name), body, headers))
}

const put = (writing: ObjectWriting, name: string) => putOf(writing, name, randomBytes(Math.floor(writing.luck() * 65_000)))
const putLarge = (writing: ObjectWriting, name: string) =>
  putOf(writing, name, randomBytes(65_000 + Math.floor(writing.luck() * 2_000_000)))

/** In chunks, its length told by nobody. */
function putUnmeasured(writing: ObjectWriting, name: string): Promise<void> {
  const bytes = randomBytes(Math.floor(writing.luck() * 300_000))
  let at = 0
  const body = new ReadableStream({
    pull(controller) {
      if (at >= bytes.length) return controller.close()
      controller.enqueue(new Uint8Array(bytes.subarray(at, (at += 50_000))))
    },
  })
  return putOf(writing, name, bytes, body)
}

async function copy(writing: ObjectWriting, name: string): Promise<void> {
  const { ledger, luck, writer, client } = writing
  const from = `writer-${writer}/${Math.floor(luck() * namesOfEach)}`
  const [source, ...others] = ledger.get(from) ?? []
  if (!source || others.length > 0 || from === name) return
  await change(writing, name, source, () =>
    client.send('PUT', url(client, name), undefined, { 'x-copy-from': `${container}/${encodeURIComponent(from)}` }),
  )
}

async function mark(writing: ObjectWriting, name: string): Promise<void> {
  const [known, ...others] = writing.ledger.get(name) ?? []
  if (!known || others.length > 0) return
  const text = String(Math.floor(writing.luck() * 1e9))
  await change(writing, name, { ...known, mark: text }, () =>
    writing.client.send('POST', url(writing.client, name), undefined, { 'x-object-meta-mark': text }),
  )
}

const remove = (writing: ObjectWriting, name: string) =>
  change(writing, name, null, () => writing.client.send('DELETE', url(writing.client, name)))

/** All that was acknowledged is so; what was not becomes known. */
export async function objectsVerify(client: Client, ledger: ObjectLedger): Promise<void> {
  const there = new Map<string, State>()
  for (const [name, allowed] of ledger) {
    const state = await readState(client, name)
    const fits = allowed.some((one) => JSON.stringify(one) === JSON.stringify(state))
    assert.ok(fits, `${name} is ${JSON.stringify(state)}, and it should be ${allowed.map((one) => JSON.stringify(one)).join(' or ')}`)
    ledger.set(name, [state])
    if (state) there.set(name, state)
  }
  await listingVerify(client, there)
}

async function readState(client: Client, name: string): Promise<State> {
  const answer = await client.send('GET', url(client, name))
  const bytes = Buffer.from(await answer.arrayBuffer())
  if (answer.status === 404) return null
  assert.equal(answer.status, 200, `${name}: ${answer.status}`)
  const state = stateOf(bytes, answer.headers.get('x-object-meta-mark') ?? '')
  assert.equal(answer.headers.get('etag'), state?.md5, `the ETag of ${name}`)
  return state
}

async function listingVerify(client: Client, there: Map<string, State>): Promise<void> {
  const answer = await client.send('GET', `${url(client)}?format=json`)
  const listed = (await answer.json()) as { name: string; hash: string; bytes: number }[]
  const expected = [...there].map(([name, state]) => `${name} ${state?.md5} ${state?.bytes}`).sort()
  assert.deepEqual(listed.map(({ name, hash, bytes }) => `${name} ${hash} ${bytes}`).sort(), expected, 'the listing')
  const bytes = [...there.values()].reduce((sum, state) => sum + (state?.bytes ?? 0), 0)
  assert.equal(answer.headers.get('x-container-object-count'), String(there.size))
  assert.equal(answer.headers.get('x-container-bytes-used'), String(bytes))
}

/** Fsck has nothing to say of objects: no bytes that nobody names, no counter that is wrong. */
export async function objectsSound(client: Client): Promise<void> {
  await untilWithin('fsck to find nothing in object storage', 30_000, async () => {
    const { differences } = (await client.must('POST', '/operations/fsck', { repair: false })) as { differences: { check: string }[] }
    return differences.some(({ check }) => check.startsWith('object-')) ? undefined : true
  })
}

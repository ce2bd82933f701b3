// Writers of objects that never rest, and the ledger of what the cloud has acknowledged of each: that must be there after a crash or a power
// failure, byte by byte, in the listing and in the counters. What was asked for and not answered may be there or not, but whole.
import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isConnectionLoss, type Client } from '../support/client.ts'
import { s3Client, type S3Asked, type S3Reply } from '../support/s3.ts'
import { untilWithin } from '../support/until.ts'

/** null: no object; of one that came in parts the ETag is another */
type State = { md5: string; bytes: number; mark: string; inParts: boolean } | null

/** name → what may be there: one state when the last request was answered */
export type ObjectLedger = Map<string, State[]>

type S3Door = ReturnType<typeof s3Client>

export interface ObjectWriting {
  client: Client
  s3: S3Door
  ledger: ObjectLedger
  luck: () => number
  /** names of writers do not meet */
  writer: number
}

const container = 'written'
const namesOfEach = 8
const url = ({ projectId }: Client, name = '') =>
  `/object/v1/AUTH_${projectId}/${container}${name === '' ? '' : `/${encodeURIComponent(name)}`}`

/** A container, which is a bucket too, and the S3 door with a key of the same project. */
export async function objectsPrepare(client: Client, dataDir: string): Promise<S3Door> {
  assert.ok((await client.send('PUT', url(client))).status < 300)
  const { users } = await client.must('GET', '/identity/v3/users?name=admin')
  const { credential } = await client.must('POST', `/identity/v3/users/${users[0].id}/credentials/OS-EC2`, { tenant_id: client.projectId })
  const port = Number(readFileSync(join(dataDir, 's3-listen'), 'utf8'))
  return s3Client({ port, access: credential.access, secret: credential.secret, nowMs: () => Date.now() })
}

export const copyOfObjects = (ledger: ObjectLedger): ObjectLedger => structuredClone(ledger)

/** Writes one after another until told to stop, or until the connection is lost. */
export async function objectsWrite(writing: ObjectWriting, stop: AbortSignal): Promise<void> {
  const acts = [put, put, putLarge, putUnmeasured, copy, mark, remove, putByS3, putInParts, removeByS3]
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
async function change({ ledger }: ObjectWriting, name: string, to: State, ask: () => Promise<{ status: number }>): Promise<void> {
  const before = ledger.get(name) ?? [null]
  ledger.set(name, [...before, to])
  const answer = await ask()
  if (answer instanceof Response) await answer.arrayBuffer()
  // writers' names do not meet: only a deletion may find that there is nothing
  assert.ok(answer.status < 300 || (to === null && answer.status === 404), `${name}: ${answer.status}`)
  ledger.set(name, [to])
}

const md5Of = (bytes: Buffer): string => createHash('md5').update(bytes).digest('hex')
const stateOf = (bytes: Buffer, text: string, inParts = false): State => ({ md5: md5Of(bytes), bytes: bytes.length, mark: text, inParts })

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

/** What node:http says of a connection that broke is what `fetch` would say of it. */
async function askS3(s3: S3Door, method: string, target: string, asked: S3Asked = {}): Promise<S3Reply> {
  try {
    return await s3.ask(method, `/${container}/${target}`, asked)
  } catch (error) {
    throw ['ECONNREFUSED', 'ECONNRESET', 'EPIPE'].includes((error as NodeJS.ErrnoException).code ?? '')
      ? new TypeError('fetch failed')
      : error
  }
}

async function putByS3(writing: ObjectWriting, name: string): Promise<void> {
  const bytes = randomBytes(Math.floor(writing.luck() * 200_000))
  const text = String(Math.floor(writing.luck() * 1e9))
  await change(writing, name, stateOf(bytes, text), () =>
    askS3(writing.s3, 'PUT', name, { body: bytes, headers: { 'x-amz-meta-mark': text } }),
  )
}

/** An upload of one part: begun, filled, completed; whichever of them is the last, the object is what it was or the whole new one. */
async function putInParts(writing: ObjectWriting, name: string): Promise<void> {
  const { s3, luck } = writing
  const bytes = randomBytes(1 + Math.floor(luck() * 300_000))
  const text = String(Math.floor(luck() * 1e9))
  const begun = await askS3(s3, 'POST', `${name}?uploads`, { headers: { 'x-amz-meta-mark': text } })
  const id = /<UploadId>([^<]*)</.exec(begun.text)?.[1]
  assert.ok(id, begun.text)
  const part = await askS3(s3, 'PUT', `${name}?partNumber=1&uploadId=${id}`, { body: bytes })
  assert.equal(part.status, 200, part.text)
  const body = `<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>"${md5Of(bytes)}"</ETag></Part></CompleteMultipartUpload>`
  await change(writing, name, stateOf(bytes, text, true), () => askS3(s3, 'POST', `${name}?uploadId=${id}`, { body }))
}

const removeByS3 = (writing: ObjectWriting, name: string) => change(writing, name, null, () => askS3(writing.s3, 'DELETE', name))

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
  const inParts = answer.headers.get('x-static-large-object') !== null
  if (!inParts) assert.equal(answer.headers.get('etag'), md5Of(bytes), `the ETag of ${name}`)
  return stateOf(bytes, answer.headers.get('x-object-meta-mark') ?? '', inParts)
}

async function listingVerify(client: Client, there: Map<string, State>): Promise<void> {
  const answer = await client.send('GET', `${url(client)}?format=json`)
  const listed = (await answer.json()) as { name: string; hash: string; bytes: number }[]
  const expected = [...there].map(([name, state]) => `${name} ${state?.inParts ? '' : state?.md5} ${state?.bytes}`).sort()
  const seen = listed.map(({ name, hash, bytes }) => `${name} ${there.get(name)?.inParts ? '' : hash} ${bytes}`)
  assert.deepEqual(seen.sort(), expected, 'the listing')
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

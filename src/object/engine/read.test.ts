// Bytes of every kind of object, read in ranges over blobs, parts, segments and manifests within manifests.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { after, before, test } from 'node:test'
import { startTestCloud, type TestCloud } from '../../../test/support/cloud.ts'
import { by } from '../../../test/support/objects.ts'
import type { ObjectRow } from '../store/tables.ts'
import {
  begunWith,
  bodyOpen,
  containerPut,
  engineOf,
  objectDelete,
  objectPut,
  partPut,
  uploadComplete,
  uploadCreate,
  type Engine,
  type ObjectPut,
  type Reading,
} from './index.ts'

let cloud: TestCloud
let engine: Engine
before(async () => {
  cloud = await startTestCloud()
  engine = engineOf(cloud.platform)
  await containerPut(engine, { by, account: 'acc', name: 'c' })
})
after(() => cloud.stop())

const key = (name: string) => ({ account: 'acc', container: 'c', name })
const draft = { contentType: 'text/plain', metadata: {}, system: {} }
const take = (bytes: string) => engine.blobs.take(Buffer.from(bytes), { maxBytes: 1e9 })

const put = async (name: string, bytes: string, more: Partial<ObjectPut> = {}) =>
  (await objectPut(engine, { by, ...key(name), ...draft, body: await take(bytes), ...more })).object

const read = async (row: ObjectRow, start: number, end: number, reading: Reading = {}) =>
  text(await bodyOpen(engine, row, { start, end }, reading))

async function readsAs(row: ObjectRow, whole: string): Promise<void> {
  assert.equal(await read(row, 0, whole.length), whole)
  for (let start = 0; start <= whole.length; start += 3)
    for (let end = start; end <= whole.length; end += 5)
      assert.equal(await read(row, start, end), whole.slice(start, end), `${start}-${end}`)
}

const segment = ({ name, etag, bytes }: ObjectRow, more: { first?: number; last?: number } = {}) => ({
  path: `c/${name}`,
  etag,
  bytes,
  ...more,
})

test('plain, empty and of many megabytes', async () => {
  await readsAs(await put('plain', 'hello there'), 'hello there')
  await readsAs(await put('empty', ''), '')
  const whole = 'abcdefgh'.repeat(400_000)
  const large = await put('large', whole)
  assert.equal(await read(large, 1_048_570, 2_097_160), whole.slice(1_048_570, 2_097_160))
})

test('a completed upload reads as its parts in their order', async () => {
  const upload = await uploadCreate(engine, { by, ...key('parts'), ...draft, owner: 'user' })
  const parts = []
  for (const [number, bytes] of [
    [2, 'second'],
    [9, 'third'],
    [1, 'first'],
  ] as const)
    parts.push(await partPut(engine, { by, uploadId: upload.id, number, body: await take(bytes) }))
  const { object } = await uploadComplete(engine, {
    by,
    ...key('parts'),
    uploadId: upload.id,
    parts: parts.toSorted((a, b) => a.number - b.number),
    minPartBytes: 0,
  })
  await readsAs(object, 'firstsecondthird')
})

test('a manifest reads as its segments, their ranges, its own bytes and other manifests', async () => {
  const [one, two] = [await put('one', '0123456789'), await put('two', 'abcdef')]
  const own = await take('(own)')
  const inner = await put('inner', '', {
    kind: 'slo',
    etag: 'inner',
    bytes: 9,
    segments: [segment(two), segment(one, { first: 7, last: 9 })],
  })
  await readsAs(inner, 'abcdef789')
  const segments = [
    segment(one, { first: 2, last: 4 }),
    { body: own, etag: own.md5, bytes: own.bytes },
    { ...segment(inner, { first: 4, last: 7 }), sub_slo: true },
  ]
  const outer = await put('outer', '', { kind: 'slo', etag: 'outer', bytes: 12, segments })
  await readsAs(outer, '234(own)ef78')
})

const isBad = (error: { kind?: string }) => error.kind === 'bad-segment'

test('a segment that changed, is gone or may not be read ends the reading before its first byte', async () => {
  const piece = await put('piece', 'abc')
  const whole = await put('whole', '', { kind: 'slo', etag: 'x', bytes: 3, segments: [segment(piece)] })
  await readsAs(whole, 'abc')
  await assert.rejects(read(whole, 0, 3, { mayRead: () => false }), isBad)
  await put('piece', 'xyz')
  await assert.rejects(read(whole, 0, 3), isBad)
  await objectDelete(engine, { by, ...key('piece') })
  await assert.rejects(read(whole, 0, 3), isBad)
})

test('F manifests that hold themselves by way of others end', async () => {
  const empty = await put('loop', 'x')
  const loop = await put('loop', '', { kind: 'slo', etag: empty.etag, bytes: 1, segments: [segment(empty)] })
  await assert.rejects(read(loop, 0, 1), isBad)
})

test('attack: a body that nobody begins to read closes the piece that is open', async () => {
  const first = new Readable({ read() {} })
  async function* bytes() {
    yield* first
  }
  const body = begunWith(first, bytes())
  body.destroy()
  await once(body, 'close')
  assert.ok(first.destroyed)
})

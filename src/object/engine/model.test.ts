// Random acts against a simple model of the same container: what is seen, what is counted and what bytes are named agree after each run.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { bodyOf, by, testEngine, type TestEngine } from '../../../test/support/objects.ts'
import { forEachDialect } from '../../../test/support/postgres.ts'
import { sql } from '../../platform/store/store.ts'
import type { Versioning } from '../store/tables.ts'
import {
  containerFind,
  containerPut,
  containerUpdate,
  objectCopy,
  objectDelete,
  objectPut,
  objectRename,
  objectsList,
  versionsList,
} from './index.ts'

const account = 'acc'

interface Version {
  text: string
  isMarker: boolean
  isNull: boolean
}

/** A name's versions, newest first; the first is current unless it is a marker. */
class Model {
  versioning: Versioning = ''
  names = new Map<string, Version[]>()

  of(name: string): Version[] {
    return this.names.get(name) ?? []
  }
  current(name: string): Version | undefined {
    const [first] = this.of(name)
    return first && !first.isMarker ? first : undefined
  }
  #add(name: string, text: string, isMarker: boolean): void {
    const isNull = this.versioning !== 'enabled'
    const kept = this.of(name).filter((version) => !isNull || !version.isNull)
    this.names.set(name, [{ text, isMarker, isNull }, ...kept])
  }
  put(name: string, text: string): void {
    this.#add(name, text, false)
  }
  delete(name: string): void {
    if (this.versioning === '') this.names.delete(name)
    else this.#add(name, '', true)
  }
  erase(name: string, at: number): void {
    this.names.set(
      name,
      this.of(name).filter((_, index) => index !== at),
    )
  }
  copy(from: string, to: string): void {
    const source = this.current(from)
    if (source) this.put(to, source.text)
  }
}

const names = ['a', 'a/b', 'ä', 'ｚ', '😀']
const nameOf = fc.constantFrom(...names)
const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ act: fc.constant('put' as const), name: nameOf, text: fc.constantFrom('', 'x', 'yy', 'zzz') }) },
  { weight: 3, arbitrary: fc.record({ act: fc.constant('delete' as const), name: nameOf }) },
  { weight: 2, arbitrary: fc.record({ act: fc.constant('erase' as const), name: nameOf, at: fc.nat(3) }) },
  { weight: 2, arbitrary: fc.record({ act: fc.constantFrom('copy' as const, 'rename' as const), name: nameOf, to: nameOf }) },
  {
    weight: 1,
    arbitrary: fc.record({ act: fc.constant('versioning' as const), to: fc.constantFrom('enabled' as const, 'suspended' as const) }),
  },
)
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

async function act(engine: TestEngine, container: string, model: Model, wanted: Step): Promise<void> {
  const key = (name: string) => ({ account, container, name })
  switch (wanted.act) {
    case 'put':
      model.put(wanted.name, wanted.text)
      await objectPut(engine, { by, ...key(wanted.name), contentType: 't', metadata: {}, system: {}, body: bodyOf(wanted.text) })
      break
    case 'delete':
      model.delete(wanted.name)
      await objectDelete(engine, { by, ...key(wanted.name) })
      break
    case 'erase': {
      const version = (await versionIds(engine, container, wanted.name))[wanted.at]
      if (version === undefined) return
      model.erase(wanted.name, wanted.at)
      await objectDelete(engine, { by, ...key(wanted.name), version })
      break
    }
    case 'versioning':
      model.versioning = wanted.to
      await containerUpdate(engine, { by, account, name: container, versioning: wanted.to })
      break
    default:
      if (!model.current(wanted.name) || wanted.name === wanted.to) return
      model.copy(wanted.name, wanted.to)
      if (wanted.act === 'rename') model.delete(wanted.name)
      await (wanted.act === 'copy' ? objectCopy : objectRename)(engine, { by, from: key(wanted.name), to: key(wanted.to) })
  }
}

async function versionRowsOf(engine: TestEngine, container: string) {
  const row = (await containerFind(engine, account, container)) ?? assert.fail()
  const { entries } = await versionsList(engine, row, { limit: 1000 })
  return { row, rows: entries.flatMap((entry) => ('row' in entry ? [entry.row] : [])) }
}

const versionIds = async (engine: TestEngine, container: string, name: string) =>
  (await versionRowsOf(engine, container)).rows.filter((row) => row.name === name).map((row) => row.version_us)

async function agree(engine: TestEngine, container: string, model: Model): Promise<void> {
  const { row, rows } = await versionRowsOf(engine, container)
  for (const name of names)
    assert.deepEqual(
      rows.filter((one) => one.name === name).map(({ etag, is_marker, is_null }) => [is_marker ? '' : etag, is_marker, is_null]),
      model.of(name).map(({ text, isMarker, isNull }) => [isMarker ? '' : bodyOf(text).md5, isMarker, isNull]),
      name,
    )
  const listed = (await objectsList(engine, row, { limit: 100 })).entries.flatMap((entry) => ('row' in entry ? [entry.row.name] : []))
  assert.deepEqual(
    listed,
    names.filter((name) => model.current(name)),
  )
  const all = names.flatMap((name) => model.of(name).map((version, index) => ({ ...version, isCurrent: index === 0 && !version.isMarker })))
  const bytes = (versions: Version[]) => versions.reduce((sum, { text }) => sum + text.length, 0)
  const [current, others] = [all.filter(({ isCurrent }) => isCurrent), all.filter(({ isCurrent }) => !isCurrent)]
  assert.deepEqual(
    [row.object_count, row.bytes_used, row.version_count, row.version_bytes, row.part_bytes],
    [current.length, bytes(current), others.length, bytes(others), 0],
  )
}

/** Every blob counts the rows that name it. */
async function refsAgree({ store }: TestEngine): Promise<void> {
  const { rows } = await sql<{ id: string }>`
    select id from blobs where refs <> (select count(*) from objects where blob_id = blobs.id) + (select count(*) from versions where blob_id = blobs.id)
      or (refs = 0) <> (state = 'garbage') or (refs = 0) <> (garbage_us is not null)`.execute(store.as())
  assert.deepEqual(rows, [])
}

forEachDialect(
  'random puts, copies, renames and deletes with versions off, on and suspended leave what a model says',
  async (store, dialect) => {
    const engine = await testEngine(store)
    let runs = 0
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const container = `c${runs++}`
        await containerPut(engine, { by, account, name: container })
        const model = new Model()
        for (const one of steps) await act(engine, container, model, one)
        await agree(engine, container, model)
      }),
      { numRuns: dialect === 'sqlite' ? 60 : 10 },
    )
    await refsAgree(engine)
  },
)

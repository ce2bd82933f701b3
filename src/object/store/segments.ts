// SQL of the pieces of large objects. They belong to one version of an object and go where it goes.
import { sql, type DeleteResult, type InsertResult, type RawBuilder, type UpdateResult } from 'kysely'
import { shapedStatement, statement } from '../../platform/store/statement.ts'
import type { Db } from '../../platform/store/store.ts'
import { namedBy, releaseNamedBy } from './blobs.ts'
import { inPortions, type Portion } from './portions.ts'
import type { ObjectRow, ObjectTables, SegmentRow } from './tables.ts'

/** The version whose pieces are meant. */
export type Whole = Pick<ObjectRow, 'container_id' | 'name' | 'version_us'>

type Pieces = Whole & Portion

const page = statement<ObjectTables, Whole & { after: number; limit: number }, SegmentRow>(
  (from, { container_id, name, version_us, after, limit }) =>
    from
      .selectFrom('segments')
      .selectAll()
      .where('container_id', '=', container_id)
      .where('name', '=', name)
      .where('version_us', '=', version_us)
      .where('number', '>', after)
      .orderBy('number')
      .limit(limit),
)

const last = statement<ObjectTables, Whole, { number: number }>((from, { container_id, name, version_us }) =>
  from
    .selectFrom('segments')
    .select('number')
    .where('container_id', '=', container_id)
    .where('name', '=', name)
    .where('version_us', '=', version_us)
    .orderBy('number', 'desc')
    .limit(1),
)

/** of one statement; each number of rows is a statement that is compiled once */
const insertedAtOnce = 40

const insert = shapedStatement<ObjectTables, { rows: SegmentRow[] }, InsertResult>((from, { rows }) =>
  from.insertInto('segments').values(rows as never),
)

const these = ({ container_id, name, version_us, above, upTo }: Pieces): RawBuilder<boolean> =>
  sql`container_id = ${container_id} and name = ${name} and version_us = ${version_us} and number > ${above} and number <= ${upTo}`

/** Statements that Kysely would not shorten. */
const text = <Values extends object, Result>(build: (values: Values) => RawBuilder<Result>) =>
  statement<ObjectTables, Values, Result>((_, values) => build(values))

const remove = text<Pieces, DeleteResult>((of) => sql`delete from segments where ${these(of)}`)

const kept = sql.raw('number, blob_id, path, etag, bytes, first, last, sub_slo, content_type, last_modified_us, checksum')

type Going = Pieces & { toContainer: string; toName: string; toVersion: number }

const copy = text<Going, InsertResult>(
  (of) => sql`
    insert into segments (container_id, name, version_us, ${kept})
    select cast(${of.toContainer} as text), cast(${of.toName} as text), cast(${of.toVersion} as bigint), ${kept} from segments
    where ${these(of)}`,
)

const move = text<Going, UpdateResult>(
  (of) => sql`update segments set container_id = ${of.toContainer}, name = ${of.toName}, version_us = ${of.toVersion} where ${these(of)}`,
)

const naming = (of: Pieces) => sql`segments where ${these(of)}`

const retain = text<Pieces, UpdateResult>(
  (of) => sql`update blobs set refs = refs + used.times from ${namedBy(naming(of))} where blobs.id = used.blob_id`,
)

const release = text<Pieces & { nowUs: number }, UpdateResult>((of) => releaseNamedBy(naming(of), of.nowUs))

async function ofAll(db: Db, { container_id, name, version_us }: Whole, work: (of: Pieces) => Promise<unknown>): Promise<void> {
  const whole = { container_id, name, version_us }
  await inPortions((await last.first(db, whole))?.number ?? 0, (portion) => work({ ...whole, ...portion }))
}

const target = ({ container_id, name, version_us }: Whole) => ({ toContainer: container_id, toName: name, toVersion: version_us })

export const segmentRows = {
  page: (db: Db, { container_id, name, version_us }: Whole, of: { after: number; limit: number }) =>
    page.rows(db, { container_id, name, version_us, ...of }),
  /** All of a new object, numbered from 1 on. */
  insertMany: (db: Db, rows: readonly SegmentRow[]) =>
    inPortions(rows.length, async ({ above, upTo }) => {
      const some = rows.slice(above, upTo)
      for (let at = 0; at < some.length; at += insertedAtOnce) await insert.change(db, { rows: some.slice(at, at + insertedAtOnce) })
    }),
  /** The same pieces for another object; their blobs are named once more. */
  copy: (db: Db, from: Whole, to: Whole) =>
    ofAll(db, from, async (of) => {
      await copy.change(db, { ...of, ...target(to) })
      await retain.change(db, of)
    }),
  /** They go with their object to another name. */
  move: (db: Db, from: Whole, to: Whole) => ofAll(db, from, (of) => move.change(db, { ...of, ...target(to) })),
  /** They are gone, and what only they named is garbage. */
  delete: (db: Db, of: Whole, nowUs: number) =>
    ofAll(db, of, async (pieces) => {
      await release.change(db, { ...pieces, nowUs })
      await remove.change(db, pieces)
    }),
}

// SQL of the pieces of large objects. They belong to one version of an object and go where it goes.
import { sql, type DeleteResult, type InsertResult, type UpdateResult } from 'kysely'
import { rows } from '../../platform/store/rows.ts'
import { statement } from '../../platform/store/statement.ts'
import type { Db } from '../../platform/store/store.ts'
import type { ObjectRow, ObjectTables, SegmentRow } from './tables.ts'

/** The version whose pieces are meant. */
export type Whole = Pick<ObjectRow, 'container_id' | 'name' | 'version_us'>

const wholeOf = ({ container_id, name, version_us }: Whole): Whole => ({ container_id, name, version_us })

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

const remove = statement<ObjectTables, Whole, DeleteResult>((from, { container_id, name, version_us }) =>
  from.deleteFrom('segments').where('container_id', '=', container_id).where('name', '=', name).where('version_us', '=', version_us),
)

const kept = sql.raw('number, blob_id, path, etag, bytes, first, last, sub_slo, content_type, last_modified_us, checksum')

/** Statements that Kysely would not shorten. */
const text = <Values extends object, Result>(build: (values: Values) => ReturnType<typeof sql<Result>>) =>
  statement<ObjectTables, Values, Result>((_, values) => build(values))

interface Copied {
  container: string
  object: string
  version: number
  toContainer: string
  toObject: string
  toVersion: number
}

const copy = text<Copied, InsertResult>(
  ({ container, object, version, toContainer, toObject, toVersion }) => sql`
    insert into segments (container_id, name, version_us, ${kept})
    select cast(${toContainer} as text), cast(${toObject} as text), cast(${toVersion} as bigint), ${kept} from segments
    where container_id = ${container} and name = ${object} and version_us = ${version}`,
)

const move = statement<ObjectTables, Copied, UpdateResult>((from, { container, object, version, toContainer, toObject, toVersion }) =>
  from
    .updateTable('segments')
    .set({ container_id: toContainer, name: toObject, version_us: toVersion })
    .where('container_id', '=', container)
    .where('name', '=', object)
    .where('version_us', '=', version),
)

const copied = (from: Whole, to: Whole): Copied => ({
  container: from.container_id,
  object: from.name,
  version: from.version_us,
  toContainer: to.container_id,
  toObject: to.name,
  toVersion: to.version_us,
})

const used = (of: Whole) => sql`
  (select blob_id, count(*) as times from segments
   where container_id = ${of.container_id} and name = ${of.name} and version_us = ${of.version_us} and blob_id is not null
   group by blob_id) as used`

const retain = text<Whole, UpdateResult>(
  (of) => sql`update blobs set refs = refs + used.times from ${used(of)} where blobs.id = used.blob_id`,
)

const release = text<Whole & { nowUs: number }, UpdateResult>(
  (of) => sql`
    update blobs set refs = refs - used.times, state = case when refs = used.times then 'garbage' else state end,
      garbage_us = case when refs = used.times then cast(${of.nowUs} as bigint) else garbage_us end
    from ${used(of)} where blobs.id = used.blob_id`,
)

const table = rows<SegmentRow>('segments', 'number' as never)

export const segmentRows = {
  page: (db: Db, of: Whole, { after, limit }: { after: number; limit: number }) => page.rows(db, { ...wholeOf(of), after, limit }),
  insertMany: (db: Db, list: readonly SegmentRow[]) => table.insertMany(db, list),
  /** The same pieces for another object; their blobs are named once more. */
  async copy(db: Db, from: Whole, to: Whole): Promise<void> {
    await copy.change(db, copied(from, to))
    await retain.change(db, wholeOf(to))
  },
  /** They go with their object to another name. */
  move: (db: Db, from: Whole, to: Whole) => move.change(db, copied(from, to)),
  /** They are gone, and what only they named is garbage. */
  async delete(db: Db, of: Whole, nowUs: number): Promise<void> {
    await release.change(db, { ...wholeOf(of), nowUs })
    await remove.change(db, wholeOf(of))
  },
}

// SQL of blobs: bytes that rows name. A blob comes with the first row that names it and is garbage with the last; it is reclaimed a while
// later, when nobody who has read such a row can still be on the way to its bytes.
import { sql, type DeleteResult, type InsertResult, type RawBuilder, type UpdateResult } from 'kysely'
import { lineAdd } from '../../platform/events/buffer.ts'
import type { EventLine } from '../../platform/events.ts'
import { idList, inList, type InList } from '../../platform/store/ids-in.ts'
import { statement } from '../../platform/store/statement.ts'
import type { Db } from '../../platform/store/store.ts'
import type { BlobRow, ObjectTables, SmallRow } from './tables.ts'

/** What a blob's row is made of. */
export interface NewBlob extends Pick<BlobRow, 'bytes' | 'md5' | 'crcs' | 'place' | 'directory' | 'key'> {
  /** null: there are no bytes at all */
  id: string | null
  small: Uint8Array | null
  /** told when the row is committed */
  settled?(): void
}

const insert = statement<ObjectTables, Omit<BlobRow, 'refs' | 'state' | 'garbage_us'>, InsertResult>((from, row) =>
  from.insertInto('blobs').values({
    id: row.id,
    bytes: row.bytes,
    md5: row.md5,
    crcs: row.crcs,
    refs: 1,
    place: row.place,
    directory: row.directory,
    state: 'kept',
    key: row.key,
    created_us: row.created_us,
    garbage_us: null,
  }),
)

const insertSmall = statement<ObjectTables, SmallRow, InsertResult>((from, row) =>
  from.insertInto('small').values({ blob_id: row.blob_id, bytes: row.bytes }),
)

const retain = statement<ObjectTables, { id: string }, UpdateResult>((from, { id }) =>
  from
    .updateTable('blobs')
    .set({ refs: sql<number>`refs + 1`, state: sql<'kept'>`case when refs = 0 then 'kept' else state end`, garbage_us: null })
    .where('id', '=', id),
)

const release = statement<ObjectTables, { id: string; nowUs: number }, UpdateResult>((from, { id, nowUs }) =>
  from
    .updateTable('blobs')
    .set({
      refs: sql<number>`refs - 1`,
      state: sql<'kept'>`case when refs = 1 then 'garbage' else state end`,
      garbage_us: sql<number>`case when refs = 1 then cast(${nowUs} as bigint) else garbage_us end`,
    })
    .where('id', '=', id),
)

/** The same for all blobs that these rows name (`parts where …`): one of them may be named by several. */
export const releaseNamedBy = (naming: RawBuilder<unknown>, nowUs: number): RawBuilder<UpdateResult> => sql`
  update blobs set refs = refs - used.times, state = case when refs = used.times then 'garbage' else state end,
    garbage_us = case when refs = used.times then cast(${nowUs} as bigint) else garbage_us end
  from ${namedBy(naming)} where blobs.id = used.blob_id`

/** How often each blob is named by these rows. */
export const namedBy = (naming: RawBuilder<unknown>): RawBuilder<unknown> =>
  sql`(select blob_id, count(*) as times from ${naming} and blob_id is not null group by blob_id) as used`

const fetch = statement<ObjectTables, { id: string }, BlobRow>((from, { id }) => from.selectFrom('blobs').selectAll().where('id', '=', id))

/** The row of new bytes, named once, with the bytes themselves where they are few. Nothing for no bytes. */
export async function blobInsert(db: Db, body: NewBlob, nowUs: number): Promise<void> {
  const { id, small, settled } = body
  if (id === null) return
  await insert.change(db, { ...body, id, created_us: nowUs })
  if (small) await insertSmall.change(db, { blob_id: id, bytes: small })
  if (settled) db.afterCommit(settled)
}

/** One more row names each of these. */
export async function blobsRetain(db: Db, ids: readonly (string | null)[]): Promise<void> {
  for (const id of ids) if (id !== null) await retain.change(db, { id })
}

/** One row less names each of these. */
export async function blobsRelease(db: Db, ids: readonly (string | null)[], nowUs: number): Promise<void> {
  for (const id of ids) if (id !== null) await release.change(db, { id, nowUs })
}

export const blobFetch = (db: Db, id: string): Promise<BlobRow | undefined> => fetch.first(db, { id })

const fetchSmall = statement<ObjectTables, { id: string }, { bytes: Uint8Array }>((from, { id }) =>
  from.selectFrom('small').select('bytes').where('blob_id', '=', id),
)
export const smallFetch = async (db: Db, id: string): Promise<Uint8Array | undefined> => (await fetchSmall.first(db, { id }))?.bytes

/** As the index of all that is not kept says it: without it SQLite reads through every blob. */
const isIndexed = sql<boolean>`state <> 'kept'`

const garbage = statement<ObjectTables, { beforeUs: number; afterUs: number; limit: number }, BlobRow>(
  (from, { beforeUs, afterUs, limit }) =>
    from
      .selectFrom('blobs')
      .selectAll()
      .where('state', '=', 'garbage')
      .where(isIndexed)
      .where((is) => is.or([is('garbage_us', '<', beforeUs), is('garbage_us', '>', afterUs)]))
      .orderBy('id')
      .limit(limit),
)
/** Garbage since before the one time, or after the other, which is to come. */
export const blobsGarbage = (db: Db, times: { beforeUs: number; afterUs: number }, limit: number): Promise<BlobRow[]> =>
  garbage.rows(db, { ...times, limit })

const deleteSmall = statement<ObjectTables, InList, DeleteResult>((from, { list }, db) =>
  from.deleteFrom('small').where(inList(db, 'blob_id', list)),
)
const deleteGarbage = statement<ObjectTables, InList, DeleteResult>((from, { list }, db) =>
  from
    .deleteFrom('blobs')
    .where('refs', '<=', 0)
    .where(inList(db, 'id', list)),
)
/** The rows of garbage whose bytes are gone, and the bytes of what was small. */
export async function blobsForget(db: Db, ids: readonly string[]): Promise<void> {
  const list = idList(ids)
  await deleteSmall.change(db, { list })
  await deleteGarbage.change(db, { list })
}

const known = statement<ObjectTables, InList, { id: string }>((from, { list }, db) =>
  from
    .selectFrom('blobs')
    .select('id')
    .where(inList(db, 'id', list)),
)
/** Those of these ids that have a row. */
export const blobsKnown = async (db: Db, ids: Iterable<string>): Promise<Set<string>> =>
  new Set((await known.rows(db, { list: idList(ids) })).map(({ id }) => id))

const page = statement<ObjectTables, { after: string; limit: number }, BlobRow>((from, { after, limit }) =>
  from.selectFrom('blobs').selectAll().where('id', '>', after).orderBy('id').limit(limit),
)
export const blobsAfter = (db: Db, after: string, limit: number): Promise<BlobRow[]> => page.rows(db, { after, limit })

const markRotten = statement<ObjectTables, { id: string }, UpdateResult>((to, { id }) =>
  to.updateTable('blobs').set({ state: 'rotten' }).where('id', '=', id).where('state', '=', 'kept'),
)
/** Once; false when it is rotten or garbage already. */
export async function blobRotten(db: Db, id: string, line: EventLine): Promise<boolean> {
  if ((await markRotten.change(db, { id })) === 0) return false
  lineAdd(db, line)
  return true
}

const rotten = statement<ObjectTables, { state: 'rotten' }, { count: number | string }>((from, { state }) =>
  from
    .selectFrom('blobs')
    .select((e) => e.fn.countAll().as('count'))
    .where('state', '=', state)
    .where(isIndexed),
)
export const rottenCount = async (db: Db): Promise<number> => Number((await rotten.one(db, { state: 'rotten' })).count)

const count = statement<ObjectTables, { after: string }, { count: number | string }>((from, { after }) =>
  from
    .selectFrom('blobs')
    .select((e) => e.fn.countAll().as('count'))
    .where('id', '>', after),
)
export const blobsCount = async (db: Db): Promise<number> => Number((await count.one(db, { after: '' })).count)

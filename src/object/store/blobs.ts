// SQL of blobs: bytes that rows name. A blob comes with the first row that names it and is garbage with the last.
import { sql, type InsertResult, type UpdateResult } from 'kysely'
import { statement } from '../../platform/store/statement.ts'
import type { Db } from '../../platform/store/store.ts'
import type { BlobRow, ObjectTables, SmallRow } from './tables.ts'

/** What a blob's row is made of. */
export interface NewBlob extends Pick<BlobRow, 'bytes' | 'md5' | 'crcs' | 'place' | 'directory' | 'key'> {
  /** null: there are no bytes at all */
  id: string | null
  small: Uint8Array | null
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

const fetch = statement<ObjectTables, { id: string }, BlobRow>((from, { id }) => from.selectFrom('blobs').selectAll().where('id', '=', id))

/** The row of new bytes, named once, with the bytes themselves where they are few. Nothing for no bytes. */
export async function blobInsert(db: Db, body: NewBlob, nowUs: number): Promise<void> {
  const { id, small } = body
  if (id === null) return
  await insert.change(db, { ...body, id, created_us: nowUs })
  if (small) await insertSmall.change(db, { blob_id: id, bytes: small })
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

// SQL of uploads that are open, and of their parts.
import { sql, type DeleteResult, type InsertResult, type RawBuilder, type UpdateResult } from 'kysely'
import { rows } from '../../platform/store/rows.ts'
import { shapedStatement, statement } from '../../platform/store/statement.ts'
import type { Db } from '../../platform/store/store.ts'
import { releaseNamedBy } from './blobs.ts'
import { inRange, type Bounds } from './name-range.ts'
import { columnsOf, excluded } from './objects.ts'
import { inPortions, type Portion } from './portions.ts'
import type { ObjectTables, PartRow, UploadRow } from './tables.ts'

const table = rows<UploadRow>('uploads')

type PageOf = Bounds & { containerId: string; limit: number }

const page = shapedStatement<ObjectTables, PageOf, UploadRow>((query, { containerId, limit, ...range }) => {
  return query
    .selectFrom('uploads')
    .selectAll()
    .where('container_id', '=', containerId)
    .where(inRange(range))
    .orderBy('name')
    .orderBy('id')
    .limit(limit)
})

const later = statement<ObjectTables, { containerId: string; name: string; id: string; limit: number }, UploadRow>(
  (from, { containerId, name, id, limit }) =>
    from
      .selectFrom('uploads')
      .selectAll()
      .where('container_id', '=', containerId)
      .where('name', '=', name)
      .where('id', '>', id)
      .orderBy('id')
      .limit(limit),
)

const older = statement<ObjectTables, { beforeUs: number; limit: number }, UploadRow>((from, { beforeUs, limit }) =>
  from.selectFrom('uploads').selectAll().where('created_us', '<', beforeUs).orderBy('created_us').limit(limit),
)

export const uploadRows = {
  fetch: table.fetch,
  insert: table.insert,
  delete: (db: Db, id: string) => table.delete(db, id),
  /** By name, and of each name by id. */
  page: (db: Db, of: PageOf) => page.rows(db, of),
  /** Of one name those behind this id. */
  later: (db: Db, containerId: string, name: string, of: { id: string; limit: number }) => later.rows(db, { containerId, name, ...of }),
  /** Those that were begun before, oldest first. */
  older: (db: Db, of: { beforeUs: number; limit: number }) => older.rows(db, of),
}

const partColumns = ['upload_id', 'number', 'blob_id', 'bytes', 'etag', 'checksum', 'modified_us'] as const satisfies (keyof PartRow)[]

const findPart = statement<ObjectTables, { uploadId: string; number: number }, PartRow>((from, { uploadId, number }) =>
  from.selectFrom('parts').selectAll().where('upload_id', '=', uploadId).where('number', '=', number),
)

const setPart = statement<ObjectTables, PartRow, InsertResult>((from, row) =>
  from
    .insertInto('parts')
    .values(columnsOf(row, partColumns))
    .onConflict((conflict) => conflict.columns(['upload_id', 'number']).doUpdateSet(excluded(partColumns.slice(2)))),
)

const partsPage = statement<ObjectTables, { uploadId: string; after: number; limit: number }, PartRow>((from, { uploadId, after, limit }) =>
  from.selectFrom('parts').selectAll().where('upload_id', '=', uploadId).where('number', '>', after).orderBy('number').limit(limit),
)

const deletePart = statement<ObjectTables, { uploadId: string; number: number }, DeleteResult>((from, { uploadId, number }) =>
  from.deleteFrom('parts').where('upload_id', '=', uploadId).where('number', '=', number),
)

const lastPart = statement<ObjectTables, { uploadId: string }, { number: number }>((from, { uploadId }) =>
  from.selectFrom('parts').select('number').where('upload_id', '=', uploadId).orderBy('number', 'desc').limit(1),
)

type Some = Portion & { uploadId: string }

const these = ({ uploadId, above, upTo }: Some): RawBuilder<boolean> =>
  sql`upload_id = ${uploadId} and number > ${above} and number <= ${upTo}`

const deleteParts = statement<ObjectTables, Some, DeleteResult>((_, of) => sql<DeleteResult>`delete from parts where ${these(of)}`)

const releaseParts = statement<ObjectTables, Some & { nowUs: number }, UpdateResult>((_, of) =>
  releaseNamedBy(sql`parts where ${these(of)}`, of.nowUs),
)

interface Completed {
  uploadId: string
  containerId: string
  name: string
  versionUs: number
  contentType: string
}

const toSegments = statement<ObjectTables, Completed & Some, InsertResult>(
  (_, of) => sql<InsertResult>`
    insert into segments (container_id, name, version_us, number, blob_id, path, etag, bytes, first, last, sub_slo, content_type,
      last_modified_us, checksum)
    select cast(${of.containerId} as text), cast(${of.name} as text), cast(${of.versionUs} as bigint), number, blob_id, null, etag, bytes, null, null, 0,
      cast(${of.contentType} as text), modified_us, checksum
    from parts where ${these(of)}`,
)

async function ofAll(db: Db, uploadId: string, work: (of: Some) => Promise<unknown>): Promise<void> {
  await inPortions((await lastPart.first(db, { uploadId }))?.number ?? 0, (portion) => work({ uploadId, ...portion }))
}

const partBytes = statement<ObjectTables, { uploadId: string }, { bytes: number | null }>(
  (_, { uploadId }) => sql<{ bytes: number | null }>`select cast(sum(bytes) as bigint) as bytes from parts where upload_id = ${uploadId}`,
)

export const partRows = {
  find: (db: Db, uploadId: string, number: number) => findPart.first(db, { uploadId, number }),
  /** In place of the part that had its number. */
  set: (db: Db, row: PartRow) => setPart.change(db, row),
  page: (db: Db, uploadId: string, of: { after: number; limit: number }) => partsPage.rows(db, { uploadId, ...of }),
  delete: (db: Db, uploadId: string, number: number) => deletePart.change(db, { uploadId, number }),
  bytesOf: async (db: Db, uploadId: string) => (await partBytes.one(db, { uploadId })).bytes ?? 0,
  /** All that are left are gone, and what only they named is garbage. */
  end: (db: Db, uploadId: string, nowUs: number) =>
    ofAll(db, uploadId, async (of) => {
      await releaseParts.change(db, { ...of, nowUs })
      await deleteParts.change(db, of)
    }),
  /** All that are left become the pieces of an object, with their blobs. */
  become: (db: Db, completed: Completed) =>
    ofAll(db, completed.uploadId, async (of) => {
      await toSegments.change(db, { ...completed, ...of })
      await deleteParts.change(db, of)
    }),
}

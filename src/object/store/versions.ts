// SQL of versions that are not current, and of delete markers.
import { sql, type DeleteResult, type InsertResult } from 'kysely'
import { shapedStatement, statement } from '../../platform/store/statement.ts'
import type { Db } from '../../platform/store/store.ts'
import { directionOf, inRange, type NameRange } from './name-range.ts'
import { columnsOf, excluded, objectColumnNames } from './objects.ts'
import type { ObjectTables, VersionRow } from './tables.ts'

const columnNames = [...objectColumnNames, 'is_marker'] as const satisfies (keyof VersionRow)[]

interface Named {
  containerId: string
  name: string
}

const find = statement<ObjectTables, Named & { versionUs: number }, VersionRow>((from, { containerId, name, versionUs }) =>
  from
    .selectFrom('versions')
    .selectAll()
    .where('container_id', '=', containerId)
    .where('name', '=', name)
    .where('version_us', '=', versionUs),
)

const findNull = statement<ObjectTables, Named, VersionRow>((from, { containerId, name }) =>
  from
    .selectFrom('versions')
    .selectAll()
    .where('container_id', '=', containerId)
    .where('name', '=', name)
    // as the index says it
    .where(sql<boolean>`is_null = 1`),
)

const newest = statement<ObjectTables, Named, VersionRow>((from, { containerId, name }) =>
  from
    .selectFrom('versions')
    .selectAll()
    .where('container_id', '=', containerId)
    .where('name', '=', name)
    .orderBy('version_us', 'desc')
    .limit(1),
)

const set = statement<ObjectTables, VersionRow, InsertResult>((from, row) =>
  from
    .insertInto('versions')
    .values(columnsOf(row, columnNames) as never)
    .onConflict((conflict) => conflict.columns(['container_id', 'name', 'version_us']).doUpdateSet(excluded(columnNames.slice(3)))),
)

const remove = statement<ObjectTables, Named & { versionUs: number }, DeleteResult>((from, { containerId, name, versionUs }) =>
  from.deleteFrom('versions').where('container_id', '=', containerId).where('name', '=', name).where('version_us', '=', versionUs),
)

const page = shapedStatement<ObjectTables, NameRange & { containerId: string }, VersionRow>((query, { containerId, ...range }) =>
  query
    .selectFrom('versions')
    .selectAll()
    .where('container_id', '=', containerId)
    .where(inRange(range))
    .orderBy('name', directionOf(range))
    .orderBy('version_us', range.reverse ? 'asc' : 'desc')
    .limit(range.limit),
)

type BesideOf = Named & { versionUs: number; limit: number; reverse: boolean }

const beside = shapedStatement<ObjectTables, BesideOf, VersionRow>((from, { containerId, name, versionUs, limit, reverse }) =>
  from
    .selectFrom('versions')
    .selectAll()
    .where('container_id', '=', containerId)
    .where('name', '=', name)
    .where('version_us', reverse ? '>' : '<', versionUs)
    .orderBy('version_us', reverse ? 'asc' : 'desc')
    .limit(limit),
)

const expired = statement<ObjectTables, { nowUs: number; limit: number; offset: number }, VersionRow>((from, { nowUs, limit, offset }) =>
  from.selectFrom('versions').selectAll().where('expires_us', '<=', nowUs).orderBy('expires_us').limit(limit).offset(offset),
)

const any = statement<ObjectTables, { containerId: string }, { name: string }>((from, { containerId }) =>
  from.selectFrom('versions').select('name').where('container_id', '=', containerId).limit(1),
)

export const versionRows = {
  find: (db: Db, containerId: string, name: string, versionUs: number) => find.first(db, { containerId, name, versionUs }),
  findNull: (db: Db, containerId: string, name: string) => findNull.first(db, { containerId, name }),
  newest: (db: Db, containerId: string, name: string) => newest.first(db, { containerId, name }),
  set: (db: Db, row: VersionRow) => set.change(db, row),
  delete: (db: Db, { container_id: containerId, name, version_us: versionUs }: VersionRow) =>
    remove.change(db, { containerId, name, versionUs }),
  /** By name, and of each name the newest first; `reverse` turns both. */
  page: (db: Db, containerId: string, range: NameRange) => page.rows(db, { containerId, ...range }),
  /** Of one name those before this one, newest first; with `reverse` those after it, oldest first. */
  beside: (db: Db, of: BesideOf) => beside.rows(db, of),
  expired: (db: Db, nowUs: number, of: { limit: number; offset: number }) => expired.rows(db, { nowUs, ...of }),
  any: async (db: Db, containerId: string) => (await any.first(db, { containerId })) !== undefined,
}

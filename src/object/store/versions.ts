// SQL of versions that are not current, and of delete markers.
import { sql, type DeleteResult, type ExpressionBuilder, type InsertResult } from 'kysely'
import { shapedStatement, statement } from '../../platform/store/statement.ts'
import type { Db } from '../../platform/store/store.ts'
import { inRange, type Bounds } from './name-range.ts'
import { columnsOf, objectColumnNames } from './objects.ts'
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
    .onConflict((conflict) =>
      conflict
        .columns(['container_id', 'name', 'version_us'])
        .doUpdateSet(
          (of: ExpressionBuilder<any, any>) =>
            Object.fromEntries(columnNames.slice(3).map((name) => [name, of.ref(`excluded.${name}`)])) as never,
        ),
    ),
)

const remove = statement<ObjectTables, Named & { versionUs: number }, DeleteResult>((from, { containerId, name, versionUs }) =>
  from.deleteFrom('versions').where('container_id', '=', containerId).where('name', '=', name).where('version_us', '=', versionUs),
)

type PageOf = Bounds & { containerId: string; limit: number }

const page = shapedStatement<ObjectTables, PageOf, VersionRow>((query, { containerId, limit, ...range }) => {
  return query
    .selectFrom('versions')
    .selectAll()
    .where('container_id', '=', containerId)
    .where(inRange(range))
    .orderBy('name')
    .orderBy('version_us', 'desc')
    .limit(limit)
})

const older = statement<ObjectTables, Named & { versionUs: number; limit: number }, VersionRow>(
  (from, { containerId, name, versionUs, limit }) =>
    from
      .selectFrom('versions')
      .selectAll()
      .where('container_id', '=', containerId)
      .where('name', '=', name)
      .where('version_us', '<', versionUs)
      .orderBy('version_us', 'desc')
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
  /** By name, and of each name the newest first. */
  page: (db: Db, of: PageOf) => page.rows(db, of),
  /** Of one name those before this one, newest first. */
  older: (db: Db, containerId: string, name: string, of: { versionUs: number; limit: number }) =>
    older.rows(db, { containerId, name, ...of }),
  expired: (db: Db, nowUs: number, of: { limit: number; offset: number }) => expired.rows(db, { nowUs, ...of }),
  any: async (db: Db, containerId: string) => (await any.first(db, { containerId })) !== undefined,
}

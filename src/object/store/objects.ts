// SQL of current objects.
import type { DeleteResult, InsertResult, ExpressionBuilder } from 'kysely'
import { shapedStatement, statement } from '../../platform/store/statement.ts'
import type { Db } from '../../platform/store/store.ts'
import { directionOf, inRange, type NameRange } from './name-range.ts'
import type { ObjectRow, ObjectTables } from './tables.ts'

/** All but the user's metadata, which most listings do not show. */
const listed = [
  'container_id',
  'name',
  'version_us',
  'modified_us',
  'etag',
  'md5',
  'bytes',
  'counted',
  'content_type',
  'kind',
  'blob_id',
  'system',
  'expires_us',
  'is_null',
] as const satisfies (keyof ObjectRow)[]

/** Every column of an object, also of one that is not current. */
export const objectColumnNames = [...listed, 'metadata'] as const satisfies (keyof ObjectRow)[]

/** These members of a row, while a statement is built: which columns it has is written here and not in what it is given. */
export const columnsOf = <Row extends object>(row: Row, names: readonly (keyof Row & string)[]): Row =>
  Object.fromEntries(names.map((name) => [name, row[name]])) as Row

/** These columns as the row has them that was not inserted. */
export const excluded = (names: readonly string[]) => (of: ExpressionBuilder<any, any>) =>
  Object.fromEntries(names.map((name) => [name, of.ref(`excluded.${name}`)])) as never

interface Named {
  containerId: string
  name: string
}

const find = statement<ObjectTables, Named, ObjectRow>((from, { containerId, name }) =>
  from.selectFrom('objects').selectAll().where('container_id', '=', containerId).where('name', '=', name),
)

const set = statement<ObjectTables, ObjectRow, InsertResult>((from, row) =>
  from
    .insertInto('objects')
    .values(columnsOf(row, objectColumnNames) as never)
    .onConflict((conflict) => conflict.columns(['container_id', 'name']).doUpdateSet(excluded(objectColumnNames.slice(2)))),
)

const remove = statement<ObjectTables, Named, DeleteResult>((from, { containerId, name }) =>
  from.deleteFrom('objects').where('container_id', '=', containerId).where('name', '=', name),
)

type PageOf = NameRange & { containerId: string; nowUs: number; metadata: boolean }

const page = shapedStatement<ObjectTables, PageOf, ObjectRow>(
  (from, { containerId, nowUs, metadata, ...range }) =>
    from
      .selectFrom('objects')
      .select(metadata ? objectColumnNames : listed)
      .where('container_id', '=', containerId)
      .where(inRange(range))
      .where((of) => of.or([of('expires_us', 'is', null), of('expires_us', '>', nowUs)]))
      .orderBy('name', directionOf(range))
      .limit(range.limit) as never,
)

const expired = statement<ObjectTables, { nowUs: number; limit: number; offset: number }, ObjectRow>((from, { nowUs, limit, offset }) =>
  from.selectFrom('objects').selectAll().where('expires_us', '<=', nowUs).orderBy('expires_us').limit(limit).offset(offset),
)

const first = statement<ObjectTables, { containerId: string; limit: number }, ObjectRow>((from, { containerId, limit }) =>
  from.selectFrom('objects').selectAll().where('container_id', '=', containerId).orderBy('name').limit(limit),
)

export const objectRows = {
  find: (db: Db, containerId: string, name: string) => find.first(db, { containerId, name }),
  /** The current object of its name, in place of another. */
  set: (db: Db, row: ObjectRow) => set.change(db, row),
  delete: (db: Db, containerId: string, name: string) => remove.change(db, { containerId, name }),
  /** Those that have not expired; `metadata` is empty where it was not asked for. */
  async page(db: Db, { metadata, ...of }: PageOf): Promise<ObjectRow[]> {
    const found = await page.rows(db, { ...of, metadata })
    if (!metadata) for (const row of found) row.metadata = {}
    return found
  },
  /** Those that nobody sees any more, longest gone first. */
  expired: (db: Db, nowUs: number, of: { limit: number; offset: number }) => expired.rows(db, { nowUs, ...of }),
  /** In the order of names, expired ones too. */
  first: (db: Db, containerId: string, limit: number) => first.rows(db, { containerId, limit }),
}

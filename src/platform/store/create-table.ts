// A table in one line a column, for migrations: `createTable(db, 'plans', { columns: { id: 'key', name: 'text!', extra: 'json!' }, … })`.
// An exclamation mark: never null. 'flag' and 'json' are what columns.ts decodes; the domain declares them there too.
import { sql, type Kysely } from 'kysely'

type Type = 'text' | 'integer' | 'bigint' | 'real' | 'flag' | 'json'

/** 'key' is the primary key of its own, a text. */
type ColumnOf = 'key' | Type | `${Type}!`

interface TableShape {
  columns: Record<string, ColumnOf>
  /** what a column holds when nothing is said */
  defaults?: Record<string, string | number>
  /** several columns that together are the key */
  primary?: string[]
  unique?: string[]
  /** columns that name rows of another table, which stays while they are there: a cascade of the database would be told by no timeline */
  belongs?: Record<string, string>
  indexes?: string[][]
}

const stored: Record<Type, 'text' | 'integer' | 'bigint' | 'real'> = {
  text: 'text',
  integer: 'integer',
  bigint: 'bigint',
  real: 'real',
  flag: 'integer',
  json: 'text',
}

/** Creates the table with its constraints and indexes. */
export async function createTable(db: Kysely<never>, name: string, shape: TableShape): Promise<void> {
  let builder = db.schema.createTable(name)
  for (const [column, kind] of Object.entries(shape.columns)) {
    const type = kind === 'key' ? 'text' : stored[kind.replace('!', '') as Type]
    builder = builder.addColumn(column, type, (c) => {
      let built = kind === 'key' ? c.primaryKey() : kind.endsWith('!') ? c.notNull() : c
      const value = shape.defaults?.[column]
      if (value !== undefined) built = built.defaultTo(sql.lit(value))
      const owner = shape.belongs?.[column]
      return owner === undefined ? built : built.references(owner).onDelete('restrict')
    })
  }
  if (shape.primary) builder = builder.addPrimaryKeyConstraint(`${name}_key`, shape.primary as never)
  if (shape.unique) builder = builder.addUniqueConstraint(`${name}_unique`, shape.unique as never)
  await builder.execute()
  for (const columns of shape.indexes ?? []) await createIndex(db, name, columns)
}

const createIndex = (db: Kysely<never>, table: string, columns: string[]): Promise<void> =>
  db.schema
    .createIndex(`${table}_${columns.join('_')}`)
    .on(table)
    .columns(columns)
    .execute()

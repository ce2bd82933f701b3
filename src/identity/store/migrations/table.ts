// A table in one line a column: 'text' and 'integer' may be null, 'text!' and 'integer!' may not, 'key' is the
// primary key of its own. Only for migrations.
import type { Kysely } from 'kysely'

export type ColumnKind = 'key' | 'text' | 'text!' | 'integer' | 'integer!'

export interface TableShape {
  columns: Record<string, ColumnKind>
  /** several columns that together are the key */
  primary?: string[]
  unique?: string[]
  indexes?: string[][]
}

/** Creates the table with its constraints and indexes. */
export async function createTable(db: Kysely<never>, name: string, shape: TableShape): Promise<void> {
  let builder = db.schema.createTable(name)
  for (const [column, kind] of Object.entries(shape.columns)) {
    const type = kind.startsWith('integer') ? 'integer' : 'text'
    builder = builder.addColumn(column, type, (c) => (kind === 'key' ? c.primaryKey() : kind.endsWith('!') ? c.notNull() : c))
  }
  if (shape.primary) builder = builder.addPrimaryKeyConstraint(`${name}_key`, shape.primary as never)
  if (shape.unique) builder = builder.addUniqueConstraint(`${name}_unique`, shape.unique as never)
  await builder.execute()
  for (const columns of shape.indexes ?? [])
    await db.schema
      .createIndex(`${name}_${columns.join('_')}`)
      .on(name)
      .columns(columns)
      .execute()
}

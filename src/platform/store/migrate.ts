// Forward migrations at start. Each domain brings its own numbered list; names are `<domain>-0001-what`.
import { sql, type Kysely } from 'kysely'
import { Migrator, type Migration } from 'kysely/migration'
import { declareColumns, type Columns } from './columns.ts'
import type { DialectName, Store } from './store.ts'
import { table } from '../table.ts'

export type Migrations = Record<string, (db: Kysely<never>, dialect: DialectName) => Promise<void>>

export class NewerDataError extends Error {
  constructor(name: string) {
    super(`the data was made by a newer version of Stackling (it holds the migration ${name}): run that version, or use another --data`)
    this.name = 'NewerDataError'
  }
}

/** A domain's tables: how they came to be, and which of their columns hold more than text and numbers. */
export interface TablesOfDomain {
  domain: string
  migrations: Migrations
  columns?: Columns | undefined
}

/**
 * Applies what is missing, each migration in a transaction of its own; refuses data of a newer version. A store of a domain's own has its
 * tables in a schema of that name on PostgreSQL, where other schemas have tables of the same names.
 */
export async function migrate(store: Store, lists: TablesOfDomain[], schema?: string): Promise<void> {
  const all: Record<string, Migration> = table()
  for (const { domain, migrations } of lists) {
    for (const [name, up] of Object.entries(migrations)) all[`${domain}-${name}`] = { up: (db) => up(db as Kysely<never>, store.dialect) }
  }
  const migrator = new Migrator({
    db: store.as<never>(),
    provider: { getMigrations: async () => all },
    allowUnorderedMigrations: true,
    ...(schema !== undefined && store.dialect === 'postgres' ? { migrationTableSchema: schema } : {}),
  })
  for (const { columns } of lists) if (columns) declareColumns(columns)
  const applied = await appliedNames(store)
  const unknown = applied.find((name) => !(name in all))
  if (unknown) throw new NewerDataError(unknown)
  if (applied.length === Object.keys(all).length) return
  const { error } = await migrator.migrateToLatest()
  if (error) throw error
}

/** Asked by hand: Kysely's introspection reads every column of every table. */
async function appliedNames(store: Store): Promise<string[]> {
  const table = 'kysely_migration'
  const known =
    store.dialect === 'sqlite'
      ? sql<{ name: string | null }>`select name from sqlite_master where type = 'table' and name = ${table}`
      : sql<{ name: string | null }>`select to_regclass(${table})::text as name`
  const { rows: tables } = await known.execute(store.as())
  if (!tables[0]?.name) return []
  const rows = await store.as<{ kysely_migration: { name: string } }>().selectFrom(table).select('name').execute()
  return rows.map((row) => row.name)
}

// Forward migrations at start. Each domain brings its own numbered list; names are `<domain>-0001-what`.
import type { Kysely } from 'kysely'
import { Migrator, type Migration } from 'kysely/migration'
import type { Store } from './store.ts'

export type Migrations = Record<string, (db: Kysely<never>) => Promise<void>>

export class NewerDataError extends Error {
  constructor(name: string) {
    super(`the data was made by a newer version of Stackling (it holds the migration ${name}): run that version, or use another --data`)
    this.name = 'NewerDataError'
  }
}

/** Applies what is missing, each migration in a transaction of its own; refuses data of a newer version. */
export async function migrate(store: Store, lists: { domain: string; migrations: Migrations }[]): Promise<void> {
  const all: Record<string, Migration> = {}
  for (const { domain, migrations } of lists) {
    for (const [name, up] of Object.entries(migrations)) all[`${domain}-${name}`] = { up: (db) => up(db as Kysely<never>) }
  }
  const migrator = new Migrator({
    db: store.as<never>(),
    provider: { getMigrations: async () => all },
    allowUnorderedMigrations: true,
  })
  const applied = await appliedNames(store)
  const unknown = applied.find((name) => !(name in all))
  if (unknown) throw new NewerDataError(unknown)
  if (applied.length === Object.keys(all).length) return
  const { error } = await migrator.migrateToLatest()
  if (error) throw error
}

async function appliedNames(store: Store): Promise<string[]> {
  const tables = await store.as<never>().introspection.getTables({ withInternalKyselyTables: true })
  if (!tables.some((table) => table.name === 'kysely_migration')) return []
  const rows = await store.as<{ kysely_migration: { name: string } }>().selectFrom('kysely_migration').select('name').execute()
  return rows.map((row) => row.name)
}

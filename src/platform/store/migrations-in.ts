// A domain's migrations are the files of a folder: `0007-references.ts` exports one function, and its name is its key for ever.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { assert } from '../errors.ts'
import type { Migrations } from './migrate.ts'

/** `migrations: migrationsIn(import.meta.dirname)`, beside the folder `store/migrations`. A file is loaded when its migration runs. */
export function migrationsIn(domain: string): Migrations {
  const folder = join(domain, 'store', 'migrations')
  const names = readdirSync(folder).filter((name) => /^\d{4}-[a-z0-9-]+\.ts$/.test(name))
  const lazily =
    (name: string): Migrations[string] =>
    async (db, dialect) =>
      (await onlyExport(join(folder, name)))(db, dialect)
  return Object.fromEntries(names.sort().map((name) => [name.slice(0, -3), lazily(name)]))
}

async function onlyExport(file: string): Promise<Migrations[string]> {
  const module = (await import(pathToFileURL(file).href)) as Record<string, Migrations[string]>
  const [migration, ...others] = Object.values(module)
  assert(migration !== undefined && others.length === 0, `${file} must export one function`)
  return migration
}
